"""Counting a run's events, for any display: cells, queries, the best accuracy, the time left."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from benchbox.execution import CellElsewhere, CellFinished, CellProgress, CellStarted, Event, RunStarted
from benchbox.records import CellResult, Status, spent
from benchbox.scoring.metrics import HEADLINES
from benchbox.suites import Planned


@dataclass
class Row:
    """One method in one scenario and data set.

    Attributes:
        ways: how many of its cells ended in each way, in this run or elsewhere.
        running: when each running cell started, by cell id.
        asking: queries paid for by each running cell, in the game that it is at.
        spent: queries paid for by the cells that ended, in the largest game of each.
        best: the best accuracy so far, or success of a query attack, in [0, 1].
        seconds: how long each cell took that ended.
    """

    dataset: str
    scenario: str
    label: str
    total: int = 0
    ways: Counter[Status] = field(default_factory=Counter)
    running: dict[str, float] = field(default_factory=dict)
    asking: dict[str, int] = field(default_factory=dict)
    spent: int = 0
    best: float | None = None
    seconds: list[float] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """Cells that ended in any way."""
        return self.ways.total()

    @property
    def bad(self) -> int:
        """Cells that failed or were interrupted."""
        return self.ways[Status.FAILED] + self.ways[Status.INTERRUPTED]

    @property
    def queries(self) -> int:
        """Queries paid for, running cells included."""
        return self.spent + sum(self.asking.values())

    def better(self, accuracy: float | None) -> None:
        """Take note of an accuracy."""
        if accuracy is not None and (self.best is None or accuracy > self.best):
            self.best = accuracy


class Tally:
    """The state of a run, event by event."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Row] = {}
        self.already = self.failed_before = 0
        self.jobs = 1
        self._began = time.monotonic()

    def note(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, RunStarted):
            self.already, self.failed_before, self.jobs = event.already, event.failed_before, max(event.jobs, 1)
            for planned in event.to_run:
                self.row(planned).total += 1
        elif isinstance(event, CellStarted):
            self.row(event.planned).running[cell_id(event.planned)] = time.monotonic()
            self.jobs = max(self.jobs, sum(len(row.running) for row in self.rows.values()))  # workers come as they like
        elif isinstance(event, CellProgress):
            row = self.row(event.planned)
            row.asking[cell_id(event.planned)] = event.spent
            row.better(event.accuracy)
        elif isinstance(event, CellFinished) and not event.planned.reason:
            self._finished(event)
        elif isinstance(event, CellElsewhere) and event.status is not None:
            self.row(event.planned).ways[event.status] += 1

    def row(self, planned: Planned) -> Row:
        """Return the row that a cell belongs to."""
        key = planned.dataset, planned.scenario, planned.label
        return self.rows.setdefault(key, Row(*key))

    @property
    def total(self) -> int:
        """Cells that this run set out to run."""
        return sum(row.total for row in self.rows.values())

    @property
    def ended(self) -> int:
        """Cells among them that ended."""
        return sum(row.ended for row in self.rows.values())

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._began

    def seconds_left(self) -> float | None:
        """Estimate from the cells that ended, by method where one did; None before the first did."""
        seen = [s for row in self.rows.values() for s in row.seconds]
        if not seen:
            return None
        left = 0.0
        for row in self.rows.values():
            each = sum(row.seconds) / len(row.seconds) if row.seconds else sum(seen) / len(seen)
            left += each * (row.total - row.ended - len(row.running))
            left += sum(max(each - (time.monotonic() - began), 0.0) for began in row.running.values())
        return left / self.jobs

    def _finished(self, event: CellFinished) -> None:
        row, name = self.row(event.planned), cell_id(event.planned)
        row.running.pop(name, None)
        row.asking.pop(name, None)
        row.ways[event.result.status] += 1
        row.seconds.append(event.seconds)
        row.spent += spent(event.result.ledger)
        for accuracy in accuracies(event.result).values():
            row.better(accuracy)


def accuracies(result: CellResult) -> dict[int, float]:
    """Return the substitute's accuracy by budget point; of a query attack, its success."""
    return {m.budget: m.value for m in result.measurements if m.metric in HEADLINES and m.value is not None}


def measured(planned: Planned) -> str:
    """Return what ``accuracies`` are of a cell, in a word."""
    return "success" if planned.cell is not None and planned.cell.scenario.search else "accuracy"


def cell_id(planned: Planned) -> str:
    """Return the id of a cell that is running; a cell without a target never is."""
    assert planned.cell is not None
    return planned.cell.id


def name_of(planned: Planned) -> str:
    """Say for people which cell it is."""
    return f"{planned.label} on {planned.dataset}, {planned.scenario}, seed {planned.seed}"


def duration(seconds: float) -> str:
    """Write a duration for people: ``8 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
