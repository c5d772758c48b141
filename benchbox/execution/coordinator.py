"""The coordinator: runs what is missing, one claim a cell, and is the only writer of the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

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
from benchbox.execution.executor import Executor, Told
from benchbox.execution.resume import ResumeFiles
from benchbox.execution.stopping import Stop, stop_on_signals
from benchbox.records import CellResult, Status
from benchbox.suites import Cell, Planned, Setting

POLL = 1.0
"""Seconds between two looks at what other runs have finished."""

Start = Callable[[Told], Executor]
"""Makes what cells run in; it tells how far they are."""


def run_cells(
    planned: Sequence[Planned],
    store: Results,
    start: Start,
    *,
    resume: ResumeFiles,
    jobs: int = 1,
    display: Display | None = None,
    retry_failed: bool = False,
    again: Collection[str] = (),
) -> Summary:
    """Run the cells that have no result yet and record each as it ends.

    Cells that are done or not applicable are left alone, failed ones too without ``retry_failed``; interrupted ones run
    again. Cells that another run on the same store is at are waited for, and taken over where that run died.

    Args:
        planned: the plan; a cell that stands in it twice runs once.
        store: where results are kept.
        start: makes the executor, once there is something to run; it is ended with the run.
        resume: where states to go on from are kept; those of cells that end are removed.
        jobs: how many cells run at once, for displays.
        display: shows the run to somebody.
        retry_failed: whether to run failed cells again.
        again: ids of cells that are played again though they be done; the old result stays until there is a new one.

    Raises:
        StoreError: the store cannot be written. What was recorded before stays.
    """
    run = _Run(planned, store, resume, display or Silent(), again)
    try:
        with stop_on_signals() as stop:
            return run.all(start, max(jobs, 1), retry_failed, stop)
    finally:
        run.display.close()


class _Run:
    """The state of one run."""

    def __init__(
        self,
        planned: Sequence[Planned],
        store: Results,
        resume: ResumeFiles,
        display: Display,
        again: Collection[str],
    ) -> None:
        self.plan = {_cell(p).id: p for p in planned}
        self.store, self.resume, self.display = store, resume, display
        self.again = frozenset(again)
        self.told = Told(self.plan)
        self.waiting: list[Planned] = []
        self.running: dict[Future[CellResult], tuple[Planned, float]] = {}
        self.abroad: dict[str, Planned] = {}
        self.finished: Mapping[str, str] = {}  # when what is played over was stored
        self.ended: dict[str, tuple[Status, str]] = {}  # how, and in which sentence: results are the store's to keep
        self.unkept: dict[str, CellResult] = {}
        self.elsewhere: dict[str, Status] = {}

    def all(self, start: Start, jobs: int, retry_failed: bool, stop: Stop) -> Summary:
        began = time.monotonic()
        before = {i: status for i, status in self.store.statuses(self.plan).items() if i not in self.again}
        again = {Status.INTERRUPTED, Status.FAILED} if retry_failed else {Status.INTERRUPTED}
        missing = [p for i, p in self.plan.items() if i not in before or before[i] in again]
        self.waiting = _in_turn(p for p in missing if not p.reason)
        kept = {i: status for i, status in before.items() if status not in again}
        failed = sum(status is Status.FAILED for status in kept.values())
        self.emit(RunStarted(tuple(self.waiting), len(kept) - failed, jobs, failed))
        for p in missing:
            if p.reason:
                self.record(p, CellResult(_cell(p).id, Status.NOT_APPLICABLE, error=p.reason), 0.0)
        if self.waiting:
            self.finished = self.store.finished(_cell(p).id for p in self.waiting)
            self.play(start(self.told), again, stop)
        summary = self.summary(kept, stop, time.monotonic() - began)
        self.emit(RunFinished(summary))
        return summary

    def play(self, workers: Executor, again: set[Status], stop: Stop) -> None:
        """Run everything that waits, or until the user stops it."""
        with Claims(self.store) as claims:
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

    def fill(self, workers: Executor, claims: Claims, again: set[Status]) -> None:
        """Give free workers the next cells that no other run has."""
        while self.waiting and len(self.running) < workers.slots:
            planned = self.waiting.pop(0)
            cell_id = _cell(planned).id
            over = frozenset(Status) if cell_id in self.again else again
            if claims.take(cell_id, over):
                self.emit(CellStarted(planned))
                self.running[workers.submit(_setting(planned))] = planned, time.monotonic()
                continue
            status = self.store.statuses([cell_id]).get(cell_id)
            if status is None or status in over:
                self.abroad[cell_id] = planned
                self.emit(CellElsewhere(planned, None))
            else:  # another run finished it since this one began
                self.ended_elsewhere(planned, status)

    def collect(self, claims: Claims, stop: Stop) -> None:
        """Wait a moment for cells to end, and record those that did."""
        until = time.monotonic() + POLL
        ended: set[Future[CellResult]] = set()
        while not ended and not stop.signal and time.monotonic() < until:
            if self.running:
                ended, _ = wait(self.running, timeout=POLL / 5, return_when=FIRST_COMPLETED)
            else:
                time.sleep(POLL / 5)
        for event in self.told.events():
            self.emit(event)
        for future in ended:
            planned, began = self.running.pop(future)
            seconds = time.monotonic() - began
            self.record(planned, future.result(), seconds)
            claims.recorded(_cell(planned).id)

    def look_abroad(self, claims: Claims) -> None:
        """See which cells other runs have finished, and take back those that they gave up.

        One that is played over its result has that still where the other run died, and another where it finished.
        """
        if not self.abroad or self.waiting:
            return
        held = claims.others(self.abroad)
        statuses, finished = self.store.statuses(self.abroad), self.store.finished(self.abroad)
        for cell_id in [i for i in self.abroad if i not in held]:
            planned, status = self.abroad.pop(cell_id), statuses.get(cell_id)
            unchanged = finished.get(cell_id) == self.finished.get(cell_id)
            if status is None or status is Status.INTERRUPTED or unchanged:
                self.waiting.append(planned)
            else:
                self.ended_elsewhere(planned, status)

    def ended_elsewhere(self, planned: Planned, status: Status) -> None:
        self.elsewhere[_cell(planned).id] = status
        self.emit(CellElsewhere(planned, status))

    def record(self, planned: Planned, result: CellResult, seconds: float) -> None:
        cell = _cell(planned)
        package = (planned.package, planned.package_version)
        entry = None if planned.target is None else planned.target.entry()
        if not self.store.record(cell, result, entry, *package, again=cell.id in self.again):
            self.unkept[cell.id] = result
        self.ended[cell.id] = result.status, result.error.partition("\n")[0]
        if result.status is not Status.INTERRUPTED:  # its state to resume from helps the next attempt
            self.resume.remove(cell.id)
        self.emit(CellFinished(planned, result, seconds))

    def emit(self, event: Event) -> None:
        self.display.show(event)

    def summary(self, kept: dict[str, Status], stop: Stop, seconds: float) -> Summary:
        ways = [status for status, _ in self.ended.values()]
        failures = [
            Failure(self.plan[i], status, error, unkept=self.unkept.get(i))
            for i, (status, error) in self.ended.items()
            if status in (Status.FAILED, Status.INTERRUPTED)
        ]
        old = [i for i, status in (kept | self.elsewhere).items() if status is Status.FAILED]
        again = "failed before; --retry-failed runs it again"
        failures += [Failure(self.plan[i], Status.FAILED, again, before=True) for i in old]
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


def _setting(planned: Planned) -> Setting:
    if planned.setting is None:
        raise StoreError(f"a cell of scenario '{planned.scenario}' cannot run: its target is not trained")
    return planned.setting


def _cell(planned: Planned) -> Cell:
    if planned.cell is None:
        raise StoreError(f"a cell of scenario '{planned.scenario}' cannot run: its target is not trained")
    return planned.cell


def _in_turn(planned: Iterable[Planned]) -> list[Planned]:
    """Return cells in the order in which they start: one of the shortest, which soon shows what to expect, then the longest."""
    waiting = sorted(planned, key=_longest_first)
    if waiting:
        waiting.insert(0, waiting.pop(waiting.index(max(waiting, key=_longest_first))))
    return waiting


def _longest_first(planned: Planned) -> tuple[bool, int]:
    """Generators before selectors, then by budget: two workers then end at about the same time."""
    cell = _cell(planned)
    return cell.method.kind != "generator", -sum(cell.scenario.budgets)
