"""Sweeps: many settings of a method, held against each other on images that no published number is measured on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.api import run
from benchbox.errors import OptionError
from benchbox.paths import SWEEP_DB
from benchbox.registry import Catalogue
from benchbox.registry.spec import combinations
from benchbox.suites import Selection, load_suite, select
from benchbox.suites.asked import names, plugins_given
from benchbox.suites.words import HELD_OUT

if TYPE_CHECKING:
    from benchbox.execution import Summary
    from benchbox.store import Address
    from benchbox.suites.asked import Plugins


@dataclass(frozen=True)
class Grid:
    """What a sweep plays.

    Attributes:
        selection: every combination as a method, on held-out parts of the data sets.
        suite: what tables call the suite so narrowed.
        cells: how many cells that is.
    """

    selection: Selection
    suite: str
    cells: int

    @property
    def told(self) -> str:
        """How much there is to play, in a sentence."""
        where = " and ".join(self.selection.datasets)
        return f"{_many(len(self.selection.methods), 'method')} on {where}: {_many(self.cells, 'cell')}"


def grid_of(
    suite: str | Path,
    grids: Sequence[str] | str,
    *,
    datasets: Sequence[str] | str = (),
    plugins: Plugins = (),
    **asked: Any,
) -> Grid:
    """Return what a sweep of these grids plays; nothing is read or trained.

    Args:
        suite: a suite's name, or the path of a suite file.
        grids: methods, each with several values of an option: ``drmi[alpha=1,2,4]``; see ``combinations``.
        datasets: data sets, whose test images are left out: each is played as ``held-out:NAME``.
        plugins: plugin files to load besides the installed packages, or classes, as ``run`` takes them.
        asked: further keywords of ``Selection``.

    Raises:
        BenchboxError: a name does not exist, or a grid is none; one sentence.
    """
    if not grids:
        raise OptionError("grids: a sweep of nothing; write a method such as drmi[alpha=1,2,4]")
    methods = tuple(dict.fromkeys(text for grid in names("grids", grids) for text in combinations(grid)))
    catalogue = Catalogue.discover(*plugins_given(plugins))
    try:
        found = load_suite(suite, catalogue)
        played = names("datasets", datasets) or found.datasets[:1]
        held = tuple(name if name.startswith(HELD_OUT) else HELD_OUT + name for name in played)
        selection = Selection(methods=methods, datasets=held, **asked)
        narrowed = select(found, selection, catalogue)
    finally:
        catalogue.close()
    games = len(narrowed.datasets) * len(narrowed.seeds)
    return Grid(selection, narrowed.name, games * sum(len(table.methods) for table in narrowed.scenario))


def sweep(
    suite: str | Path,
    grids: Sequence[str] | str,
    *,
    datasets: Sequence[str] | str = (),
    scenarios: Sequence[str] | str = (),
    trainers: Sequence[str] | str = (),
    seeds: Sequence[int] | int | str = (),
    budgets: Sequence[int] | int = (),
    db: str | Path | Address = SWEEP_DB,
    plugins: Plugins = (),
    report: Callable[[str], None] = lambda line: None,
    **options: Any,
) -> Summary:
    """Run every combination of a grid as a method of its own, on a held-out part of the training images.

    No test image is looked at, so that what is chosen by a sweep may be measured on them afterwards. It goes through
    ``run``: cells that have a result are left alone.

    Args:
        suite, grids, datasets, plugins: as ``grid_of`` takes them.
        scenarios, trainers, seeds, budgets, db: as ``run`` takes them.
        report: is told, a line each, how many cells there are, and what takes long.
        options: further keywords of ``run``, as ``jobs``.

    Raises:
        BenchboxError: as ``run`` does; or a grid is none.
    """
    asked: dict[str, Any] = {"scenarios": scenarios, "trainers": trainers, "seeds": seeds, "budgets": budgets}
    grid = grid_of(suite, grids, datasets=datasets, plugins=plugins, **asked)
    report(grid.told)
    chosen: dict[str, Any] = {"methods": grid.selection.methods, "datasets": grid.selection.datasets}
    return run(suite, **chosen, **asked, db=db, plugins=plugins, report=report, **options)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
