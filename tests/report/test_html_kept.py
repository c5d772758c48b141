from __future__ import annotations

import pytest
from report_samples import Place, cell, done

from benchbox.records import Confusion, Picture
from benchbox.report.html.kept import KeptMatrix, enrolled, read_kept
from benchbox.report.html.matrices import matrices
from benchbox.report.views import ScenarioView, scenario_view
from benchbox.store import Store


@pytest.fixture
def view(store: Store) -> ScenarioView:
    return scenario_view("real data", store.cells(suite="label-only"), store.measurements(suite="label-only"))


def put_kept(store: Store, scenario: str, seed: int) -> None:
    """Record a run that kept a picture and a matrix, under rules of its scenario's own."""
    played = cell("random", seed, budgets=(50, 100 + len(scenario)))
    result = done(played, (0.5, 0.6))
    result.pictures = [Picture("images", f"{scenario} {seed}".encode())]
    result.confusions = [Confusion("", 50, ((seed, 1), (0, 2)))]
    store.enrol("kept", [Place(played, scenario, "random", 0)])
    store.record(played, result)


def test_every_scenario_has_the_pictures_of_its_own_lowest_seed(store: Store) -> None:
    for scenario, seed in (("a", 0), ("a", 1), ("longer", 1), ("longer", 2)):
        put_kept(store, scenario, seed)
    places = enrolled(store.cells(suite="kept"))
    found = read_kept(store, "kept", "digits", {name: mine for (_, _, name), mine in places.items()})
    assert {name: [p.png for p in kept.pictures] for name, kept in found.items()} == {
        "a": [b"a 0"],
        "longer": [b"longer 1"],
    }
    assert [(m.budget, m.matrix[0][0]) for m in found["longer"].matrices] == [(50, 1), (50, 2)]


def test_matrices_at_the_largest_budget_of_each_method_are_summed(view: ScenarioView) -> None:
    kept = [
        KeptMatrix("random", "", 50, [[9, 9], [9, 9]]),
        KeptMatrix("random", "", 600, [[1, 2], [3, 4]]),
        KeptMatrix("random", "", 150, [[9, 9], [9, 9]]),
        KeptMatrix("random", "", 600, [[10, 20], [30, 40]]),
        KeptMatrix("random", "", 600, [[1, 2, 3], [4, 5]]),
        KeptMatrix("drmi", "", 150, [[5]]),
        KeptMatrix("drmi", "pgd", 150, [[7]]),
    ]
    found = [(m.label, m.attack, m.budget, m.seeds, m.packed) for m in matrices(view, kept)]
    assert found == [
        ("drmi", "", 150, 1, "5"),
        ("random", "", 600, 2, "11,22;33,44"),
        ("drmi", "pgd", 150, 1, "7"),
    ]
