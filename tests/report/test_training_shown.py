"""Who made the substitutes, and what of the scenario's grants a method used, stand beside its numbers; they bar nobody."""

from __future__ import annotations

import csv
import io
import re

import pytest
from report_samples import Place, cell, done, put, ref, scenario_view

from benchbox.contracts import Grant
from benchbox.records import Sealed
from benchbox.registry import Catalogue
from benchbox.report import markdown, read_pages
from benchbox.report.export import export_files
from benchbox.report.leaderboard import render
from benchbox.report.plots import scenario_plot
from benchbox.report.suite import SuiteView, suite_views
from benchbox.report.tables.scenario import columns, place, ranking
from benchbox.report.tables.sentences import outdated, trainers
from benchbox.report.tables.words import Method
from benchbox.report.text import render_pages
from benchbox.report.views.standings import Standing, records, standings
from benchbox.store import Store
from benchbox.suites import PluginRef

LABELS, BOTH = (Grant.LABELS,), (Grant.LABELS, Grant.UNLABELLED)
OLD, NEW, POISSON = ref("trainer", "standard"), ref("trainer", "standard", 2), ref("trainer", "poisson[k=3]")


def whole(store: Store) -> list[SuiteView]:
    return suite_views(read_pages(store, Catalogue()))


def standing(store: Store, label: str) -> Standing:
    return standings(records(store.cells(suite="label-only")))[label]


def put_seeds(store: Store, label: str, trainers: list[PluginRef], position: int) -> None:
    """Record a method seed by seed, each by a trainer of its own."""
    for seed, trainer in enumerate(trainers):
        played = cell(label, seed, trainer=trainer)
        store.enrol("label-only", [Place(played, "real data", label, position)])
        store.record(played, done(played, (0.6, 0.7, 0.8)))


def test_who_uses_grants_is_marked_and_ranked_all_the_same(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "drmi", (0.6, 0.7, 0.8), position=1, uses=BOTH)
    (view,) = read_pages(empty, Catalogue())[0].scenarios
    assert [(place(line), Method(line.standing)) for line in view.summaries] == [
        ("1", "drmi (own labels, unlabelled)"),
        ("2", "random"),
    ]
    assert list(columns(view))[:2] == ["own labels", "unlabelled"], "each mark has a line that says what it means"
    put(empty, "random", (0.5, 0.6, 0.7), suite="plain")
    (plain,) = read_pages(empty, Catalogue(), ["plain"])[0].scenarios
    assert not {"own labels", "unlabelled"} & set(columns(plain))


def test_one_seed_that_uses_labels_is_enough(empty: Store) -> None:
    for seed, uses in enumerate(((), LABELS)):
        empty.enrol("label-only", [Place(cell("drmi", seed, uses=uses), "real data", "drmi", 0)])
    assert standing(empty, "drmi").marks == ("own labels",)


def test_every_form_says_it(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "random-stratified", (0.5, 0.6, 0.7), position=1)
    put(empty, "drmi", (0.6, 0.7, 0.8), position=2, uses=LABELS)
    suites = whole(empty)
    (page,) = suites[0].pages
    title = "drmi (own labels)"
    for text in (markdown.render_page(page), render_pages([page])):
        rows = [line for line in text.splitlines() if re.match(r"[| ]*\S* *\|? *`?drmi\b", line)]
        assert rows, text
        assert all(title in row for row in rows)
    assert f"`{title}`" in markdown.render_index(suites), "who leads"
    assert f"`{title}`" in markdown.render_suite(suites[0]).rpartition("mean rank")[2]
    curve = scenario_plot(page.scenarios[0], None).curves[0]
    assert (curve.label + curve.told, curve.dash) == (title, "dashed")
    html = render(empty, Catalogue())["index.html"].decode()
    assert f"</svg><span>{title}</span>" in html, "the legend"
    assert f"<b>{title}</b>" in html, "who leads"
    named = re.findall(
        r"<td class=\"m\">(?:<a [^>]*>)?drmi(?:</a>)?(<span class=\"chip uses\">own labels</span>)?", html
    )
    assert named.count("") == 0, "every table has the mark"
    assert len(named) > 5
    assert '<span class="chip uses">' not in html[html.index("random-stratified<td") :][:200]


def test_marks_stand_beside_what_bars_from_ranking(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "cpb", (0.6, 0.7, 0.8), position=1, uses=LABELS, insider=True, sealed=Sealed.NO)
    (view,) = read_pages(empty, Catalogue())[0].scenarios
    row = next(row for row in ranking(view).rows if row[1].startswith("cpb"))
    assert row[:2] == ["privileged, unsealed", "cpb (privileged, unsealed, own labels)"]
    html = render(empty, Catalogue())["index.html"].decode()
    shown = html[html.index("<caption>Not ranked") :]
    line = shown[: shown.index("</table>")].partition('data-m="cpb"')[2]
    assert re.findall(r'class="chip (\w+)">(?:<i [^>]*>.</i>)?([^<]*)', line) == [
        ("privileged", "privileged"),
        ("privileged", "unsealed"),
        ("uses", "own labels"),
    ], "its rank says what bars it, its name the rest"


def test_a_scenario_says_who_trains_in_it(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "mega", (0.5, 0.6, 0.7), suite="free", kind="generator")
    page, free = (read_pages(empty, Catalogue(), [suite])[0] for suite in ("label-only", "free"))
    assert "- Trainer of the substitutes: standard, version 2.\n" in markdown.render_page(page)
    assert "Trainer" not in markdown.render_page(free), "generators make their own"
    put(empty, "random", (0.6, 0.7, 0.8), label="random + poisson[k=3]", position=1, trainer=POISSON)
    (view,) = read_pages(empty, Catalogue(), ["label-only"])[0].scenarios
    assert trainers(view) == [
        "standard, version 2, of random",
        "poisson[k=3], version 1, of random + poisson[k=3]",
    ]
    assert all(line.place for line in view.summaries), "both are ranked"
    html = render(empty, Catalogue())["index.html"].decode()
    assert "<dt>Trainer of the substitutes<dd>poisson[k=3], version 1, of random + poisson[k=3]" in html
    assert "<dt>trainer<dd>poisson[k=3], version 1" in html, "a cell's page"
    assert 'data-m="random + poisson[k=3]" data-k="selector" data-t="poisson[k=3]"' in html


def test_exports_have_columns(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "drmi", (0.6, 0.7, 0.8), position=1, uses=BOTH, trainer=POISSON)
    put(empty, "mega", (0.5, 0.6, 0.7), suite="free", kind="generator")
    text = export_files(whole(empty))["data/methods.csv"].decode()
    found = {row["method"]: row for row in csv.DictReader(io.StringIO(text))}
    assert {name: [row[key] for key in ("trainer", "trainer_version", "uses")] for name, row in found.items()} == {
        "random": ["standard", "2", ""],
        "drmi": ["poisson[k=3]", "1", "labels,unlabelled"],
        "mega": ["", "", ""],
    }


def test_who_was_trained_by_another_version_does_not_stand_among_the_rest(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put(empty, "drmi", (0.6, 0.7, 0.8), position=1)
    put(empty, "cmal", (0.7, 0.8, 0.9), position=2, trainer=OLD)
    put(empty, "trace", (0.7, 0.8, 0.9), position=3, trainer=POISSON)
    assert standing(empty, "cmal").state == "other rules"
    assert [standing(empty, label).ranked for label in ("random", "drmi", "trace")] == [True] * 3


@pytest.mark.parametrize("last", [OLD, POISSON])
def test_seeds_by_several_trainers_make_no_mean(empty: Store, last: PluginRef) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), position=0)
    put_seeds(empty, "drmi", [NEW, NEW, NEW, NEW, last], 1)
    assert standing(empty, "drmi").state == "other rules"
    put_seeds(empty, "drmi", [NEW] * 5, 1)
    assert standing(empty, "drmi").state == "complete"


def test_of_as_many_cells_the_newer_version_is_the_rule(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), trainer=OLD)
    put(empty, "drmi", (0.6, 0.7, 0.8), position=1)
    assert [standing(empty, label).state for label in ("random", "drmi")] == ["other rules", "complete"]


def test_what_is_not_ranked_says_nothing_of_the_usual_version(empty: Store) -> None:
    put(empty, "random", (0.5, 0.6, 0.7), trainer=OLD)
    for label in ("drmi", "cmal"):
        put(empty, label, (0.6, 0.7, 0.8), sealed=Sealed.NO)
    assert standing(empty, "random").state == "complete"


def test_a_trainer_of_another_version_than_the_installed_one_is_told_once(empty: Store) -> None:
    for position, label in enumerate(("random", "drmi")):
        put(empty, label, (0.5, 0.6, 0.7), position=position, trainer=OLD)
    put(empty, "absent", (0.5, 0.6, 0.7), position=2, seeds=(), trainer=NEW)
    cells, numbers = empty.cells(suite="label-only"), empty.measurements()
    for installed, said in (
        ({}, ""),
        ({("trainer", "standard"): 1}, ""),
        ({("trainer", "standard"): 2}, "1 (installed: 2)"),
    ):
        view = scenario_view("real data", cells, numbers, installed=installed)
        sentence = f"Figures of other versions than the installed ones: trainer standard {said}." if said else ""
        assert outdated(view.outdated) == sentence
