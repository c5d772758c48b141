"""Observers: told what happens in a run, in the process that keeps the results. They compete in nothing and change nothing."""

from __future__ import annotations

from dataclasses import dataclass

from benchbox.records import Measurement


@dataclass(frozen=True)
class CellPlace:
    """Which cell it is.

    Attributes:
        cell: its id, as ``benchbox show`` takes it.
        suite, dataset, scenario, method, seed: where it stands in the tables.
    """

    cell: str
    suite: str
    dataset: str
    scenario: str
    method: str
    seed: int


@dataclass(frozen=True)
class CellBegan:
    """A cell was given to who plays it."""

    place: CellPlace


@dataclass(frozen=True)
class CellScored:
    """A running cell has a new score: of what is scored within a moment, the last.

    Attributes:
        metric: what it is ranked by: ``accuracy`` of its substitute, or ``query_success`` of a query attack so far.
        value: the score, a share in [0, 1].
        spent: queries that were paid for in the game that is being played.
        budget: that game's budget.
    """

    place: CellPlace
    metric: str
    value: float
    spent: int
    budget: int


@dataclass(frozen=True)
class CellEnded:
    """A cell ended, in whatever way, and its result is in the store.

    Attributes:
        status: ``done``, ``failed``, ``interrupted`` or ``not-applicable``.
        error: why it is not done, in a sentence; empty where it is.
        seconds: from its start; 0 for a cell that is not applicable.
        sealed: how far its players were shut in: ``no``, ``process`` or ``sandbox``; empty where nobody played.
        measurements: all that was measured.
    """

    place: CellPlace
    status: str
    error: str
    seconds: float
    sealed: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True)
class RunEnded:
    """A run is over. A run that breaks off with an error tells nothing more.

    Attributes:
        done: cells that this run brought to a result.
        failed: cells of the plan that failed or were interrupted, those of earlier runs included.
        left: cells without a result, since the run was stopped.
        seconds: how long it took.
    """

    done: int
    failed: int
    left: int
    seconds: float


class Observer:
    """Is told what happens in a run. A subclass writes what it wants to know of; the rest does nothing.

    An entry point of the group ``benchbox.observers`` names the subclass, or a function that returns one of it, and
    ``--observer NAME`` enables it. Its distribution brings no plugins: the process that it runs in imports none. It is
    called between two cells and should come back soon, since nothing else goes on meanwhile. What it raises costs a warning.
    """

    def cell_began(self, event: CellBegan) -> None:
        """Take note that a cell began."""

    def cell_scored(self, event: CellScored) -> None:
        """Take note of a score."""

    def cell_ended(self, event: CellEnded) -> None:
        """Take note of how a cell ended."""

    def run_ended(self, event: RunEnded) -> None:
        """Take note that the run is over."""
