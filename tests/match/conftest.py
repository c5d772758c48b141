"""Cells on digits and the pinned targets, small enough to run in a second or two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import benchbox
from benchbox.match.run import run_cell
from benchbox.records import CellResult
from benchbox.suites import Cell, Selection

SUITE = """
title = "Cells"
datasets = ["digits"]
seeds = 1

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "%(access)s"
pool = {}
budgets = [20, 60]
methods = ["random"]
attacks = [{ use = "fgsm", images = 50, at = "last" }]

[[scenario]]
name = "no data"
plays = "generator"
target = { model = "conv4" }
substitute = "conv3"
access = "%(access)s"
budgets = [100, 250, 400]
methods = ["noise"]
"""


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, list[Cell]]]:
    """Return a function that plans cells: (plugin source, methods, access) -> (place, cells)."""

    def planned(source: str = "", methods: tuple[str, ...] = (), access: str = "label") -> tuple[Any, list[Cell]]:
        (tmp_path / "cells.toml").write_text(SUITE % {"access": access})
        files = []
        monkeypatch.setattr("benchbox.match.run._catalogues", {})  # a process reads a plugin file once; these change
        if source:
            (tmp_path / "mine.py").write_text(source)
            files = [tmp_path / "mine.py"]
        plan = benchbox.plan(
            str(tmp_path / "cells.toml"), Selection(methods=methods), db=str(tmp_path / "results.db"), plugins=files
        )
        return plan.place, [p.cell for p in plan.cells if p.cell is not None]

    return planned


@pytest.fixture
def play(suite: Callable[..., tuple[Any, list[Cell]]]) -> Callable[..., CellResult]:
    """Return a function that runs the first cell of what ``suite`` plans."""

    def played(*args: Any, **kwargs: Any) -> CellResult:
        place, cells = suite(*args, **kwargs)
        return run_cell(cells[0], place)

    return played
