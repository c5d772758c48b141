from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from report_samples import BUDGETS, WOBBLE, Place, cell, done, put, scenario_view
from scipy import special

from benchbox.report.tables.curves import by_budget
from benchbox.report.tables.scenario import incomplete, ranking
from benchbox.report.views.points import points
from benchbox.report.views.scenario import ScenarioView
from benchbox.store import Store
from benchbox.suites.cell import TargetRef


def view_of(store: Store) -> ScenarioView:
    return scenario_view("real data", store.cells(), store.measurements())


def test_complete_black_box_methods_are_ranked_and_no_others(store: Store) -> None:
    view = view_of(store)
    ranks = {line.standing.label: line.place.rank for line in view.summaries if line.place}
    assert ranks == {"drmi": 1, "random": 2}


@pytest.mark.parametrize(
    ("label", "state", "privileged", "seeds"),
    [
        ("random", "complete", False, 5),
        ("partial", "incomplete", False, 3),
        ("broken", "failed", False, 0),
        ("absent", "missing", False, 0),
        ("picky", "not applicable", False, 0),
        ("cpb", "complete", True, 5),
    ],
)
def test_every_way_to_have_no_rank_is_told_apart(
    store: Store, label: str, state: str, privileged: bool, seeds: int
) -> None:
    standing = view_of(store).standings[label]
    assert (standing.state, standing.privileged, len(standing.seeds)) == (state, privileged, seeds)


def test_incomplete_methods_stand_behind_complete_ones_where_nobody_is_ranked(empty: Store) -> None:
    put(empty, "half", (0.7, 0.9, 0.97), seeds=(0,))
    put(empty, "whole", (0.6, 0.8, 0.9), position=1)
    put(empty, "inside", (0.6, 0.8, 0.9), insider=True, position=2)
    assert [line.standing.label for line in view_of(empty).summaries] == ["whole", "inside", "half"]


def test_incomplete_methods_keep_their_figures(store: Store) -> None:
    line = next(line for line in view_of(store).summaries if line.standing.label == "partial")
    assert line.place is None
    assert line.last is not None
    assert line.last.mean == pytest.approx(0.97 + sum(WOBBLE[:3]) / 3)


def test_who_is_first_at_a_budget_is_among_the_ranked(store: Store) -> None:
    assert {budget: held.names for budget, held in view_of(store).contests.items()} == dict.fromkeys(
        BUDGETS, ("drmi", "random")
    )


def test_a_method_run_under_other_rules_is_not_ranked(store: Store) -> None:
    put(store, "odd", (0.99, 0.99), budgets=(50, 600), position=9)
    view = view_of(store)
    assert view.standings["odd"].state == "other rules"
    assert "odd" not in {line.standing.label for line in view.summaries if line.place}


def test_seeds_that_are_not_the_suites_own_make_nobody_else_incomplete(store: Store) -> None:
    put(store, "mine", (0.9, 0.9, 0.9), wanted=range(7), seeds=range(7), position=8)
    put(store, "late", (0.9, 0.9, 0.9), wanted=(5, 6), seeds=(5, 6), position=9)
    view = scenario_view("real data", store.cells(), store.measurements(), seeds=range(5))
    found = view.standings
    assert {label: found[label].state for label in ("random", "mine", "late", "partial")} == {
        "random": "complete",
        "mine": "complete",
        "late": "other seeds",
        "partial": "incomplete",
    }
    assert found["mine"].seeds == found["random"].wanted == tuple(range(5))
    assert found["late"].seeds == (5, 6)
    assert view.at["mine", "accuracy", ""][600].n == 5
    assert {line.standing.label for line in view.summaries if line.place} == {"mine", "drmi", "random"}
    table = incomplete(view)
    assert table is not None
    assert [row[:2] for row in table.rows] == [["late", "other seeds: 5, 6"], ["partial", "3 of 5 seeds: 0, 1, 2"]]


@pytest.mark.parametrize(("own", "wanted"), [(range(3), range(7)), (range(9, 12), range(7)), ((), range(7))])
def test_other_seeds_count_where_all_have_them_or_no_own_one_is_played(
    store: Store, own: Sequence[int], wanted: Sequence[int]
) -> None:
    for method in ("random", "drmi"):
        put(store, method, (0.6, 0.7, 0.8), wanted=range(7), seeds=range(7), suite="more")
    cells, numbers = store.cells(suite="more"), store.measurements(suite="more")
    view = scenario_view("real data", cells, numbers, seeds=own)
    assert {standing.state for standing in view.standings.values()} == {"complete"}
    assert view.standings["random"].wanted == tuple(wanted)


def test_each_seed_may_have_its_target_and_whoever_attacks_another_is_not_ranked(store: Store) -> None:
    own = [TargetRef(name=f"digits-lenet5+seed={seed}", sha256=f"{seed:064x}") for seed in range(5)]
    for position, method in enumerate(("one", "two", "three")):
        for seed in range(5):
            target = own[0] if (method, seed) == ("three", 4) else own[seed]
            played = cell(method, seed)
            played = played.model_copy(update={"scenario": played.scenario.model_copy(update={"target": target})})
            store.enrol("replicates", [Place(played, "real data", method, position)])
            store.record(played, done(played, (0.5, 0.6, 0.7)))
    view = scenario_view("real data", store.cells(suite="replicates"), store.measurements(suite="replicates"))
    assert {label: found.state for label, found in view.standings.items()} == {
        "one": "complete",
        "two": "complete",
        "three": "other rules",
    }
    assert (view.target, view.targets) == ("digits-lenet5", tuple(target.sha256 for target in own))


def test_points_keep_seed_and_test_sample_variance_apart(store: Store) -> None:
    measured = store.measurements(label="random", metric="accuracy", budget=600)
    point = points(measured)["label-only", "digits", "real data"]["random", "accuracy", ""][600]
    assert point.n == 5
    mean, half = measured["value"].mean(), 2.776445 * measured["value"].std() / math.sqrt(5)
    ends = [special.expit(special.logit(mean) + sign * half / (mean * (1 - mean))) for sign in (-1, 1)]
    assert (point.low, point.high) == pytest.approx(ends, rel=1e-6)
    assert point.half == pytest.approx((ends[1] - ends[0]) / 2)
    assert point.sampling == pytest.approx(0.027, abs=0.001)
    assert (point.spent_low, point.spent_high) == (600, 600)


def test_points_do_not_depend_on_the_order_of_rows_or_categories(store: Store) -> None:
    rows = store.measurements()
    mixed = rows.sample(frac=1, random_state=0)
    for name in ("label", "metric", "attack"):
        mixed[name] = mixed[name].cat.reorder_categories(rows[name].cat.categories[::-1])
    ((found,), (other,)) = (points(each).values() for each in (rows, mixed))
    assert list(other) == sorted(found)
    for curve, there in found.items():
        assert list(other[curve]) == sorted(there)
        here = [(point.mean, point.low, point.n) for point in other[curve].values()]
        assert here == [(pytest.approx(point.mean), pytest.approx(point.low), point.n) for point in there.values()]


@pytest.mark.parametrize("how", ["null", "absent"])
def test_a_run_without_a_value_at_a_budget_counts_at_the_others(store: Store, how: str) -> None:
    rows = store.measurements()
    gone = (rows["label"] == "drmi") & (rows["metric"] == "accuracy") & (rows["seed"] == 3) & (rows["budget"] == 150)
    measured = rows.assign(value=rows["value"].mask(gone)) if how == "null" else rows[~gone]
    view = scenario_view("real data", store.cells(), measured)
    curve = view.at["drmi", "accuracy", ""]
    assert {budget: point.n for budget, point in curve.items()} == {50: 5, 150: 4, 600: 5}
    others = rows[(rows["label"] == "drmi") & (rows["metric"] == "accuracy") & (rows["budget"] == 150) & ~gone]
    assert curve[150].mean == pytest.approx(others["value"].mean())
    assert list(view.contests) == [50, 600]
    assert view.contest is None
    line = next(line for line in view.summaries if line.standing.label == "drmi")
    assert line.place is None
    assert (line.area and line.area.n, line.last and line.last.n) == (4, 5)


def test_the_best_of_a_generator_is_of_whatever_budgets_it_has(store: Store) -> None:
    put(store, "noise", (0.3, 0.8, 0.5), kind="generator", position=9)
    rows = store.measurements()
    measured = rows[(rows["label"] != "noise") | (rows["seed"] != 0) | (rows["budget"] == 600)]
    best = {line.standing.label: line.best for line in scenario_view("real data", store.cells(), measured).summaries}
    assert {label for label, interval in best.items() if interval} == {"noise"}
    assert best["noise"] is not None
    assert best["noise"].mean == pytest.approx((0.5 + 4 * 0.8 + sum(WOBBLE)) / 5)


def test_a_scenario_without_results_has_an_empty_view(store: Store) -> None:
    put(store, "random", (0.6, 0.7, 0.8), seeds=(), dataset="mnist")
    view = scenario_view("real data", store.cells(dataset="mnist"), store.measurements(dataset="mnist"))
    assert view.budgets == ()
    assert [line.standing.state for line in view.summaries] == ["missing"]
    assert len(view.unfinished) == 5


@pytest.mark.parametrize("seeds", [1, 4])
def test_under_five_seeds_are_shown_and_not_ranked(store: Store, seeds: int) -> None:
    for method in ("random", "drmi"):
        put(store, method, (0.6, 0.7, 0.8), wanted=range(seeds), seeds=range(seeds), suite="quick")
    view = scenario_view("real data", store.cells(suite="quick"), store.measurements(suite="quick"))
    assert [line.place for line in view.summaries] == [None, None]
    assert all(line.last and math.isnan(line.last.half) == (seeds == 1) for line in view.summaries)
    assert [row[0] for row in ranking(view).rows] == ["under 5 replicates"] * 2


@pytest.mark.parametrize("more", [{"seeds": (0,)}, {"insider": True}])
def test_who_cannot_be_ranked_and_was_asked_for_more_leaves_the_others_as_they_are(store: Store, more: Any) -> None:
    for position, (method, height) in enumerate({"random": 0.5, "drmi": 0.6, "noise": 0.7}.items()):
        put(store, method, (height, height + 0.1), suite="two", budgets=(50, 150), position=position)
    only = {"suite": "two"}
    before = scenario_view("real data", store.cells(**only), store.measurements(**only))
    put(store, "extra", (0.5, 0.8, 0.93), suite="two", budgets=BUDGETS, position=-1, **more)
    view = scenario_view("real data", store.cells(**only), store.measurements(**only))
    table, shown = ranking(before), ranking(view)
    assert shown.head[: len(table.head)] == table.head
    assert [row[: len(table.head)] for row in shown.rows if row[1] in before.standings] == table.rows
    assert before.contest is not None
    assert [row[shown.head.index("to 90 %")] for row in table.rows] == ["> 150"] * 3
    assert by_budget(view, "accuracy").head == ["method", "50", "150"]
    assert view.example in set(store.cells(**only, label="random")["cell"])


def test_a_bound_is_of_the_budgets_at_which_the_method_itself_was_measured(store: Store) -> None:
    for method in ("one", "two"):
        put(store, method, (0.5, 0.6, 0.7), suite="own")
    put(store, "cpb", (0.5, 0.6), suite="own", budgets=(50, 150), insider=True)
    view = scenario_view("real data", store.cells(suite="own"), store.measurements(suite="own"))
    table = ranking(view)
    bounds = {row[1]: row[table.head.index("to 90 %")] for row in table.rows}
    assert bounds == {"one": "> 600", "two": "> 600", "cpb (privileged)": "> 150"}
