"""Cells on digits and the pinned targets, small enough to run in a second or two, in this process or through slots."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from digits_suite import digits_suite
from match_watch import AnyCell, Silence

import benchbox
from benchbox.contracts import Grant, Threat
from benchbox.execution.referees import ATTACKS, PRELOAD, Referees
from benchbox.execution.slots import LocalSlots
from benchbox.isolation.capability import capability
from benchbox.isolation.walls import walls
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.suites import Planned, PluginRef, Setting
from benchbox.target.response import Response

REAL_DATA = digits_suite("random", budgets=[20, 60], attacks='[{ use = "fgsm", images = 50, at = "last" }]')
NO_DATA = """
[[scenario]]
name = "no data"
plays = "generator"
target = { model = "conv4" }
substitute = "conv3"
access = "label"
budgets = [100, 250, 400]
methods = ["noise"]
"""


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> benchbox.Plan:
    folder = tmp_path_factory.mktemp("cells")
    (folder / "cells.toml").write_text(REAL_DATA + NO_DATA)
    return benchbox.plan(str(folder / "cells.toml"), db=str(folder / "results.db"), device="cpu")


@pytest.fixture(scope="session")
def plan(_made: benchbox.Plan) -> dict[str, Planned]:
    """Return a planned cell of a selector and one of a generator, by kind."""
    return {item.cell.method.kind: item for item in _made.cells if item.cell is not None}


@pytest.fixture(scope="session")
def base(_made: benchbox.Plan, plan: dict[str, Planned]) -> tuple[Place, dict[str, Setting]]:
    """Return where cells run, sealed as far as this machine can, and the settings of the planned cells by kind."""
    settings = {kind: item.setting for kind, item in plan.items() if item.setting is not None}
    return _made.place.model_copy(update={"sealed": capability().sealed, "walls": walls()}), settings


@pytest.fixture
def place(base: tuple[Place, dict[str, Setting]]) -> Place:
    return base[0]


@pytest.fixture
def cell(base: tuple[Place, dict[str, Setting]], tmp_path: Path) -> Callable[..., Setting]:
    """Return a function that makes a cell of a plugin's source: (source, class) -> setting.

    Without a source it is the built-in method of ``kind``. ``attack`` is a class in the source that attacks in the place
    of FGSM, and ``trainer`` one that trains in the place of the standard one; ``uses`` are the line-up's grants. What else is
    given changes the scenario.
    """

    def made(
        source: str = "",
        target: str = "Mine",
        *,
        kind: str = "selector",
        attack: str = "",
        trainer: str = "",
        uses: tuple[Grant, ...] = (),
        seed: int = 0,
        **rules: Any,
    ) -> Setting:
        setting = base[1][kind]
        plugin = source_ref(tmp_path, source)
        if "access" in rules:
            rules["access"] = Response(rules["access"])
        if attack:
            plan = base[1]["selector"].cell.scenario.attacks[0]
            threat = Threat("inf", 0.3)
            rules["attacks"] = (plan.model_copy(update={"attack": plugin("attack", attack), "stated": threat}),)
        scenario = setting.cell.scenario.model_copy(update=rules)
        changes = {"scenario": scenario, "seed": seed, "uses": uses}
        if source and target:
            changes["method"] = plugin(kind, target)
        if trainer:
            changes["trainer"] = plugin("trainer", trainer)
        changed = setting.cell.model_copy(update=changes)
        return setting.model_copy(update={"cell": changed})

    return made


def source_ref(folder: Path, source: str) -> Callable[[str, str], PluginRef]:
    """Write a plugin file and return a function that refers to a class in it; its name is the class's in lower case."""
    digest = hashlib.sha256(source.encode()).hexdigest()
    file = folder / f"mine_{digest[:8]}.py"
    file.write_text(source)

    def referred(kind: str, target: str) -> PluginRef:
        name = target.lower()
        return PluginRef(
            kind=kind, name=name, version=1, spec=name, options={}, target=target, file=str(file), source=digest
        )

    return referred


@pytest.fixture
def play(cell: Callable[..., Setting], place: Place) -> Callable[..., CellResult]:
    """Return a function that makes a cell as ``cell`` does and plays it in this process."""
    return lambda *args, **given: run_cell(cell(*args, **given), place, Silence())


@pytest.fixture(scope="session")
def told() -> AnyCell:
    return AnyCell()


@pytest.fixture(scope="session")
def slots(base: tuple[Place, dict[str, Setting]], told: AnyCell) -> Iterator[LocalSlots]:
    """Two slots whose players are sealed as far as this machine can; one zygote for all tests."""
    preload = (*PRELOAD, *ATTACKS, "match_eager")
    workers = LocalSlots(2, base[0], told=told, live=True, referees=Referees(2, preload=preload))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)]))
        yield workers
    workers.kill()


@pytest.fixture
def play_apart(cell: Callable[..., Setting], slots: LocalSlots) -> Callable[..., CellResult]:
    """Return a function that makes a cell as ``cell`` does and plays it in processes of its own."""
    return lambda *args, **given: slots.submit(cell(*args, **given)).result(300)
