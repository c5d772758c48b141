"""What a coordinator runs in a Dask worker: ``play`` as a task, everything else out of band, beside the tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchbox.errors import BenchboxError
from benchbox.execution.cluster.site import Site
from benchbox.execution.cluster.stock import Stopped
from benchbox.execution.referees import Order
from benchbox.records import CellResult
from benchbox.suites import Setting

if TYPE_CHECKING:
    from distributed import Worker

TOPIC = "benchbox"
"""Where workers tell of cells. Dask keeps no more than the last thousand words of a topic, so it is one for all runs."""
LOOK = 0.5
"""Seconds between two looks at whether a cell is still wanted."""
_MOST_OUTPUT = 4_096  # characters of one telling

_site: Site | None = None
_making = threading.Lock()
_states: dict[str, bytes] = {}


def _here(worker: Worker) -> Site:
    global _site
    with _making:
        if _site is None:
            _site = Site(worker.state.nthreads)
        return _site


async def enlist(muster: dict[str, Any], dask_worker: Worker) -> dict[str, Any]:
    """Make ready for a run; see ``Site.enlist``. It takes seconds, and the worker's heart must go on beating."""
    return await asyncio.to_thread(_here(dask_worker).enlist, muster)


def receive(name: str, offset: int, content: bytes, total: int, sha256: str, dask_worker: Worker) -> None:
    """Take a piece of a file; see ``Stock.receive``."""
    _here(dask_worker).stock.receive(name, offset, content, total, sha256)


def refuse(name: str, sentence: str, dask_worker: Worker) -> None:
    """Take note that a file will not come."""
    _here(dask_worker).stock.refuse(name, sentence)


def state_of(cell_id: str) -> bytes | None:
    """Give the latest state that a cell could go on from, once."""
    return _states.pop(cell_id, None)


def play(run: str, setting: dict[str, Any], state: bytes | None) -> dict[str, Any]:
    """Play a cell, and return its result as ``CellResult.data``; its own address where this worker has not joined the run.

    Raises:
        Reschedule: nobody waits for this attempt any more, or the worker closes.
    """
    from distributed import Reschedule, get_worker

    worker = get_worker()
    cell = Setting.model_validate(setting)
    wire, site = _Wire(worker, run, cell.cell.id, state), _here(worker)
    wire.began()
    try:
        order = site.order(run, cell, wire)
        if order is None:
            return {"stranger": worker.address}
        with _watched(wire, site, order):
            result = site.play(order)
    except Stopped:
        raise Reschedule from None
    except BenchboxError as error:
        result = CellResult.failed(cell.cell.id, str(error))
    finally:
        _states.pop(cell.cell.id, None)
    if not wire.wanted():
        raise Reschedule
    return result.data()


@contextmanager
def _watched(wire: _Wire, site: Site, order: Order) -> Iterator[None]:
    """Stop the cell where nobody wants it any more: Dask cancels no task that runs."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            if not wire.wanted():
                site.stop(order)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Wire:
    """Leads from a cell to its coordinator; see ``site.Wire``."""

    def __init__(self, worker: Worker, run: str, cell_id: str, state: bytes | None) -> None:
        self._worker, self._run, self._cell_id, self._state = worker, run, cell_id, state
        self._task = worker.get_current_task()

    def began(self) -> None:
        self._tell("began")

    def progress(self, cell_id: str, spent: int, budget: int, accuracy: float | None) -> None:
        self._tell("progress", spent=spent, budget=budget, accuracy=accuracy)

    def output(self, cell_id: str, text: str) -> None:
        self._tell("output", text=text[-_MOST_OUTPUT:])

    def load(self, cell_id: str) -> bytes | None:
        return self._state

    def save(self, cell_id: str, state: bytes) -> None:
        _states[cell_id] = state  # the coordinator fetches it: states are too large for what carries words
        self._tell("state")

    def ask(self, name: str) -> None:
        self._tell("need", name=name)

    def wanted(self) -> bool:
        from distributed.core import Status

        task = self._worker.state.tasks.get(self._task)
        working = self._worker.status in (Status.running, Status.paused)
        return working and task is not None and task.state == "executing"

    def _tell(self, what: str, **more: Any) -> None:
        said = {"run": self._run, "cell": self._cell_id, "worker": self._worker.address, "what": what, **more}
        self._worker.log_event(TOPIC, said)
