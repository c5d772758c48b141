"""What runs inside a worker process."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from multiprocessing import connection, parent_process, util
from pathlib import Path
from types import FrameType

from benchbox.execution.memory import keep_freed_memory, return_freed_memory
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites import Planned

ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")

PATIENCE = 2.0
"""Seconds that a worker has to clean up when its coordinator is gone."""


@dataclass(frozen=True)
class Setup:
    """How a worker sets itself up.

    Attributes:
        slot: which of the workers it is, from 0.
        device: as the user asked; decides whether this worker sees one GPU of several.
        log: where what it prints goes; None leaves standard error, and standard output goes there too.
        torch: whether to import torch, with one thread.
    """

    slot: int
    device: str
    log: Path | None
    torch: bool = True


def prepare(setup: Setup) -> None:
    """Make this process a worker, before torch is imported: one thread, one device, quiet, and gone with its parent."""
    _leave_once()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    for name in ONE_THREAD:
        os.environ[name] = "1"
    keep_freed_memory()
    _redirect(setup.log)
    if setup.device == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if setup.torch:
        import torch

        torch.set_num_threads(1)
        if setup.device in ("auto", "cuda"):
            take_gpu(setup.slot, torch.cuda.device_count())


def play(planned: Planned, place: Place) -> CellResult:
    """Run one cell."""
    from benchbox.match.run import run_cell

    assert planned.cell is not None
    try:
        return run_cell(planned.cell, place)
    finally:
        return_freed_memory()


def failed(cell_id: str, error: BaseException) -> CellResult:
    """Return the result of a cell whose call raised, where it was not the cell itself that took note of it."""
    lines = str(error).strip().splitlines()
    sentence = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    trace = "".join(traceback.format_exception(error))
    return CellResult(cell_id, Status.FAILED, error=sentence, traceback=trace)


def _leave_once() -> None:
    """Let SIGTERM end this process, but not while it is ending: that would cut its clean-up short.

    pebble hangs up on a worker, which then leaves by itself, and sends SIGTERM at the same time.
    """
    leave = signal.getsignal(signal.SIGTERM)

    def leave_once(number: int, frame: FrameType | None) -> None:
        if callable(leave) and not util.is_exiting():
            leave(number, frame)

    signal.signal(signal.SIGTERM, leave_once)


def _leave_with_parent() -> None:
    """Wait for the coordinator to be gone, by whatever signal, and leave: no orphan goes on computing."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE)
        os._exit(1)


def _redirect(log: Path | None) -> None:
    """Send what plugins print to the log, on the level of file descriptors; C libraries print too."""
    sys.stdout.flush()
    sys.stderr.flush()
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as file:
            os.dup2(file.fileno(), 2)
    os.dup2(2, 1)
    faulthandler.enable()


def take_gpu(slot: int, count: int) -> None:
    """Leave this worker one GPU of several. CUDA reads the variable when it is first used, not at torch's import."""
    if count > 1:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES") or ",".join(map(str, range(count)))
        names = visible.split(",")
        os.environ["CUDA_VISIBLE_DEVICES"] = names[slot % len(names)]
