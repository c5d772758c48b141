"""Cells in slots of this machine."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from benchbox.execution.executor import Told
from benchbox.execution.referees import Order, Referees
from benchbox.execution.resume import ResumeFiles
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.suites.setting import Setting


class LocalSlots:
    """Cells in processes of this machine.

    Args:
        slots: how many run at once.
        place: their surroundings.
        time_limit: seconds that a cell may take; None means no limit.
        told: is told how far cells are.
        live: whether to tell what players print, when they print it.
        referees: play them; the usual ones where it is None.
    """

    def __init__(
        self,
        slots: int,
        place: Place,
        *,
        told: Told,
        time_limit: float | None = None,
        live: bool = False,
        referees: Referees | None = None,
    ) -> None:
        self.slots, self._place, self._time_limit = slots, place, time_limit
        self._told, self._live = told, live
        self._resume = ResumeFiles(place.scratch)
        self._referees = referees or Referees(slots)
        self._threads = ThreadPoolExecutor(slots)

    def submit(self, setting: Setting) -> Future[CellResult]:
        """Run a cell in a fresh referee."""
        order = Order(setting, self._place, self._told, self._resume, self._time_limit, self._live)
        return self._threads.submit(self._referees.play, order)

    def shutdown(self) -> None:
        """Let go of all processes."""
        self._threads.shutdown(wait=True)
        self._referees.shutdown()
        self._referees.clear_away()

    def kill(self) -> None:
        """End all processes and what they do."""
        self._referees.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._referees.clear_away()
