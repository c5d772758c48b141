"""A gate in a test suite: run cells into a store of their own and compare them with a baseline. Imports no torch by itself."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from benchbox.regression import Baseline, Comparison

MARK = "benchbox_regression"
UPDATE = "--benchbox-update"
RENEWED = pytest.StashKey[list[str]]()
"""The baselines that this session renewed; named at its end."""


@dataclass(frozen=True)
class Gate:
    """What a gate runs, and what it compares it with. Paths are relative to the folder of the test's file.

    Attributes:
        suite: a suite's name, or the path of a ``.toml`` file.
        baseline: a name in ``baselines/``, or a path that ends in ``.json``.
        datasets, methods, trainers, attacks, budgets: what narrows the suite, as for ``benchbox.run``.
        seeds: which seeds to play; the baseline's own where it is empty, so that differences are paired.
        metrics: which metrics a renewed baseline keeps; all where it is empty.
        plugins: plugin files.
        floor: least difference that counts, in points; the gate's own where it is None.
        jobs: worker processes; 0 runs the cells in the test's process, where its patches hold.
        device, data_dir: as ``benchbox.run`` takes them.
    """

    suite: str
    baseline: str
    datasets: Sequence[str] = ()
    methods: Sequence[str] = ()
    trainers: Sequence[str] = ()
    attacks: Sequence[str] = ()
    budgets: Sequence[int] = ()
    seeds: Sequence[int] = ()
    metrics: Sequence[str] = ()
    plugins: Sequence[str] = ()
    floor: float | None = None
    jobs: int = 1
    device: str = "auto"
    data_dir: str | None = None


class Check(Protocol):
    """The fixture ``benchbox_regression``: runs a gate, fails the test where it is red."""

    def __call__(self, suite: str, baseline: str, **more: Any) -> Comparison:
        """Take the arguments of ``Gate``; return what was compared."""


@pytest.fixture(name=MARK)
def check_fixture(request: pytest.FixtureRequest) -> Check:
    """A function that runs a suite, compares it with a baseline, and fails the test where that is red."""

    def check(suite: str, baseline: str, **more: Any) -> Comparison:
        return hold(Gate(suite, baseline, **more), request.path.parent, request.config)

    return check


def gate_of(marker: pytest.Mark) -> Gate:
    """Return the gate that a mark describes.

    Raises:
        pytest.UsageError: it has arguments that a gate does not take.
    """
    try:
        return Gate(*marker.args, **marker.kwargs)
    except TypeError as error:
        raise pytest.UsageError(f"@pytest.mark.{MARK}: {str(error).removeprefix('Gate.__init__() ')}") from None


def hold(gate: Gate, folder: Path, config: pytest.Config) -> Comparison:
    """Run a gate; fail the test, without a traceback, where it is red or cannot be run."""
    from benchbox.errors import BenchboxError
    from benchbox.regression import baseline_path, red_lines, summary

    path = baseline_path(gate.baseline, folder)
    update = bool(config.getoption(UPDATE))
    problem = ""
    try:
        found = _play(gate, folder, path, update=update)
    except BenchboxError as error:
        problem = f"benchbox: {error}" + ("" if path.exists() else f"; pytest {UPDATE} makes it")
    if problem:  # outside of the handler, lest pytest show its error, too
        pytest.fail(problem, pytrace=False)
    if update:
        config.stash.setdefault(RENEWED, []).append(str(path))
    elif found.failed:
        lines = (summary(found), *red_lines(found), *found.notes, f"if that is meant: pytest {UPDATE}")
        pytest.fail("\n".join(lines), pytrace=False)
    return found


def _play(gate: Gate, folder: Path, path: Path, *, update: bool) -> Comparison:
    from benchbox import api
    from benchbox.regression import compare, freeze, load_baseline, save_baseline
    from benchbox.store import Store

    baseline: Baseline | None = None if update else load_baseline(path)
    with tempfile.TemporaryDirectory() as scratch:
        db = f"{scratch}/results.db"
        api.run(
            _beside(folder, gate.suite) if gate.suite.endswith(".toml") else gate.suite,
            datasets=gate.datasets,
            methods=gate.methods,
            trainers=gate.trainers,
            attacks=gate.attacks,
            budgets=gate.budgets,
            seeds=gate.seeds or (baseline.seeds if baseline else ()),
            plugins=[_beside(folder, file) for file in gate.plugins],
            db=db,
            jobs=gate.jobs,
            device=gate.device,
            data_dir=gate.data_dir,
        )
        with Store.open(db, create=False) as store:
            if baseline is None:
                baseline = freeze(store, str(store.known("suite")[0]), metric=gate.metrics)
                save_baseline(baseline, path)
            found = compare(baseline, store, floor=None if gate.floor is None else gate.floor / 100)
    # a renewed baseline is these very results: that they are as old as it is no news
    return replace(found, notes=()) if update else found


def _beside(folder: Path, path: str) -> str:
    return str(folder / path)
