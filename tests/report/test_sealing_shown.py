"""How far players were sealed stands beside every number, and who was not sealed is shown and never ranked."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from report_samples import ATTACK, Place, cell, done, put

from benchbox.records import Measurement, Sealed
from benchbox.registry import Catalogue
from benchbox.report import markdown, read_pages
from benchbox.report.export import export_files
from benchbox.report.leaderboard import render
from benchbox.report.suite import suite_views
from benchbox.report.tables.curves import attack_curves
from benchbox.report.tables.scenario import place, ranking
from benchbox.report.tables.sentences import sealing
from benchbox.report.text import render_pages
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing, records, standings
from benchbox.store import Store

SANDBOXED = "All methods were played in a sandbox, without files, network or test images."


def fill(store: Store, **sealed: Sealed | None) -> ScenarioView:
    """Put a method for each word, the later the better, and return the view of their scenario."""
    for i, (method, how) in enumerate(sealed.items()):
        put(store, method, (0.5 + i / 10, 0.6 + i / 10, 0.7 + i / 10), position=i, sealed=how)
    return read_pages(store, Catalogue())[0].scenarios[0]


def standing(store: Store, label: str) -> Standing:
    return standings(records(store.cells()))[label]


def test_a_method_that_was_not_sealed_is_shown_and_never_ranked(empty: Store) -> None:
    view = fill(empty, random=Sealed.SANDBOX, drmi=Sealed.SANDBOX, cheat=Sealed.NO)
    assert [(place(line), line.standing.label) for line in view.summaries] == [
        ("1", "drmi"),
        ("2", "random"),
        ("unsealed", "cheat"),
    ]
    assert view.contest
    assert all("cheat" not in held.names for held in (view.contest, *view.contests.values()))
    row = next(row for row in ranking(view).rows if row[0] == "unsealed")
    assert row[1] == "cheat (unsealed)"
    assert "90.0" in " ".join(row)


def test_one_unsealed_seed_is_enough(empty: Store) -> None:
    fill(empty, random=Sealed.SANDBOX)
    for seed in range(5):
        played = cell("drmi", seed)
        empty.enrol("label-only", [Place(played, "real data", "drmi", 1)])
        sealed = Sealed.NO if seed == 3 else Sealed.SANDBOX
        empty.record(played, replace(done(played, (0.6, 0.7, 0.8)), sealed=sealed))
    assert standing(empty, "drmi").sealed == "no"
    assert not standing(empty, "drmi").ranked


def test_what_nobody_recorded_is_ranked_as_before_and_says_so(empty: Store) -> None:
    view = fill(empty, random=None, drmi=None)
    assert view.sealing == {"not recorded": ["random", "drmi"]}
    assert sealing([("", view)]) == "All methods were played before benchbox recorded how far methods are shut in."
    assert [place(line) for line in view.summaries] == ["1", "2"]


def test_rows_that_agree_get_a_sentence_and_others_a_column(empty: Store) -> None:
    view = fill(empty, random=Sealed.SANDBOX, drmi=Sealed.SANDBOX)
    assert sealing([("", view)]) == SANDBOXED
    assert "sealed" not in ranking(view).head
    put(empty, "noise", (0.1, 0.2, 0.3), position=9, sealed=Sealed.PROCESS)
    mixed = read_pages(empty, Catalogue())[0].scenarios[0]
    assert sealing([("", mixed)]).startswith(
        "Played in a sandbox, without files, network or test images: random and drmi. Played in a process of their own, "
    )
    table = ranking(mixed)
    at = table.head.index("sealed")
    assert {row[1]: row[at] for row in table.rows} == {"random": "sandbox", "drmi": "sandbox", "noise": "process"}


@pytest.mark.parametrize("drmi", [Sealed.SANDBOX, Sealed.PROCESS])
def test_every_form_says_it(empty: Store, drmi: Sealed) -> None:
    fill(empty, random=Sealed.SANDBOX, drmi=drmi)
    pages = read_pages(empty, Catalogue())
    whole = suite_views(pages)
    agree = drmi is Sealed.SANDBOX
    for text in (markdown.render_page(pages[0]), render_pages(pages)):
        assert (SANDBOXED in text) == agree
        assert ("network or test images: random." in " ".join(text.split())) == (not agree)
        head = next(line for line in text.splitlines() if "area" in line and "method" in line)
        assert ("sealed" in head) == (not agree)
    page = render(empty, Catalogue())["index.html"].decode()
    assert ('<th scope="col" class="w">sealed' in page) == (not agree), "of all results"
    for text in (page, markdown.render_index(whole)):
        assert (SANDBOXED in text) == agree
        assert ("network or test images: digits, real data: random." in text) == (not agree)
    (methods,) = (text for name, text in export_files(whole).items() if name.endswith("methods.csv"))
    found = {row["method"]: row["sealed"] for row in csv.DictReader(io.StringIO(methods.decode()))}
    assert found == {"random": "sandbox", "drmi": drmi.value}


def test_each_seal_is_told_with_the_results_it_is_of(empty: Store) -> None:
    fill(empty, random=Sealed.SANDBOX, drmi=Sealed.SANDBOX)
    put(empty, "random", (0.5, 0.6, 0.7), sealed=Sealed.PROCESS, dataset="mnist")
    put(empty, "drmi", (0.6, 0.7, 0.8), sealed=None, dataset="mnist", position=1)
    suites = suite_views(read_pages(empty, Catalogue()))
    for index in (markdown.render_index(suites), markdown.render_suite(suites[0])):
        text = " ".join(index.split())
        assert "Played in a sandbox, without files, network or test images: digits, real data." in text
        assert "not cut off from files and network: mnist, real data: random." in text
        assert "Played before benchbox recorded how far methods are shut in: mnist, real data: drmi." in text


def test_a_cells_page_tells_sealing_sources_distances_and_what_was_printed(empty: Store) -> None:
    played = cell("drmi", 0)
    result = replace(
        done(played, (0.6, 0.7, 0.8)),
        sealed=Sealed.PROCESS,
        sources={"selector drmi": "ab" * 32},
        output="one\n<b>two\x1b[31m\n",
    )
    far = {"linf_mean": 0.25, "linf_max": 0.3, "l2_mean": 5.0, "l2_max": 5.5, "l0_mean": 400.0, "l0_max": 700.0}
    result.measurements += [Measurement(name, ATTACK, 600, 600, value, 350) for name, value in far.items()]
    empty.enrol("label-only", [Place(played, "real data", "drmi", 0)])
    empty.record(played, result)
    page = render(empty, Catalogue())["index.html"].decode()
    assert "<dt>sealed<dd>process" in page
    assert f"selector drmi {'ab' * 8}" in page
    assert "L-inf 0.25 (largest 0.3), L2 5 (largest 5.5), L0 400 (largest 700) values" in page
    assert "one\n&lt;b&gt;two [31m" in page
    assert "linf_mean" not in page.partition('class="page cell"')[2].partition("</section>")[0]
    (view,) = read_pages(empty, Catalogue())[0].scenarios
    assert [table.caption[0] for table in attack_curves(view)] == ["asr_untargeted"], "no table of success grows"
    assert view.attacks["untargeted"].metric == "asr_untargeted"
