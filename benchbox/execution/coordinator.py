"""The coordinator: runs what is missing, one claim a cell, and is the only writer of the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from os import getpid
from typing import Any, Protocol

from benchbox.devices import choose_device
from benchbox.errors import StoreError
from benchbox.execution.claims import Claims, Results
from benchbox.execution.events import (
    CellElsewhere,
    CellFinished,
    CellStarted,
    Display,
    Event,
    Failure,
    RunFinished,
    RunStarted,
    Silent,
    Summary,
)
from benchbox.execution.progress import ProgressFiles
from benchbox.execution.stopping import Stop, stop_on_signals
from benchbox.execution.worker import failed, play
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites import Cell, Planned

POLL = 1.0
"""Seconds between two looks at progress files and at what other runs have finished."""

Work = Callable[[Planned, Place], CellResult]


class Workers(Protocol):
    """An executor of ``concurrent.futures`` that also says how many calls run at once, and can end them all."""

    slots: int

    def submit(self, fn: Callable[..., CellResult], /, *args: Any, **kwargs: Any) -> Future[CellResult]:
        """Run a call."""

    def shutdown(self) -> None:
        """End the workers; none is at work."""

    def kill(self) -> None:
        """End the workers and what they do."""


def run_cells(
    planned: Sequence[Planned],
    store: Results,
    *,
    place: Place,
    jobs: int = 1,
    display: Display | None = None,
    retry_failed: bool = False,
    time_limit: float | None = None,
    work: Work = play,
    workers: Workers | None = None,
) -> Summary:
    """Run the cells that have no result yet and record each as it ends.

    Cells that are done or not applicable are left alone, failed ones too without ``retry_failed``; interrupted ones run
    again. Cells that another run on the same store is at are waited for, and taken over where that run died.

    Args:
        planned: the plan; a cell that stands in it twice runs once.
        store: where results are kept.
        place: the surroundings of the cells.
        jobs: worker processes; 0 runs the cells in this process, without a time limit.
        display: shows the run to somebody.
        retry_failed: whether to run failed cells again.
        time_limit: seconds that one cell may take; None means no limit.
        work: what a worker calls for each cell.
        workers: where cells run, in place of ``jobs`` and ``time_limit``; ended with the run.

    Raises:
        StoreError: the store cannot be written. What was recorded before stays.
        OptionError: the place's device is not there.
    """
    run = _Run(planned, store, place, display or Silent(), work)
    try:
        return run.all(lambda: workers or _workers(jobs, place, time_limit), max(jobs, 1), retry_failed)
    finally:
        run.display.close()


class _Run:
    """The state of one run."""

    def __init__(self, planned: Sequence[Planned], store: Results, place: Place, display: Display, work: Work) -> None:
        self.plan = {_cell(p).id: p for p in planned}
        self.store, self.place, self.display, self.work = store, place, display, work
        self.progress = ProgressFiles(place.scratch)
        self.waiting: list[Planned] = []
        self.running: dict[Future[CellResult], tuple[Planned, float]] = {}
        self.abroad: dict[str, Planned] = {}
        self.ended: dict[str, CellResult] = {}
        self.elsewhere: dict[str, Status] = {}

    def all(self, start: Callable[[], Workers], jobs: int, retry_failed: bool) -> Summary:
        began = time.monotonic()
        before = dict(self.store.statuses(self.plan))
        again = {Status.INTERRUPTED, Status.FAILED} if retry_failed else {Status.INTERRUPTED}
        missing = [p for i, p in self.plan.items() if i not in before or before[i] in again]
        self.waiting = sorted((p for p in missing if not p.reason), key=_longest_first)
        kept = {i: status for i, status in before.items() if status not in again}
        self.emit(RunStarted(tuple(self.waiting), len(kept), jobs))
        for p in missing:
            if p.reason:
                self.record(p, CellResult(_cell(p).id, Status.NOT_APPLICABLE, error=p.reason), 0.0)
        stop = self.play(start(), again) if self.waiting else Stop()
        summary = self.summary(kept, stop, time.monotonic() - began)
        self.emit(RunFinished(summary))
        return summary

    def play(self, workers: Workers, again: set[Status]) -> Stop:
        """Run everything that waits, or until the user stops it."""
        with Claims(self.store) as claims, stop_on_signals() as stop:
            try:
                while (self.waiting or self.running or self.abroad) and not stop.signal:
                    self.fill(workers, claims, again)
                    self.collect(claims, stop)
                    self.look_abroad(claims)
                if not stop.signal:
                    workers.shutdown()
            except KeyboardInterrupt:
                stop.signal = 2
            finally:
                workers.kill()
        return stop

    def fill(self, workers: Workers, claims: Claims, again: set[Status]) -> None:
        """Give free workers the next cells that no other run has."""
        while self.waiting and len(self.running) < workers.slots:
            planned = self.waiting.pop(0)
            cell_id = _cell(planned).id
            taken = claims.take(cell_id)
            status = self.store.statuses([cell_id]).get(cell_id)
            if status is not None and status not in again:  # another run finished it since this one began
                if taken:
                    claims.give_back(cell_id)
                self.ended_elsewhere(planned, status)
                continue
            if not taken:
                self.abroad[cell_id] = planned
                self.emit(CellElsewhere(planned, None))
                continue
            self.progress.start(cell_id)
            self.emit(CellStarted(planned))
            self.running[workers.submit(self.work, planned, self.place)] = planned, time.monotonic()

    def collect(self, claims: Claims, stop: Stop) -> None:
        """Wait a moment for cells to end, and record those that did."""
        until = time.monotonic() + POLL
        ended: set[Future[CellResult]] = set()
        while not ended and not stop.signal and time.monotonic() < until:
            if self.running:
                ended, _ = wait(self.running, timeout=POLL / 5, return_when=FIRST_COMPLETED)
            else:
                time.sleep(POLL / 5)
        for future in ended:
            planned, began = self.running.pop(future)
            seconds = time.monotonic() - began
            self.record(planned, _result(planned, future, seconds), seconds)
            claims.recorded(_cell(planned).id)
        for progress in self.progress.changed([planned for planned, _ in self.running.values()]):
            self.emit(progress)

    def look_abroad(self, claims: Claims) -> None:
        """See which cells other runs have finished, and take back those that they gave up."""
        if not self.abroad or self.waiting:
            return
        held = claims.others(self.abroad)
        statuses = self.store.statuses(self.abroad)
        for cell_id in [i for i in self.abroad if i not in held]:
            planned, status = self.abroad.pop(cell_id), statuses.get(cell_id)
            if status is None or status is Status.INTERRUPTED:
                self.waiting.append(planned)
            else:
                self.ended_elsewhere(planned, status)

    def ended_elsewhere(self, planned: Planned, status: Status) -> None:
        self.elsewhere[_cell(planned).id] = status
        self.emit(CellElsewhere(planned, status))

    def record(self, planned: Planned, result: CellResult, seconds: float) -> None:
        cell = _cell(planned)
        self.store.record(cell, result, planned.target, planned.package, planned.package_version)
        self.ended[cell.id] = result
        if result.status is not Status.INTERRUPTED:  # its resume files help the next attempt
            self.progress.remove(cell.id)
        self.emit(CellFinished(planned, result, seconds))

    def emit(self, event: Event) -> None:
        self.display.show(event)

    def summary(self, kept: dict[str, Status], stop: Stop, seconds: float) -> Summary:
        ways = [result.status for result in self.ended.values()]
        old = [i for i, status in (kept | self.elsewhere).items() if status in (Status.FAILED, Status.INTERRUPTED)]
        failures = [
            Failure(self.plan[i], result.status, result.error.partition("\n")[0])
            for i, result in self.ended.items()
            if result.status in (Status.FAILED, Status.INTERRUPTED)
        ]
        failures += [Failure(self.plan[i], Status.FAILED, "failed before; --retry-failed runs it again") for i in old]
        return Summary(
            done=ways.count(Status.DONE),
            not_applicable=ways.count(Status.NOT_APPLICABLE),
            already=sum(status is not Status.FAILED for status in kept.values()),
            elsewhere=sum(status in (Status.DONE, Status.NOT_APPLICABLE) for status in self.elsewhere.values()),
            failures=tuple(failures),
            left=len(self.plan) - len(kept) - len(self.ended) - len(self.elsewhere),
            stopped=stop.signal,
            seconds=seconds,
        )


def _workers(jobs: int, place: Place, time_limit: float | None) -> Workers:
    from benchbox.execution.executors import InProcess, Processes

    if place.device not in ("auto", "cpu"):
        choose_device(place.device)  # refuse a device that is not there once, rather than in every cell
    if jobs == 0:
        return InProcess()
    logs = None if place.scratch is None else place.scratch / f"logs-{getpid()}"
    return Processes(jobs, device=place.device, time_limit=time_limit, logs=logs)


def _result(planned: Planned, future: Future[CellResult], seconds: float) -> CellResult:
    from benchbox.execution.executors import OverTime, WorkerDied

    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, WorkerDied):
        status = Status.FAILED if isinstance(error, OverTime) else Status.INTERRUPTED
        result = CellResult(_cell(planned).id, status, error=str(error), traceback=error.log)
    else:
        result = failed(_cell(planned).id, error)
    result.timings["total"] = seconds
    return result


def _cell(planned: Planned) -> Cell:
    if planned.cell is None:
        raise StoreError(f"a cell of scenario '{planned.scenario}' cannot run: its target is not trained")
    return planned.cell


def _longest_first(planned: Planned) -> tuple[bool, int]:
    """Generators before selectors, then by budget: two workers then end at about the same time."""
    cell = _cell(planned)
    return cell.method.kind != "generator", -sum(cell.scenario.budgets)
