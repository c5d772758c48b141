"""What happens in a run, as plain data: the coordinator emits it, displays show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchbox.records import CellResult, Status
from benchbox.suites import Planned


@dataclass(frozen=True)
class RunStarted:
    """A run begins.

    Attributes:
        to_run: what it will run, in the order in which it starts.
        already: how many cells of the plan had a result before.
        jobs: how many cells run at once.
        failed_before: how many failed before and are left alone.
    """

    to_run: Sequence[Planned]
    already: int
    jobs: int
    failed_before: int = 0


@dataclass(frozen=True)
class CellStarted:
    """A worker was given a cell."""

    planned: Planned


@dataclass(frozen=True)
class CellProgress:
    """How far a running cell is.

    Attributes:
        spent: queries paid for in the game that is being played.
        budget: that game's budget.
        accuracy: of the latest scored substitute, in [0, 1]; None before the first. Of a query attack, its success so far.
    """

    planned: Planned
    spent: int
    budget: int
    accuracy: float | None


@dataclass(frozen=True)
class CellOutput:
    """What the players of a running cell printed, without control characters; told only where somebody asked for it."""

    planned: Planned
    text: str


@dataclass(frozen=True)
class Notice:
    """What became of a machine that plays cells (it joined, it left, or it was refused, and why), or of an observer."""

    text: str


@dataclass(frozen=True)
class CellFinished:
    """A cell ended, in whatever way, and its result is in the store.

    Attributes:
        seconds: from its start; 0 for a cell that is not applicable.
    """

    planned: Planned
    result: CellResult
    seconds: float


@dataclass(frozen=True)
class CellElsewhere:
    """Another run on the same store has this cell: it is running there (``status`` None), or ended there."""

    planned: Planned
    status: Status | None


@dataclass(frozen=True)
class Failure:
    """A cell that failed or was interrupted.

    Attributes:
        error: how, in one sentence.
        before: whether that was in another run, and it was left alone in this one.
        unkept: its result, where the store has a done one of this cell and keeps that.
    """

    planned: Planned
    status: Status
    error: str
    before: bool = False
    unkept: CellResult | None = None


@dataclass(frozen=True)
class Summary:
    """How a run ended.

    Attributes:
        done, not_applicable: cells that ended so in this run.
        already: cells of the plan that had a result before, failed ones that were left alone not counted.
        elsewhere: cells that another run on the same store finished meanwhile.
        failures: cells that failed or were interrupted, those of earlier runs that were not tried again included.
        left: cells without a result when the run was stopped.
        stopped: the signal that stopped it (2 for Ctrl-C), or 0.
        seconds: how long the run took.
        unplayable: whether no cell of the plan can be played under its scenario's rules, so that nothing is measured.
    """

    done: int
    not_applicable: int
    already: int
    elsewhere: int
    failures: tuple[Failure, ...]
    left: int
    stopped: int
    seconds: float
    unplayable: bool = False

    @property
    def exit_code(self) -> int:
        """0 where every cell has its result; 128 + signal where the run was stopped; 2 where one failed or none can play."""
        if self.stopped:
            return 128 + self.stopped
        return 2 if self.failures or self.unplayable else 0


@dataclass(frozen=True)
class RunFinished:
    """The run is over."""

    summary: Summary


Event = RunStarted | CellStarted | CellProgress | CellOutput | Notice | CellFinished | CellElsewhere | RunFinished


class Display(Protocol):
    """Shows a run to somebody. Called from the coordinator's thread only."""

    def show(self, event: Event) -> None:
        """Take note of an event."""

    def close(self) -> None:
        """Leave the screen in order; called however the run ends, also by an error."""


class Silent:
    """Shows nothing."""

    def show(self, event: Event) -> None:
        """Take no note."""

    def close(self) -> None:
        """Nothing to leave in order."""
