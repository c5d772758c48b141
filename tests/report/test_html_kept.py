from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image
from report_samples import scenario_view

from benchbox.report.html.matrices import Kept, matrices
from benchbox.report.html.pictures import Picture, thumbs
from benchbox.report.views.scenario import ScenarioView
from benchbox.store import Store


@pytest.fixture
def view(store: Store) -> ScenarioView:
    return scenario_view("real data", store.cells(suite="label-only"), store.measurements(suite="label-only"))


def test_a_scenario_has_the_pictures_of_its_lowest_seed(view: ScenarioView) -> None:
    file = io.BytesIO()
    Image.new("L", (3, 2)).save(file, "PNG")
    kept = [Picture("random", seed, "images", file.getvalue()) for seed in (2, 1)]
    found, left_out = thumbs(view, kept, 10_000)
    assert [(thumb.seed, thumb.width) for thumb in found] == [(1, 3)]
    assert (left_out, thumbs(view, kept, 10)) == (0, ([], 1))


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
    found = [(m.label, m.attack, m.budget, m.seeds, m.packed) for m in matrices(view, itertools.starmap(Kept, kept))]
    assert found == [
        ("drmi", "", 150, 1, "5"),
        ("random", "", 600, 2, "11,22;33,44"),
        ("drmi", "pgd", 150, 1, "7"),
    ]
