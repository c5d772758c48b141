"""One child of the helper process: it imports one package and reports over a pipe, whatever happens in it."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from benchbox.isolation import landlock
from benchbox.isolation.kernel import LINUX, forbid_looking_in, forbid_new_privileges
from benchbox.isolation.seccomp import stay_in_group
from benchbox.registry.tasks import ENDED, Job, perform

REPORT_LIMIT = 2**20
"""Bytes that a child may report."""
OUTPUT_KEPT = 2000
"""Bytes of what a child printed last that are kept."""
SLOW = 0.02
"""Seconds of import from which a child is worth keeping for further questions about its package."""
_CHUNK = 65536
_UNREPORTED = 86
"""The exit code of a child whose report found no pipe any more."""

# bound before a stranger's code can put something else in their place
_exit, _write = os._exit, os.write


class Child:
    """A child at work, seen from its parent.

    Attributes:
        pipes: the ends to read from while it is at work.
        slow: whether its import took long.

    Args:
        job: what it does first.
        seconds: how long each job may take.
    """

    def __init__(self, job: Job, seconds: float) -> None:
        self._seconds, self.slow = seconds, False
        (requests, self._request_end), (self._report_end, report), (output_end, output) = (os.pipe() for _ in range(3))
        self._begin()
        self._pid = os.fork()
        if self._pid == 0:
            _live(job, requests, report, output, seconds)
        for end in (requests, report, output):
            os.close(end)
        self.pipes = [self._report_end, output_end]
        for end in self.pipes:
            os.set_blocking(end, False)

    def ask(self, job: Job) -> bool:
        """Give it another job; return whether it is there to take it."""
        self._begin()
        data = json.dumps(job).encode() + b"\n"
        try:
            return os.write(self._request_end, data) == len(data)
        except OSError:
            return False

    def _begin(self) -> None:
        self._report, self._output = bytearray(), bytearray()
        self._began = time.monotonic()

    def read(self, end: int) -> bool:
        """Take what lies in a pipe; return whether there was anything."""
        try:
            data = os.read(end, _CHUNK)
        except BlockingIOError:
            return False
        if end != self._report_end:
            self._output = (self._output + data)[
                -OUTPUT_KEPT:
            ]  # all of it is taken, so that no child waits for a reader
        elif len(self._report) <= REPORT_LIMIT:
            self._report += data
        return bool(data)

    def outcome(self) -> dict[str, Any] | None:
        """Return what it reported, or how it failed; None while it is at work."""
        if len(self._report) > REPORT_LIMIT:
            return self._failed(f"its report is larger than {REPORT_LIMIT // 2**20} MiB")
        if self._report.endswith(b"\n"):
            return self._reported()
        if time.monotonic() > self._began + self._seconds:
            return self._failed(
                f"it did not come to an end within {self._seconds:g} seconds; import torch and the like inside the method that "
                f"uses it, or set BENCHBOX_IMPORT_SECONDS to more"
            )
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid:
            return None
        self._drain()
        return self._reported() if self._report.endswith(b"\n") else self._failed(_said(status))

    def end(self) -> None:
        """Kill it with all that it started in its session, and let go of its pipes."""
        if not self.pipes:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self._pid, signal.SIGKILL)  # it may have left its session before it had begun one
        with suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        for end in (self._request_end, *self.pipes):
            os.close(end)
        self.pipes = []

    def _drain(self) -> None:
        """Take what a child that has ended left in its pipes; what it started may go on filling them, so not for ever."""
        for end in self.pipes:
            for _ in range(REPORT_LIMIT // _CHUNK + 2):
                if not self.read(end):
                    break

    def _reported(self) -> dict[str, Any]:
        try:
            found = json.loads(self._report)
        except (ValueError, RecursionError):
            return self._failed("its report is not JSON")
        self.slow = self.slow or time.monotonic() - self._began > SLOW
        return found if isinstance(found, dict) else {"failure": "its report is not a JSON object"}

    def _failed(self, sentence: str) -> dict[str, Any]:
        self.end()
        return {"failure": sentence, "output": self._output.decode("utf-8", "replace")}


def _said(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == _UNREPORTED:
        return "it closed the pipe that its report goes through"
    if code < 0:
        return f"{signal.Signals(-code).name} ended it while it was imported"
    return ENDED if code == 0 else f"{ENDED}, with exit code {code}"


def _live(job: Job, requests: int, report: int, output: int, seconds: float) -> NoReturn:
    """Be the child: never return, whatever a stranger's code raises or puts in the place of what."""
    code = _UNREPORTED
    try:
        _stand_alone({requests, report}, output)
        _shut_in()
        with os.fdopen(requests, "rb") as more:
            while True:
                signal.alarm(int(seconds) + 5)  # should the parent be gone; it keeps the time otherwise
                data = json.dumps(perform(job)).encode() + b"\n"
                with suppress(BaseException):
                    sys.stdout.flush()
                while data:
                    data = data[_write(report, data) :]
                signal.alarm(0)
                line = more.readline()
                if not line:
                    break
                job = json.loads(line)
        code = 0
    finally:
        _exit(code)


def _stand_alone(kept: set[int], output: int) -> None:
    """Begin a session, and keep no file of the parent's but the pipes."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    first = 3
    for end in (*sorted(kept), 256):  # the helper holds a few pipes and nothing else
        os.closerange(first, end)
        first = end + 1


def _shut_in() -> None:
    """Part this child from its brothers: the helper, and so every child, is shut in already.

    A sandbox for each would cost a listing of 200 packages seconds. Landlock lets a process neither trace nor signal who is not
    beneath its own rules; it writes into a folder of its own, so that it leaves nothing for another to import; and it cannot
    leave its process group, which is killed with it.
    """
    if not LINUX:
        return
    own = Path(tempfile.gettempdir(), str(os.getpid()))
    own.mkdir(mode=0o700)
    os.environ.update(HOME=str(own), TMPDIR=str(own))
    tempfile.tempdir = str(own)
    forbid_new_privileges()
    if landlock.abi():
        rules = {"/": landlock.SEE, "/dev": landlock.DEVICE, str(own): landlock.CHANGE}
        landlock.restrict(landlock.Rule(Path(path), access) for path, access in rules.items())
    else:
        forbid_looking_in()
    stay_in_group()
