"""A store with a suite whose numbers a test chooses."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchbox.records import Measurement
from benchbox.regression import Baseline, freeze
from benchbox.store import Store
from benchbox.suites import Cell

sys.path.append(str(Path(__file__).parent.parent / "store"))
from store_samples import TARGET, Row, cell, done, failed

ATTACK = "fgsm untargeted"
Make = Callable[..., Store]


def fill(store: Store, values: Mapping[str, Sequence[float | None]], *, change: Any = None, fail: int = -1) -> Store:
    """Record accuracy (at 50 and 100) and attack success by method, a seed a value; ``change`` alters the cells."""
    for position, (method, series) in enumerate(values.items()):
        cells: list[Cell] = [cell(seed=seed, method=method) for seed in range(len(series))]
        cells = [change(played) for played in cells] if change else cells
        store.enrol("trial", [Row(played, label=method, position=position) for played in cells])
        for seed, (played, value) in enumerate(zip(cells, series, strict=True)):
            low = None if value is None else value - 0.1
            measurements = [
                Measurement("accuracy", "", 50, 50, low, 400),
                Measurement("accuracy", "", 100, 100, value, 400),
                Measurement("asr_untargeted", ATTACK, 100, 100, value, 200),
                Measurement("seconds_per_example", ATTACK, 100, 100, 0.25, 200),
            ]
            result = dataclasses.replace(done(played), measurements=measurements)
            store.record(played, failed(played) if seed == fail else result, TARGET, "benchbox", "0.1.0")
    return store


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes a store of its own from ``fill``'s arguments."""

    def made(name: str, values: Mapping[str, Sequence[float | None]], **more: Any) -> Store:
        return fill(Store.open(tmp_path / f"{name}.db"), values, **more)

    return made


OLD = [0.50, 0.52, 0.54, 0.51, 0.53, 0.52]
"""The accuracies at 100 queries, and attack successes, of the baseline that most tests compare with."""


@pytest.fixture(scope="session")
def old(tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    """A baseline of one method."""
    return freeze(fill(Store.open(tmp_path_factory.mktemp("old") / "old.db"), {"drmi": OLD}), "trial")
