"""The plots beside the Markdown: what a reader would miss, read off the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_samples import put

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.plots import SVG, accuracy_svg, curves, same_plot
from benchbox.report.plots.accuracy import MOST
from benchbox.store import Store

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</svg><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "]]>&amp;&#x3c;",
    "$\\alpha^{$ _x_",
    "_hidden",
    "日本 é",
)


def drawn(store: Store, catalogue: Catalogue, suite: str = "label-only", scenario: int = 0) -> bytes:
    """Return the file of a suite's plot, made by nothing that another was made by."""
    page = read_pages(store, catalogue, [suite])[0]
    view = page.scenarios[scenario]
    return accuracy_svg(curves(view, page.accuracy(view)))


def texts(svg: bytes) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def starts(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (\S+) (\S+)", path)]


def of_class(svg: bytes, css: str) -> Iterator[ElementTree.Element]:
    return (element for element in ElementTree.fromstring(svg).iter() if element.get("class") == css)


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "many.db") as store:
        for i in range(20):
            put(store, "random", (0.9 - i / 25, 0.92 - i / 25, 0.95 - i / 25), label=f"m{i:02}", position=i)
        yield store


def test_a_legend_names_every_method_and_says_what_is_special(store: Store, catalogue: Catalogue) -> None:
    said = texts(drawn(store, catalogue))
    legend = ["drmi", "random", "partial (3 of 5 seeds)", "cpb (privileged)", "the target"]
    assert said[-len(legend) :] == legend
    assert said[:3] == ["50", "150", "600"]
    assert {"queries", "accuracy on test images, %", "60", "80"} <= set(said)


def test_curves_and_the_target_stand_where_the_axes_say(store: Store, catalogue: Catalogue) -> None:
    svg = drawn(store, catalogue)
    ticks = {text.text: float(text.get("y", "")) - 3.5 for text in of_class(svg, "end")}
    budgets = {text.text: float(text.get("x", "")) for text in of_class(svg, "middle")}
    point = (ticks["80"] - ticks["60"]) / 20

    def at(accuracy: float) -> float:
        return pytest.approx(ticks["60"] + (accuracy - 60) * point, abs=0.2)  # type: ignore[no-any-return]

    first = next(of_class(svg, "line"))
    assert starts(first.get("d", "")) == [(budgets["50"], at(62)), (budgets["150"], at(83)), (budgets["600"], at(95))]
    target = next(of_class(svg, "target"))
    assert [y for _, y in starts(target.get("d", ""))] == [at(97.5)] * 2


def test_every_curve_looks_like_its_entry_and_like_no_other(many: Store, catalogue: Catalogue) -> None:
    svg = ElementTree.fromstring(drawn(many, catalogue))
    groups = [group for group in svg.iter(f"{SVG}g") if group.find(f"{SVG}use") is not None]
    looks = [(g.get("stroke"), g.get("class"), next(iter(g.iter(f"{SVG}use"))).get("href")) for g in groups]
    assert len(looks) == 2 * MOST
    assert looks[:MOST] == looks[MOST:]
    assert len(set(looks)) == MOST
    assert {href for _, _, href in looks} == {f"#{path.get('id')}" for path in svg.iter(f"{SVG}path") if path.get("id")}


def test_beyond_fourteen_methods_the_rest_is_counted_and_leaves_no_room_empty(
    many: Store, catalogue: Catalogue
) -> None:
    svg = drawn(many, catalogue)
    assert texts(svg)[-MOST - 1 : -1] == [f"m{i:02}" for i in range(MOST)]
    assert f"the first {MOST}; 6 more in the table" in texts(svg)
    assert min(int(text.text or "") for text in of_class(svg, "end")) >= 35, "m13 starts at 38 %, m19 at 14"


def test_one_seed_has_no_band(store: Store, catalogue: Catalogue) -> None:
    put(store, "random", (0.6, 0.7, 0.8), suite="single", seeds=(0,), wanted=(0,))
    put(store, "random", (0.6, 0.7, 0.8), suite="several")
    assert not list(of_class(drawn(store, catalogue, "single"), "band"))
    assert len(list(of_class(drawn(store, catalogue, "several"), "band"))) == 1


def test_hostile_names_are_drawn_as_text(tmp_path: Path, catalogue: Catalogue) -> None:
    with Store.open(tmp_path / "hostile.db") as store:
        for i, label in enumerate((*HOSTILE, "n" * 300, "\x1b[31mr\u202ed")):
            put(store, "random", (0.6, 0.7 + i / 100, 0.8), label=label, wanted=(0, 1), seeds=(0, 1), position=i)
        svg = drawn(store, catalogue)
    assert {*HOSTILE, f"{'n' * 39}…", " [31mr d"} <= set(texts(svg))
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags <= {"svg", "metadata", "style", "rect", "path", "text", "g", "defs", "use"}
    assert svg.count(b"<style>") == 1


def test_a_plot_is_the_same_when_it_is_made_again(store: Store, catalogue: Catalogue) -> None:
    assert drawn(store, catalogue) == drawn(store, catalogue)


def test_a_plot_of_another_matplotlib_is_held_against_its_data(store: Store, catalogue: Catalogue) -> None:
    mine = drawn(store, catalogue)
    tampered = mine.replace(b"<path", b"<path ")
    older = re.sub(rb"matplotlib [\d.]+,", b"matplotlib 3.9.0,", tampered)
    assert not same_plot(tampered, mine)
    assert same_plot(older, mine)
    for suite, last in (("one", 0.8), ("other", 0.8001)):
        put(store, f"cmal[suite={suite}]", (0.6, 0.7, last), suite=suite, label="cmal")
    one, other = drawn(store, catalogue, "one"), drawn(store, catalogue, "other")
    assert not same_plot(re.sub(rb"matplotlib [\d.]+,", b"matplotlib 3.9.0,", one), other)
