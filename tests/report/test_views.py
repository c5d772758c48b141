from __future__ import annotations

import math

import pytest
from report_samples import BUDGETS, WOBBLE, put

from benchbox.report.views import ScenarioView, points, scenario_view
from benchbox.store import Store


def view_of(store: Store) -> ScenarioView:
    return scenario_view("real data", store.cells(), store.measurements())


def test_complete_black_box_methods_are_ranked_and_no_others(store: Store) -> None:
    view = view_of(store)
    ranks = {line.standing.label: line.rank.rank for line in view.summaries if line.rank}
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


def test_incomplete_methods_keep_their_figures(store: Store) -> None:
    line = next(line for line in view_of(store).summaries if line.standing.label == "partial")
    assert line.rank is None
    assert line.last is not None
    assert line.last.mean == pytest.approx(0.99 + sum(WOBBLE[:3]) / 3)


def test_leaders_are_among_the_ranked(store: Store) -> None:
    assert view_of(store).leaders == {budget: frozenset({"drmi"}) for budget in BUDGETS}


def test_a_method_run_under_other_rules_is_not_ranked(store: Store) -> None:
    put(store, "odd", (0.99, 0.99), budgets=(50, 600), position=9)
    view = view_of(store)
    assert view.standings["odd"].state == "other rules"
    assert "odd" not in {line.standing.label for line in view.summaries if line.rank}


def test_points_keep_seed_and_test_sample_variance_apart(store: Store) -> None:
    found = points(store.measurements(label="random", metric="accuracy", budget=600))
    point = found.iloc[0]
    assert point["seeds"] == 5
    assert point["half"] == pytest.approx(2.776445 * point["sd"] / math.sqrt(5), rel=1e-6)
    assert point["sampling"] == pytest.approx(0.027, abs=0.001)
    assert (point["spent_low"], point["spent_high"]) == (600, 600)


def test_a_scenario_without_results_has_an_empty_view(store: Store) -> None:
    put(store, "random", (0.6, 0.7, 0.8), seeds=(), dataset="mnist")
    view = scenario_view("real data", store.cells(dataset="mnist"), store.measurements(dataset="mnist"))
    assert view.budgets == ()
    assert [line.standing.state for line in view.summaries] == ["missing"]
    assert len(view.unfinished) == 5


def test_one_seed_is_shown_and_not_ranked(store: Store) -> None:
    for method in ("random", "drmi"):
        put(store, method, (0.6, 0.7, 0.8), wanted=(0,), seeds=(0,), suite="quick")
    view = scenario_view("real data", store.cells(suite="quick"), store.measurements(suite="quick"))
    assert [line.rank for line in view.summaries] == [None, None]
    assert all(line.last and math.isnan(line.last.half) for line in view.summaries)
