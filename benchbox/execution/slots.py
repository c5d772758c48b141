"""Cells in slots of this machine: a fresh referee for each, forked from a zygote that is started with the first."""

from __future__ import annotations

import os
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchbox.errors import described
from benchbox.execution.executor import Told
from benchbox.execution.resume import ResumeFiles
from benchbox.isolation.channel import Garbled, Gone
from benchbox.isolation.folders import remove
from benchbox.isolation.nursery import ONE_THREAD, Child, Nursery, NurseryClosed, start_zygote
from benchbox.isolation.output import Output
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites.setting import Setting

ENTRY = "benchbox.match.referee:main"
PRELOAD = (
    "torch",
    "torch._dynamo",  # the first optimiser of a process imports it, for more than a second
    "benchbox.match.referee",
    "benchbox.match.players.player",
    "benchbox.match.players.play",
)
ATTACKS = ("art.attacks.evasion", "art.estimators.classification")
"""What attacks import is imported once: ART costs more than a second."""

_SET_BY_US = {*ONE_THREAD, "CUDA_VISIBLE_DEVICES"}
_PATIENCE = 5.0  # seconds between a process hanging up and the news of how it ended


class LocalSlots:
    """Cells in processes of this machine.

    Args:
        slots: how many run at once.
        place: their surroundings.
        time_limit: seconds that a cell may take; None means no limit.
        told: is told how far cells are.
        live: whether to tell what players print, when they print it.
        entry, preload: what a referee runs, and what it finds imported.
    """

    def __init__(
        self,
        slots: int,
        place: Place,
        *,
        told: Told,
        time_limit: float | None = None,
        live: bool = False,
        entry: str = ENTRY,
        preload: Sequence[str] = (*PRELOAD, *ATTACKS),
    ) -> None:
        self.slots, self._place, self._time_limit = slots, place, time_limit
        self._told, self._live = told, live
        self._entry, self._preload = entry, preload
        self._resume = ResumeFiles(place.scratch)
        self._threads = ThreadPoolExecutor(slots)
        self._nursery: Nursery | None = None
        self._starting = threading.Lock()
        self._over = False
        self._free = list(range(slots))
        # A referee that is killed clears nothing away, nor does its player.
        self._folder = Path(tempfile.mkdtemp(prefix="benchbox-run-"))

    def submit(self, setting: Setting) -> Future[CellResult]:
        """Run a cell in a fresh referee."""
        return self._threads.submit(self._run, setting)

    def shutdown(self) -> None:
        """Let go of all processes."""
        self._threads.shutdown(wait=True)
        if self._nursery is not None:
            self._nursery.close()
        remove(self._folder)

    def kill(self) -> None:
        """End all processes and what they do."""
        with self._starting:
            self._over = True  # a slot that is about to start a process starts none
        if self._nursery is not None:
            self._nursery.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        remove(self._folder)

    def _run(self, setting: Setting) -> CellResult:
        slot = self._free.pop()
        try:
            nursery = self._zygote()
            environment = _one_device(self._place.device, slot)
            child = nursery.start(self._entry, parent=True, environment=environment, output=Output())
            try:
                return self._follow(nursery, child, setting)
            finally:
                child.end()
        except NurseryClosed as error:
            return CellResult(setting.cell.id, Status.INTERRUPTED, error=str(error))
        except Exception as error:  # a cell fails alone, whatever happened on our side of it
            return CellResult(setting.cell.id, Status.FAILED, error=described(error), traceback=traceback.format_exc())
        finally:
            self._free.append(slot)

    def _zygote(self) -> Nursery:
        with self._starting:
            if self._over:
                raise NurseryClosed("the run is over")
            if self._nursery is not None and not self._nursery.open:
                self._nursery.close()
                self._nursery = None
            if self._nursery is None:
                self._nursery = start_zygote(self._preload)
            return self._nursery

    def _follow(self, nursery: Nursery, child: Child, setting: Setting) -> CellResult:
        cell_id = setting.cell.id
        until = None if self._time_limit is None else time.monotonic() + self._time_limit
        try:
            child.channel.send("cell", self._order(setting))
            while True:
                left = None if until is None else max(until - time.monotonic(), 1e-3)
                kind, data = child.channel.receive(left)
                if kind == "result":
                    return CellResult.read(data, cell_id)
                self._take_note(cell_id, kind, data)
        except TimeoutError:
            sentence = f"ran over its time limit of {self._time_limit:g} s"
            return CellResult(cell_id, Status.FAILED, error=sentence, traceback=child.output.text)
        except (Gone, Garbled) as error:
            return _died(nursery, child, cell_id, error)
        except ValueError as error:
            return CellResult(cell_id, Status.FAILED, error=f"its result is malformed: {str(error).splitlines()[0]}")

    def _order(self, setting: Setting) -> dict[str, Any]:
        return {
            "setting": setting.model_dump(mode="json"),
            "place": self._place.model_dump(mode="json"),
            "state": self._resume.load(setting.cell.id),
            "live": self._live,
            # past the zygote, from whose memory players are made; who asked for one device or thread has said so to the child
            "environment": {
                **{name: value for name, value in os.environ.items() if name not in _SET_BY_US},
                "TMPDIR": str(self._folder),
            },
        }

    def _take_note(self, cell_id: str, kind: str, data: Any) -> None:
        if kind == "state":
            self._resume.save(cell_id, bytes(data["state"]))
        elif kind == "progress":
            self._told.progress(cell_id, data["spent"], data["budget"], data["accuracy"])
        elif kind == "output":
            self._told.output(cell_id, data["text"])


def _died(nursery: Nursery, child: Child, cell_id: str, error: Exception) -> CellResult:
    """Return the result of a cell whose referee is gone: it runs again where a signal ended it, from outside perhaps."""
    code = None if isinstance(error, Garbled) else child.wait(_PATIENCE)
    if code is None and not nursery.open:
        return CellResult(cell_id, Status.INTERRUPTED, error="the process that starts others died")
    if code is None:
        return CellResult(cell_id, Status.FAILED, error=f"its referee hung up: {error}", traceback=child.output.text)
    status = Status.INTERRUPTED if code < 0 else Status.FAILED
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return CellResult(cell_id, status, error=f"its referee died: {how}", traceback=child.output.text)


def _one_device(device: str, slot: int) -> dict[str, str]:
    """Return the variables that leave a slot one GPU of several, or none. CUDA reads them when it is first used."""
    if device == "cpu":
        return {"CUDA_VISIBLE_DEVICES": ""}
    if device not in ("auto", "cuda"):
        return {}
    names = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name] or _gpus()
    return {"CUDA_VISIBLE_DEVICES": names[slot % len(names)]} if len(names) > 1 else {}


def _gpus() -> list[str]:
    found = (path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia*"))
    return sorted(name for name in found if name.isdigit())
