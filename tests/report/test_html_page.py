"""The HTML page: what it says, that nothing in a store can act in it, and how large it may grow."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from report_samples import ATTACK, BUDGETS, TARGET, Place, cell, done, put

from benchbox.records import CellResult, Confusion, Diagnostic, LedgerRow, Picture, Status
from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.html import page as html_page
from benchbox.report.html import same_page
from benchbox.report.html.building import Limits
from benchbox.report.html.cells import notes
from benchbox.report.html.matrices import depth
from benchbox.report.html.packing import unpacked
from benchbox.report.html.pictures import MOST_BYTES, small
from benchbox.report.leaderboard import render as render_files
from benchbox.report.paths import suite_route
from benchbox.report.plots import MOST_CURVES, Plot, drawing, scenario_plot
from benchbox.store import Store

HOSTILE = "</script></style><img src=x onerror=alert(1)>"

BESIDE = {"../README.md", "README.md", "data/README.md"}
"""What the page links to beside itself."""


class Elements(HTMLParser):
    """Every element's tag and attributes, and all text outside style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attributes}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.texts.append(data)

    @property
    def ids(self) -> set[str]:
        return {attributes["id"] for _, attributes in self.found if "id" in attributes}

    def links(self) -> Iterator[str]:
        for tag, attributes in self.found:
            if tag == "a":
                yield attributes["href"]


def png() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((28, 28)).save(file, "PNG")
    return file.getvalue()


def put_rich(store: Store, text: str = "") -> str:
    """Record a cell with everything that one can keep; every free text holds ``text``. Return its id."""
    played = cell("drmi[alpha=4]", 0)
    played = played.model_copy(update={"method": played.method.model_copy(update={"name": f"rich{text}"})})
    result = done(played, (0.6, 0.8, 0.9))
    result.confusions = [
        Confusion("", BUDGETS[-1], ((30, 2), (0, 40))),
        Confusion(ATTACK, BUDGETS[-1], ((1, 9), (5, 5))),
    ]
    result.ledger = [LedgerRow(50, f"main{text}", 50, 3, "ab" * 32)]
    result.diagnostics = [Diagnostic(50, f"agreement{text}", 0.25), Diagnostic(100, f"agreement{text}", 0.75)]
    result.pictures = [Picture(f"images{text}", png()), Picture("junk", b"<svg onload=alert(2)>")]
    result.environment = {"python": f"3.11{text}"}
    store.enrol(f"suite{text}", [Place(played, f"rules{text}", f"rich{text}", 0)])
    store.record(played, result, target=TARGET, package=f"package{text}")
    return played.id


def plot_of(store: Store, catalogue: Catalogue) -> tuple[Plot, str]:
    page = read_pages(store, catalogue)[0]
    plot = scenario_plot(page.scenarios[0], page.accuracy(page.scenarios[0]))
    return plot, drawing(plot)


def render(store: Store, catalogue: Catalogue) -> str:
    return render_files(store, catalogue)["index.html"].decode()


def test_every_link_leads_to_a_section_of_the_page(store: Store, catalogue: Catalogue) -> None:
    put_rich(store)
    found = Elements(render(store, catalogue))
    assert {link for link in found.links() if link[1:] not in found.ids and link != "#main"} == BESIDE


def test_it_needs_nothing_else_and_allows_nothing_else(store: Store, catalogue: Catalogue) -> None:
    put_rich(store, HOSTILE)
    text = render(store, catalogue)
    found = Elements(text)
    tags = {tag for tag, _ in found.found}
    assert not tags & {"link", "iframe", "object", "embed", "base", "audio", "video"}
    for tag, attributes in found.found:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], tag
        assert attributes.get("src", "data:image/png").startswith("data:image/png")
    policies = [a["content"] for tag, a in found.found if tag == "meta" and a.get("http-equiv")]
    assert len(policies) == 1
    assert "default-src 'none'" in policies[0]
    assert "unsafe" not in policies[0]
    assert sum(tag == "script" for tag, _ in found.found) == 2


def test_hostile_text_shows_as_text(store: Store, catalogue: Catalogue) -> None:
    put_rich(store, HOSTILE)
    texts = " ".join(Elements(render(store, catalogue)).texts)
    for shown in ("rich", "suite", "rules", "main", "agreement", "images", "package", "3.11"):
        assert f"{shown}{HOSTILE}" in texts


def test_states_differ_in_words_and_icons(store: Store, catalogue: Catalogue) -> None:
    text = render(store, catalogue)
    chips = set(re.findall(r'<span class="chip (\w+)"><i aria-hidden="true">(.)</i>([^<]+)', text))
    states = {"failed", "missing", "not applicable", "privileged", "3 of 5 seeds"}
    assert {words for _, _, words in chips} == states
    assert len({icon for _, icon, _ in chips}) == len({css for css, _, _ in chips}) == len(states)


def test_a_cell_is_told_in_full(store: Store, catalogue: Catalogue) -> None:
    ident = put_rich(store)
    text = render(store, catalogue)
    section = re.search(rf'<section class="page cell" id="/cell/{ident}".*?</section>', text, re.DOTALL)
    assert section
    for said in ("ab" * 32, "agreement", "first 0.25, last 0.75", "total 2.00 s", "rules", "90.0"):
        assert said in section[0]


def test_a_failed_cell_shows_its_error_and_traceback(store: Store, catalogue: Catalogue) -> None:
    played = cell("broken", 0, dataset="other")
    store.enrol("label-only", [Place(played, "real data", "broken", 0)])
    failed = CellResult(played.id, Status.FAILED, error="ValueError: 1 < 2 & 3", traceback="Traceback: line 7")
    store.record(played, failed, target=TARGET)
    text = render(store, catalogue)
    assert "ValueError: 1 &lt; 2 &amp; 3" in text
    assert "Traceback: line 7" in text


def test_a_point_names_its_method_budget_value_interval_and_seeds(store: Store, catalogue: Catalogue) -> None:
    plot, drawn = plot_of(store, catalogue)
    titles = re.findall(r"<title>(.*?)</title>", drawn)
    assert "drmi, 50 queries: 62.0 ± 1.0" in titles
    assert any(re.fullmatch(r"partial, 50 queries: 70.\d \S+ .*\(3 seeds\)", title) for title in titles)
    assert len(titles) == len(set(titles)) == 3 * len(plot.curves)
    assert "style=" not in drawn
    assert len(drawn) < 12_000


def test_beyond_eight_curves_the_rest_is_grey_and_named_where_it_is_chosen(store: Store, catalogue: Catalogue) -> None:
    for i in range(20):
        put(store, "random", (0.9 - i / 25, 0.92 - i / 25, 0.95 - i / 25), label=f"m{i:02}", suite="a", position=i)
    plot, drawn = plot_of(store, catalogue)
    names = re.findall(r'<g class="name ([^"]*)" data-m="([^"]*)">', drawn)
    assert len(plot.curves) == 20
    assert sorted(name for _, name in names) == [f"m{i:02}" for i in range(20)]
    assert sum("chosen" in css for css, _ in names) == MOST_CURVES


def test_pictures_are_cut_down_and_what_is_none_is_left_out(store: Store, catalogue: Catalogue) -> None:
    file = io.BytesIO()
    Image.effect_noise((291, 291), 90).save(file, "PNG")
    cut = small(file.getvalue())
    assert cut is not None
    assert cut[1:] == (291, 59)
    assert len(cut[0]) < 2 * MOST_BYTES
    assert small(b"<svg onload=alert(2)>") is None
    put_rich(store)
    images = [attributes["alt"] for tag, attributes in Elements(render(store, catalogue)).found if tag == "img"]
    assert images == ["images: rich, seed 0"]


@pytest.mark.parametrize(
    ("value", "total", "expected"), [(0, 10, 0), (0, 0, 0), (1, 10_000, 1), (50, 100, 7), (9, 9, 9)]
)
def test_the_depth_of_a_colour_follows_the_share_of_the_row(value: int, total: int, expected: int) -> None:
    assert depth(value, total) == expected


def test_notes_that_differ_by_a_number_stand_in_one_line() -> None:
    found = {f"class_{i}": [1.0, float(i)] for i in range(11)} | {"loss_s": [0.5], "x_1": [2.0]}
    told = dict(notes(found))
    assert told["class_0 … class_10"] == "last 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
    assert told["loss_s"] == "0.5"
    assert told["x_1"] == "last 2"


def test_routes_are_what_encode_uri_component_makes() -> None:
    assert suite_route("a b", 'npz:/x?"ü"', "it's (1)") == "/suite/a%20b/npz%3A%2Fx%3F%22%C3%BC%22/it's%20(1)"


def test_what_does_not_fit_is_said(store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = put_rich(store)
    tight = Limits(whole=0, scenarios=3_000, packed=0, pictures=0, matrices=0, cells=3_000, results=2, method_results=1)
    monkeypatch.setattr("benchbox.report.html.page.Limits", lambda: tight)
    text = render(store, catalogue)
    for said in ("its Markdown page", "cells have no page here", "more lines do not fit here"):
        assert said in text
    assert f'href="#/cell/{ident}"' not in text or f'id="/cell/{ident}"' in text


def test_scenarios_beyond_what_is_readable_are_packed_and_none_is_missing(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_rich(store)
    whole = render(store, catalogue)
    monkeypatch.setattr("benchbox.report.html.page.Limits", lambda: Limits(scenarios=0))
    text = render(store, catalogue)
    assert "This page is full" not in text
    assert "<caption>Ranking</caption>" in whole
    assert "<caption>Ranking</caption>" not in text
    opened = unpacked(text.encode()).decode()
    assert opened.count("<caption>") == whole.count("<caption>")
    assert opened.count("Every seed, and its cell") == text.count('<template class="packed">') > 0


def test_single_cells_get_what_suites_and_rules_leave(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(range(10, 70))  # budgets, which make the rules of a scenario long
    for i in range(20):
        put(store, "random", [0.9] * (60 - i), seeds=(0,), wanted=(0,), suite=f"suite {i}", budgets=many[: 60 - i])

    def size(whole: int) -> int:
        monkeypatch.setattr("benchbox.report.html.page.Limits", lambda: Limits(whole=whole, cells=0))
        return len(render(store, catalogue).encode())

    none = size(0)
    some, everything = size(none + 160_000), size(10_000_000)
    assert none < some <= everything
    assert some < none + 160_000


def test_a_page_that_grows_beyond_its_limit_is_made_again_with_less(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = render(store, catalogue)
    monkeypatch.setattr(html_page, "LIMIT", len(whole.encode()) - 1)
    assert len(render(store, catalogue).encode()) < len(whole.encode())


def test_pages_packed_by_other_versions_are_compared_without_their_pictures(store: Store, catalogue: Catalogue) -> None:
    put_rich(store)
    one = render(store, catalogue).encode()
    repacked = one.replace(b"data:image/png;base64,", b"data:image/png;base64,abc")
    assert repacked != one
    assert not same_page(one, repacked)
    other = re.sub(rb"pillow [\d.]+", b"pillow 0.1", repacked)
    assert same_page(one, other)
    assert not same_page(one, other.replace(b"62.0", b"99.9"))


def test_scenarios_packed_by_other_versions_are_compared_unpacked(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchbox.report.html.page.Limits", lambda: Limits(scenarios=0))
    one = render(store, catalogue).encode()
    monkeypatch.setattr("benchbox.report.html.packing.LEVEL", 1)
    repacked = render(store, catalogue).encode()
    assert not same_page(one, repacked)
    other = re.sub(rb"zlib [\d.]+", b"zlib 0.1", repacked)
    assert same_page(one, other)
    put(store, "random", (0.1, 0.2, 0.3), suite="another")
    assert not same_page(one, re.sub(rb"zlib [\d.]+", b"zlib 0.1", render(store, catalogue).encode()))


def test_methods_say_what_the_plugin_says(store: Store) -> None:
    catalogue = Catalogue.discover()
    text = render(store, catalogue)
    section = re.search(r'<section class="page" id="/method/drmi".*?</section>', text, re.DOTALL)
    assert section
    assert catalogue.get("selector", "drmi").summary in section[0]
    assert "USENIX Security" in section[0]
    assert "grey levels" in section[0]
    assert "Not installed" in re.search(r'id="/method/picky".*?</section>', text, re.DOTALL)[0]  # type: ignore[index]


def test_methods_without_a_result_do_not_count_as_played(store: Store, catalogue: Catalogue) -> None:
    text = render(store, catalogue)
    assert "4 methods in 1 scenario of 1 suite" in text, "of seven, one failed, one is missing and one does not apply"
    listed = re.findall(r'#/method/(\w+)">\1</a><td class=w>\w+<td>(\d+)<td>(\d+)', text)
    assert [name for name, leads, _ in listed if leads == "1"] == ["drmi"]
    assert "<em>Leads</em>: those in which it" in text
    assert {name: scenarios for name, _, scenarios in listed} == {
        **dict.fromkeys(("cpb", "drmi", "partial", "random"), "1"),
        **dict.fromkeys(("absent", "broken", "picky"), "0"),
    }


def test_an_empty_store_has_a_page(catalogue: Catalogue, tmp_path: Path) -> None:
    with Store.open(tmp_path / "empty.db") as empty:
        assert "holds no results yet" in render(empty, catalogue)


def test_every_method_of_the_store_can_be_filtered(store: Store, catalogue: Catalogue) -> None:
    options = set(re.findall(r'<option value="([^"]+)">', render(store, catalogue)))
    assert {"absent", "broken", "cpb", "drmi", "partial", "picky", "random"} <= options


def test_a_methods_page_has_the_options_of_all_its_readings_however_few_cells_are_told(
    store: Store, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, "random[batch=7]", (0.1, 0.2, 0.3))
    put(store, "random[batch=8]", (0.1, 0.2, 0.3))
    monkeypatch.setattr("benchbox.report.html.page.Limits", lambda: Limits(whole=0, cells=0))
    text = render(store, catalogue)
    assert 'id="/cell/' not in text
    section = re.search(r'<section class="page" id="/method/random".*?</section>', text, re.DOTALL)
    assert section
    (used,) = re.findall(r"<td class=c>batch<td class=c><td class=c>(.*?)<td", section[0])
    assert html.unescape(used) == '"7", "8"'
