"""Cells in slots of this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from benchbox.errors import MachineError
from benchbox.execution.executor import Told
from benchbox.execution.referees import ATTACKS, PRELOAD, Order, Referees
from benchbox.execution.resume import ResumeFiles
from benchbox.isolation.nursery import NurseryClosed
from benchbox.machines import other_kind
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
        attacks: whether substitutes are attacked: what that takes is imported once, and not at all without.
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
        attacks: bool = True,
        referees: Referees | None = None,
    ) -> None:
        self.slots, self._place, self._time_limit = slots, place, time_limit
        self._told, self._live = told, live
        self._resume = ResumeFiles(place.scratch)
        self._referees = referees or Referees(slots, preload=(*PRELOAD, *ATTACKS) if attacks else PRELOAD)
        self._threads = ThreadPoolExecutor(slots)

    def check_kind(self, known: Sequence[Mapping[str, Any]]) -> None:
        """Hold this machine against those that earlier cells of the same games were played on.

        Args:
            known: the environments that these recorded.

        Raises:
            MachineError: it is another kind.
        """
        other = ""
        with suppress(NurseryClosed):  # it cannot start what plays cells, as each of them will say
            other = other_kind(self._referees.environment(self._place.device), known) if known else ""
        if other:
            self.kill()
            raise MachineError(
                f"these games were played on another kind of machine than this one ({other}), and its numbers would differ: "
                f"--any-machine plays on all the same, another --db keeps them apart"
            )

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
