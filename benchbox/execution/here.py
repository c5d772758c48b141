"""Cells in this very process: for ``print``, ``breakpoint()`` and notebooks. They are unsealed, and not ranked."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

from benchbox.execution.executor import Told
from benchbox.execution.resume import ResumeFiles
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.suites import Setting


class ThisProcess:
    """Runs each cell here and now, on one torch thread as everywhere. It has no time limit.

    Args:
        place: the surroundings of the cells.
        told: is told how far cells are.
    """

    slots = 1

    def __init__(self, place: Place, told: Told) -> None:
        self._place, self._told = place, told
        self._resume = ResumeFiles(place.scratch)

    def submit(self, setting: Setting) -> Future[CellResult]:
        """Run a cell and return its finished future."""
        import torch

        from benchbox.match.run import run_cell

        future: Future[CellResult] = Future()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            watch = _Watch(setting.cell.id, self._resume, self._told)
            future.set_result(run_cell(setting, self._place, watch))
        finally:
            torch.set_num_threads(threads)
        return future

    def shutdown(self) -> None:
        """Nothing runs between calls."""

    def kill(self) -> None:
        """Nothing runs between calls."""


class _Watch:
    """Follows a match that is played here; see ``benchbox.match.table.Watch``."""

    def __init__(self, cell_id: str, resume: ResumeFiles, told: Told) -> None:
        from benchbox.match.resume import Due

        self._cell_id, self._resume, self._told, self._due = cell_id, resume, told, Due()

    @property
    def due(self) -> bool:
        """Whether it is time to keep a state to resume from."""
        return self._due.now

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Take note of how far the match is."""
        self._told.progress(self._cell_id, spent, budget, accuracy)

    def save(self, state: dict[str, Any]) -> None:
        """Keep a state."""
        from benchbox.match.resume import packed

        began = time.monotonic()
        self._resume.save(self._cell_id, packed(state))
        self._due.took(time.monotonic() - began)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was kept, or None."""
        from benchbox.match.resume import unpacked

        return unpacked(self._resume.load(self._cell_id))
