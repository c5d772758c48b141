"""Where cells run: in worker processes, or in this one, behind the interface of ``concurrent.futures``."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from benchbox.execution.worker import Setup, prepare

P = ParamSpec("P")
T = TypeVar("T")

LOG_TAIL = 4000
"""Characters of a dead worker's output that are kept."""


class WorkerDied(Exception):  # noqa: N818 - an outcome
    """The worker process ended before its cell did.

    Attributes:
        log: the end of what it printed.
    """

    def __init__(self, sentence: str, log: str = "") -> None:
        self.log = log
        super().__init__(sentence)


class OverTime(WorkerDied):
    """The call ran over its time limit, and its worker was killed."""


class InProcess(Executor):
    """Runs each call here and now, on one torch thread as workers do: for tests, debuggers and the Python interface.

    It has no time limit, and a plugin that kills its process kills this one.
    """

    slots = 1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run the call and return its finished future."""
        import torch

        future: Future[T] = Future()
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        finally:
            torch.set_num_threads(threads)
        return future

    def kill(self) -> None:
        """Nothing runs between calls."""


class Processes(Executor):
    """Worker processes, each a pool of one: a worker that dies or hangs takes nothing with it but its own call.

    Attributes:
        slots: how many calls run at once; further calls wait for the least busy worker.

    Args:
        slots: as above.
        device: as the user asked; several GPUs are dealt out to the workers.
        time_limit: seconds that a call may take before its worker is killed; None means no limit.
        logs: a folder of its own for what workers print, removed with them; None leaves it on standard error.
        torch: whether workers import torch before their first call, with one thread.
    """

    def __init__(
        self,
        slots: int,
        *,
        device: str = "cpu",
        time_limit: float | None = None,
        logs: Path | None = None,
        torch: bool = True,
    ) -> None:
        self.slots, self._logs = slots, logs
        self._workers = [
            _Worker(Setup(i, device, None if logs is None else logs / f"worker-{i}.log", torch), time_limit)
            for i in range(slots)
        ]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a call in a worker. Its future ends in ``WorkerDied`` or ``OverTime`` where it did not end by itself."""
        worker = min(self._workers, key=lambda w: w.pending)
        return worker.submit(fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers once their calls are done."""
        for worker in self._workers:
            worker.close()
        self._remove_logs()

    def kill(self) -> None:
        """End the workers and their calls now, all at once: each may take seconds to react."""
        with ThreadPoolExecutor(self.slots) as threads:
            list(threads.map(_Worker.kill, self._workers))
        self._remove_logs()

    def _remove_logs(self) -> None:
        if self._logs is not None:
            shutil.rmtree(self._logs, ignore_errors=True)


class _Worker:
    """One slot: a pebble pool of one process, replaced when it breaks."""

    def __init__(self, setup: Setup, time_limit: float | None) -> None:
        self._setup, self._time_limit = setup, time_limit
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()
        self.pending = 0

    def submit(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[T]:
        outer: Future[T] = Future()
        outer.set_running_or_notify_cancel()
        with self._lock:
            self.pending += 1
        inner = self._schedule(fn, args, kwargs)
        inner.add_done_callback(lambda done: self._settle(done, outer))
        return outer

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def kill(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _schedule(self, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[T]:
        if self._pool is not None:
            with suppress(RuntimeError):  # the pool broke: its idle worker was killed
                return self._pool.schedule(fn, args, kwargs, self._time_limit)
            self.kill()
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPool(1, initializer=prepare, initargs=(self._setup,), context=context)
        # Workers inherit the mask and so never see Ctrl-C, not even while Python starts in them. Starting the resource
        # tracker, which the first worker would do, lifts the mask.
        resource_tracker.ensure_running()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return self._pool.schedule(fn, args, kwargs, self._time_limit)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _settle(self, inner: Future[T], outer: Future[T]) -> None:
        with self._lock:
            self.pending -= 1
        error = inner.exception()
        if error is None:
            outer.set_result(inner.result())
        else:
            outer.set_exception(self._explain(error))

    def _explain(self, error: BaseException) -> BaseException:
        if isinstance(error, ProcessExpired):
            code = error.exitcode
            return WorkerDied(
                f"worker died: signal {-code}" if code < 0 else f"worker died: exit code {code}", self._log()
            )
        if isinstance(error, BrokenProcessPool):
            return WorkerDied("worker died before it began", self._log())
        if isinstance(error, TimeoutError) and error.args[:1] == ("Task timeout",):
            return OverTime(f"ran over its time limit of {self._time_limit:g} s", self._log())
        return error

    def _log(self) -> str:
        if self._setup.log is None or not self._setup.log.is_file():
            return ""
        return self._setup.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
