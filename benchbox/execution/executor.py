"""What the coordinator needs of whatever cells run in, and what it is told meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

from benchbox.execution.events import CellOutput, CellProgress, Notice
from benchbox.isolation.output import KEPT
from benchbox.records import CellResult
from benchbox.suites import Planned, Setting


class Executor(Protocol):
    """Runs cells, so many at once."""

    @property
    def slots(self) -> int:
        """How many.

        Raises:
            BenchboxError: there will be none any more.
        """

    def submit(self, setting: Setting) -> Future[CellResult]:
        """Run a cell. Its future holds its result, however it ended; it raises nothing."""

    def shutdown(self) -> None:
        """Let go of all processes; none is at work."""

    def kill(self) -> None:
        """End all processes and what they do."""


class Listener(Protocol):
    """Is told how far cells are."""

    def progress(self, cell_id: str, spent: int, budget: int, accuracy: float | None) -> None:
        """Take note of how far a cell is: queries paid for, the budget, and the latest substitute's accuracy."""

    def output(self, cell_id: str, text: str) -> None:
        """Take note of what a cell's players printed."""


class Told:
    """What executors tell from their threads, until the coordinator shows it.

    Args:
        plan: the cells of the run by id.
    """

    def __init__(self, plan: Mapping[str, Planned]) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._progress: dict[str, CellProgress] = {}
        self._output: dict[str, str] = {}
        self._notices: list[Notice] = []

    def progress(self, cell_id: str, spent: int, budget: int, accuracy: float | None) -> None:
        """Take note of how far a cell is: queries paid for, the budget, and the latest substitute's accuracy."""
        with self._lock:
            self._progress[cell_id] = CellProgress(self._plan[cell_id], spent, budget, accuracy)

    def output(self, cell_id: str, text: str) -> None:
        """Take note of what a cell's players printed; of very much, only the end is told."""
        with self._lock:
            self._output[cell_id] = (self._output.get(cell_id, "") + text)[-KEPT:]

    def notice(self, text: str) -> None:
        """Take note of what became of a machine, in a sentence."""
        with self._lock:
            self._notices.append(Notice(text))

    def events(self) -> list[CellProgress | CellOutput | Notice]:
        """Return what was told since the last call; of how far a cell is, the latest."""
        with self._lock:
            told: list[CellProgress | CellOutput | Notice] = [*self._notices]
            told += [CellOutput(self._plan[i], text) for i, text in self._output.items()]
            told += self._progress.values()
            self._output, self._progress, self._notices = {}, {}, []
        return told
