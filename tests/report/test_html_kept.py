from __future__ import annotations

import io

import pandas as pd
import pytest
from PIL import Image
from report_samples import Place, cell, done

from benchbox.records import Picture
from benchbox.report.html.matrices import matrices
from benchbox.report.html.pictures import thumbs
from benchbox.report.views import ScenarioView, scenario_view
from benchbox.store import Store


@pytest.fixture
def view(store: Store) -> ScenarioView:
    return scenario_view("real data", store.cells(suite="label-only"), store.measurements(suite="label-only"))


def test_a_scenario_has_the_pictures_of_its_lowest_seed(store: Store, view: ScenarioView) -> None:
    for seed in (1, 2):
        file = io.BytesIO()
        Image.new("L", (seed, seed)).save(file, "PNG")
        played = cell("random", seed, budgets=(50, 60))
        result = done(played, (0.5, 0.6))
        result.pictures = [Picture("images", file.getvalue())]
        store.enrol("kept", [Place(played, "a", "random", 0)])
        store.record(played, result)
    found, left_out = thumbs(view, store.pictures(suite="kept"), 10_000)
    assert [(thumb.seed, thumb.width) for thumb in found] == [(1, 1)]
    assert left_out == 0


def test_matrices_at_the_largest_budget_of_each_method_are_summed(view: ScenarioView) -> None:
    kept = [
        ("random", "", 50, [[9, 9], [9, 9]]),
        ("random", "", 600, [[1, 2], [3, 4]]),
        ("random", "", 150, [[9, 9], [9, 9]]),
        ("random", "", 600, [[10, 20], [30, 40]]),
        ("random", "", 600, [[1, 2, 3], [4, 5]]),
        ("drmi", "", 150, [[5]]),
        ("drmi", "pgd", 150, [[7]]),
    ]
    frame = pd.DataFrame(kept, columns=["label", "attack", "budget", "matrix"])
    found = [(m.label, m.attack, m.budget, m.seeds, m.packed) for m in matrices(view, frame)]
    assert found == [
        ("drmi", "", 150, 1, "5"),
        ("random", "", 600, 2, "11,22;33,44"),
        ("drmi", "pgd", 150, 1, "7"),
    ]
