"""Cells on a Dask cluster, through ``Client.get_executor``: the coordinator's end."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchbox.errors import BenchboxError, ClusterError, described
from benchbox.execution.cluster import worker
from benchbox.execution.cluster.goods import Goods
from benchbox.execution.cluster.link import connect
from benchbox.execution.cluster.muster import Muster
from benchbox.execution.cluster.roster import Roster
from benchbox.execution.executor import Told
from benchbox.execution.resume import ResumeFiles
from benchbox.patience import seconds_from
from benchbox.records import CellResult
from benchbox.suites import Setting

if TYPE_CHECKING:
    from distributed import Client

LOOK = 0.5
"""Seconds between two looks at who is there."""
LOST = "BENCHBOX_CLUSTER_SECONDS"
"""The environment variable that says how long a scheduler may be gone before the run ends."""
_USUAL = 120.0


@dataclass
class _Job:
    """A cell that was handed out.

    Attributes:
        setting: the cell.
        made: its result, for the coordinator.
        task: what Dask calls it now; None where it is with nobody.
        workers: who may play it.
        at: who is playing it, as far as is known; empty where it waits for its turn.
        attempt: how often it was handed out.
    """

    setting: Setting
    made: Future[CellResult] = field(default_factory=Future)
    task: Future[Any] | None = None
    workers: frozenset[str] = frozenset()
    at: str = ""
    attempt: int = 0


class DaskSlots:
    """Hands cells to the workers of a cluster that fit, and follows them.

    Where the scheduler is gone for a while, or a worker for good, its cells are handed out again.

    Args:
        cluster: the scheduler, as the user wrote it.
        muster: what workers must have.
        goods: what they may ask for.
        roster: takes note of them.
        told: is told how far cells are, and what becomes of workers.
        resume: keeps the states that cells could go on from.
    """

    def __init__(
        self, cluster: str, muster: Muster, goods: Goods, roster: Roster, *, told: Told, resume: ResumeFiles
    ) -> None:
        self._cluster, self._muster, self._goods, self._roster = cluster, muster, goods, roster
        self._told, self._resume = told, resume
        self._jobs: dict[str, _Job] = {}
        self._words: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._asking: set[str] = set()
        self._sending: set[tuple[str, str]] = set()
        self._lock, self._handing = threading.Lock(), threading.Lock()
        self._over = threading.Event()
        self._gone_since: float | None = None
        self._patience = seconds_from(LOST, _USUAL)
        self._lost = ""
        self._client = self._join(connect(cluster))
        self._errands = ThreadPoolExecutor(4)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    @property
    def slots(self) -> int:
        """How many cells can be played at once now.

        Raises:
            ClusterError: the scheduler is gone for good.
        """
        if self._lost:
            raise ClusterError(self._lost)
        return self._roster.slots

    def submit(self, setting: Setting) -> Future[CellResult]:
        """Hand a cell out."""
        job = _Job(setting)
        with self._lock:
            self._jobs[setting.cell.id] = job
        self._hand_out(job)
        return job.made

    def shutdown(self) -> None:
        """Leave the cluster."""
        if self._over.is_set():
            return
        self._over.set()
        self._thread.join()
        self._errands.shutdown(wait=True, cancel_futures=True)
        self._client.close(timeout=5)
        self._goods.close()

    def kill(self) -> None:
        """Take back what is handed out: workers end it when they hear of it, half a second later."""
        with self._lock:
            tasks = [job.task for job in self._jobs.values() if job.task is not None]
            self._jobs.clear()
        for task in tasks:
            task.cancel()
        self.shutdown()

    def _join(self, client: Client) -> Client:
        client.subscribe_topic(worker.TOPIC, self._hear)
        return client

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, said = event
        if said.get("run") == self._muster.run:
            self._words.put(said)

    def _follow(self) -> None:
        """Look after the cluster until the run is over."""
        nobody = True
        while not self._over.wait(LOOK):
            try:
                self._listen()
                if not self._connected():
                    continue
                self._muster_workers()
                if nobody and not self._roster.slots and not self._asking:
                    self._told.notice(f"no worker at {self._cluster} can play yet; waiting for one")
                    nobody = False
                self._hand_out_again()
            except OSError:  # the connection breaks at this very moment: the next look sees it
                continue
            except Exception as error:  # what fails in a new way ends the run with a sentence, and no cell is lost
                self._lost = f"the cluster at {self._cluster} failed: {described(error)}; the same command goes on"

    def _connected(self) -> bool:
        """Return whether there is a scheduler; one that is gone is looked for, for a while."""
        if self._client.status == "running":
            self._gone_since = None
            return True
        if self._gone_since is None:
            self._gone_since = time.monotonic()
            self._told.notice(f"the scheduler at {self._cluster} is gone; looking for it")
        if self._client.status == "closed":
            try:
                self._client = self._join(connect(self._cluster))
                return True
            except ClusterError:
                pass
        if time.monotonic() - self._gone_since > self._patience:
            self._lost = (
                f"the scheduler at {self._cluster} has been gone for {self._patience:g} s; "
                f"start it again, and the same command goes on"
            )
        return False

    def _muster_workers(self) -> None:
        present = self._client.scheduler_info(n_workers=-1)["workers"]
        for address in self._roster.look(present):
            if address not in self._asking:
                self._asking.add(address)
                self._errands.submit(self._ask, address, present[address])

    def _ask(self, address: str, known: dict[str, Any]) -> None:
        answer: Any
        try:
            data = self._muster.model_dump()
            answer = self._client.run(worker.enlist, data, workers=[address], on_error="return")[address]
        except Exception as error:  # it is gone by now, or says what no worker says
            answer = error
        self._words.put({"what": "answer", "worker": address, "known": known, "answer": answer})

    def _listen(self) -> None:
        """Heed what workers said since the last look."""
        while True:
            try:
                said = self._words.get_nowait()
            except queue.Empty:
                return
            self._heed(said)

    def _heed(self, said: dict[str, Any]) -> None:
        what, address = said["what"], said["worker"]
        if what == "answer":
            self._asking.discard(address)
            self._roster.join(address, said["known"], said["answer"])
        elif what == "stranger":
            self._roster.forget(address)
        elif what == "need":
            self._need(address, said["name"])
        elif (job := self._jobs.get(said["cell"])) is None:
            return  # it ended meanwhile
        elif what == "began":
            job.at = address
        elif what == "progress":
            self._told.progress(said["cell"], said["spent"], said["budget"], said["accuracy"])
        elif what == "output":
            self._told.output(said["cell"], said["text"])
        elif what == "state":
            self._errands.submit(self._fetch, address, said["cell"])

    def _need(self, address: str, name: str) -> None:
        if (address, name) not in self._sending:
            self._sending.add((address, name))
            self._errands.submit(self._send, address, name)

    def _send(self, address: str, name: str) -> None:
        """Send a file to a worker, or the reason why it cannot be sent."""
        try:
            try:
                for piece in self._goods.pieces(name):
                    self._client.run(worker.receive, name, *piece, workers=[address])
            except BenchboxError as error:
                self._client.run(worker.refuse, name, str(error), workers=[address])
        except Exception as error:  # it left, or its disk is full: it asks again where it lives
            self._told.notice(f"worker {self._roster.called(address)} was not sent {name[:16]}: {described(error)}")
        finally:
            self._sending.discard((address, name))

    def _fetch(self, address: str, cell_id: str) -> None:
        try:
            state = self._client.run(worker.state_of, cell_id, workers=[address])[address]
        except Exception:  # the worker left: the cell begins anew, or goes on from an earlier state
            return
        with self._lock:
            if state is not None and cell_id in self._jobs:
                self._resume.save(cell_id, state)

    def _hand_out(self, job: _Job) -> None:
        """Give a cell that is with nobody to the workers that take part; one of them plays it."""
        with self._handing:
            workers = self._roster.addresses
            if job.task is not None or not workers or self._client.status != "running":
                return
            job.attempt, job.workers, job.at = job.attempt + 1, frozenset(workers), ""
            task = job.task = self._task(job, workers)
            attempt = job.attempt
        task.add_done_callback(lambda task: self._ended(job, attempt, task))

    def _task(self, job: _Job, workers: list[str]) -> Future[Any]:
        executor = self._client.get_executor(
            pure=False, retries=0, workers=workers, allow_other_workers=False, resources={self._roster.resource: 1}
        )
        setting, cell_id = job.setting.model_dump(mode="json"), job.setting.cell.id
        key = f"benchbox-{self._muster.run}-{cell_id}-{job.attempt}"
        task: Future[Any] = executor.submit(worker.play, self._muster.run, setting, self._resume.load(cell_id), key=key)
        return task

    def _hand_out_again(self) -> None:
        """Hand out what the scheduler forgot, and what waits for its turn where others, who came later, may be free."""
        there = frozenset(self._roster.addresses)
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            if job.task is not None and job.at not in there and there - job.workers:
                task, job.task = job.task, None
                task.cancel()
            if job.task is None:
                self._hand_out(job)

    def _ended(self, job: _Job, attempt: int, task: Future[Any]) -> None:
        """Heed how an attempt ended; called in Dask's thread."""
        cell_id = job.setting.cell.id
        if attempt != job.attempt or cell_id not in self._jobs or self._jobs[cell_id] is not job:
            return
        try:
            data = task.result()
        except CancelledError:  # by us, or since the scheduler went away: it is handed out again
            job.task = None
            return
        except Exception as error:
            self._finish(job, CellResult.failed(cell_id, _failure(error)))
            return
        if "stranger" in data:
            self._words.put({"what": "stranger", "worker": data["stranger"]})
            job.task = None
            return
        try:
            self._finish(job, CellResult.read(data, cell_id))
        except ValueError as error:
            self._finish(job, CellResult.failed(cell_id, f"its result is malformed: {str(error).splitlines()[0]}"))

    def _finish(self, job: _Job, result: CellResult) -> None:
        with self._lock:
            self._jobs.pop(job.setting.cell.id, None)
        job.made.set_result(result)


def _failure(error: Exception) -> str:
    from distributed import KilledWorker

    if not isinstance(error, KilledWorker):
        return described(error)
    last = error.last_worker
    name = str(getattr(last, "name", "") or last.address)
    return (
        f"{error.allowed_failures + 1} workers died of it, the last one '{name}' at {last.address}: "
        f"too little memory there, or a crash; see its log"
    )
