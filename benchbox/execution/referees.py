"""Referees of this machine: a fresh one for each cell, forked from a zygote that is started with the first."""

from __future__ import annotations

import os
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchbox.devices import gpus_of
from benchbox.errors import OptionError, described
from benchbox.execution.executor import Listener
from benchbox.execution.resume import States
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

_ENVIRONMENT = "benchbox.match.environment:tell"
_SET_BY_US = {*ONE_THREAD, "CUDA_VISIBLE_DEVICES"}
_PATIENCE = 5.0  # seconds between a process hanging up and the news of how it ended


@dataclass(frozen=True, eq=False)
class Order:
    """A cell to play; one attempt at it, and no other, is this object.

    Attributes:
        setting: the cell, and what its referee loads.
        place: its surroundings.
        listener: is told how far it is.
        states: keeps what it could go on from.
        time_limit: seconds that it may take; None means no limit.
        live: whether to tell what players print, when they print it.
    """

    setting: Setting
    place: Place
    listener: Listener
    states: States
    time_limit: float | None = None
    live: bool = False


class Referees:
    """Plays cells, several threads at once.

    Args:
        slots: how many cells are played at once.
        entry, preload: what a referee runs, and what it finds imported.
    """

    def __init__(self, slots: int, *, entry: str = ENTRY, preload: Sequence[str] = (*PRELOAD, *ATTACKS)) -> None:
        self._entry, self._preload = entry, preload
        self._nursery: Nursery | None = None
        self._starting = threading.Lock()
        self._over = False
        self._free = list(range(slots))
        self._playing: dict[Order, Child] = {}
        # A referee that is killed clears nothing away, nor does its player.
        self._folder = Path(tempfile.mkdtemp(prefix="benchbox-run-"))

    def play(self, order: Order) -> CellResult:
        """Play a cell in a fresh referee, and return its result, however it ended."""
        cell_id = order.setting.cell.id
        slot = self._free.pop()
        try:
            nursery = self._zygote()
            environment = _one_device(order.place.device, slot)
            child = nursery.start(self._entry, parent=True, environment=environment, output=Output())
            self._playing[order] = child
            try:
                return self._follow(nursery, child, order)
            finally:
                del self._playing[order]
                child.end()
        except NurseryClosed as error:
            return CellResult(cell_id, Status.INTERRUPTED, error=str(error))
        except Exception as error:  # a cell fails alone, whatever happened on our side of it
            return CellResult(cell_id, Status.FAILED, error=described(error), traceback=traceback.format_exc())
        finally:
            self._free.append(slot)

    def stop(self, order: Order) -> None:
        """End a cell's processes, where it is being played: it is interrupted."""
        child = self._playing.get(order)
        if child is not None:
            child.kill()

    def environment(self, device: str) -> dict[str, Any]:
        """Return what cells on this device will record of where they were played.

        Raises:
            NurseryClosed: the zygote cannot start.
            OptionError: there is no such device here.
        """
        child = self._zygote().start(_ENVIRONMENT, _called(device), environment=_one_device(device, 0))
        try:
            kind, data = child.channel.receive()
        finally:
            child.end()
        if kind == "refused":
            raise OptionError(data["sentence"])
        found: dict[str, Any] = data
        return found

    def shutdown(self) -> None:
        """Let go of all processes."""
        if self._nursery is not None:
            self._nursery.close()

    def kill(self) -> None:
        """End all processes and what they do; none is started any more."""
        with self._starting:
            self._over = True
        self.shutdown()

    def clear_away(self) -> None:
        """Remove what referees left behind, once all have ended."""
        remove(self._folder)

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

    def _follow(self, nursery: Nursery, child: Child, order: Order) -> CellResult:
        cell_id = order.setting.cell.id
        until = None if order.time_limit is None else time.monotonic() + order.time_limit
        try:
            child.channel.send("cell", self._sent(order))
            while True:
                left = None if until is None else max(until - time.monotonic(), 1e-3)
                kind, data = child.channel.receive(left)
                if kind == "result":
                    return CellResult.read(data, cell_id)
                _take_note(order, cell_id, kind, data)
        except TimeoutError:
            sentence = f"ran over its time limit of {order.time_limit:g} s; --time-limit sets another"
            return CellResult(cell_id, Status.FAILED, error=sentence, traceback=child.output.text)
        except (Gone, Garbled) as error:
            return _died(nursery, child, cell_id, error)
        except ValueError as error:
            return CellResult(cell_id, Status.FAILED, error=f"its result is malformed: {str(error).splitlines()[0]}")

    def _sent(self, order: Order) -> dict[str, Any]:
        return {
            "setting": order.setting.model_dump(mode="json"),
            "place": order.place.model_copy(update={"device": _called(order.place.device)}).model_dump(mode="json"),
            "state": order.states.load(order.setting.cell.id),
            "live": order.live,
            # past the zygote, from whose memory players are made; who asked for one device or thread has said so to the child
            "environment": {
                **{name: value for name, value in os.environ.items() if name not in _SET_BY_US},
                "TMPDIR": str(self._folder),
            },
        }


def _take_note(order: Order, cell_id: str, kind: str, data: Any) -> None:
    if kind == "state":
        order.states.save(cell_id, bytes(data["state"]))
    elif kind == "progress":
        order.listener.progress(cell_id, data["spent"], data["budget"], data["accuracy"])
    elif kind == "output":
        order.listener.output(cell_id, data["text"])


def _died(nursery: Nursery, child: Child, cell_id: str, error: Exception) -> CellResult:
    """Return the result of a cell whose referee is gone: it runs again where a signal ended it, from outside perhaps."""
    code = None if isinstance(error, Garbled) else child.wait(_PATIENCE)
    if code is None and not nursery.open:
        return CellResult(cell_id, Status.INTERRUPTED, error="the process that starts others died")
    if code is None:
        return CellResult(cell_id, Status.FAILED, error=f"its referee hung up: {error}", traceback=child.output.text)
    child.output.close()  # what it said last is perhaps not read yet
    status = Status.INTERRUPTED if code < 0 else Status.FAILED
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return CellResult(cell_id, status, error=f"its referee died: {how}", traceback=child.output.text)


def _one_device(device: str, slot: int) -> dict[str, str]:
    """Return the variables that leave a slot one GPU of several, or none. CUDA reads them when it is first used."""
    if device == "cpu":
        return {"CUDA_VISIBLE_DEVICES": ""}
    numbers = gpus_of(device)
    if len(numbers) == 1 or (not numbers and device not in ("auto", "cuda")):
        return {}
    names = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name] or _gpus()
    names = [names[number] for number in numbers if number < len(names)] or names
    return {"CUDA_VISIBLE_DEVICES": names[slot % len(names)]} if len(names) > 1 else {}


def _called(device: str) -> str:
    """Return what a slot calls its device: of several GPUs it sees one."""
    return "cuda" if len(gpus_of(device)) > 1 else device


def _gpus() -> list[str]:
    found = (path.name.removeprefix("nvidia") for path in Path("/dev").glob("nvidia*"))
    return sorted(name for name in found if name.isdigit())
