"""Lines for a log: one a cell that ends, and one a minute about those that run."""

from __future__ import annotations

import time
from typing import TextIO

from benchbox.displays.closing import closing, opening
from benchbox.displays.tally import Tally, accuracies, duration, measured, name_of
from benchbox.execution import (
    CellElsewhere,
    CellFinished,
    CellOutput,
    CellProgress,
    Event,
    Notice,
    RunFinished,
    RunStarted,
)
from benchbox.records import printable

EVERY = 60.0
"""Seconds between two lines about one running cell."""


class Plain:
    """Writes lines to a stream.

    Args:
        stream: where to.
        where: the store's name, for the last line.
    """

    def __init__(self, stream: TextIO, where: str) -> None:
        self._stream, self._where = stream, where
        self._tally = Tally()
        self._told: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Write what the event says, if it says something to people."""
        self._tally.note(event)
        if isinstance(event, RunStarted):
            self._line(opening(event))
        elif isinstance(event, CellProgress):
            self._progress(event)
        elif isinstance(event, CellOutput):
            for line in printable(event.text).splitlines():
                self._line(f"{name_of(event.planned)}: | {line}")
        elif isinstance(event, Notice):
            self._line(event.text)
        elif isinstance(event, CellFinished):
            self._finished(event)
        elif isinstance(event, CellElsewhere):
            how = (
                "is running in another run; waiting for it"
                if event.status is None
                else f"{event.status.value} in another run"
            )
            self._line(f"{self._count()} {name_of(event.planned)}: {how}")
        elif isinstance(event, RunFinished):
            for line in closing(event.summary, self._where):
                self._line(line)

    def close(self) -> None:
        """Nothing is open."""

    def _progress(self, event: CellProgress) -> None:
        assert event.planned.cell is not None
        now, name = time.monotonic(), event.planned.cell.id
        if now - self._told.setdefault(name, now) < EVERY:
            return
        self._told[name] = now
        best = "" if event.accuracy is None else f", {measured(event.planned)} {event.accuracy:.1%}"
        self._line(f"{self._count()} {name_of(event.planned)}: {event.spent} of {event.budget} queries{best}")

    def _finished(self, event: CellFinished) -> None:
        result = event.result
        text = f"{self._count()} {result.status.value}: {name_of(event.planned)}"
        found = accuracies(result)
        if found:
            text += f": {measured(event.planned)} {found[max(found)]:.1%} at {max(found)} queries"
        if result.error:
            text += f": {result.error.splitlines()[0]}"
        if event.seconds:
            text += f" ({duration(event.seconds)})"
        left = self._tally.seconds_left()
        self._line(text if not left else f"{text}, about {duration(left)} left")

    def _count(self) -> str:
        return f"[{self._tally.ended}/{self._tally.total}]"

    def _line(self, text: str) -> None:
        print(printable(text), file=self._stream, flush=True)
