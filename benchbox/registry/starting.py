"""Starting the helper process: a fresh Python, or a fork of this one where that is as clean and a tenth of a second quicker."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from benchbox.isolation.limits import bare_environment

_TOO_MUCH = ("numpy", "torch", "sqlalchemy")
"""What a process that is forked must not have imported: it may run threads, or hold what a stranger shall not see."""
_PATIENCE = 10.0
"""Seconds that a helper has to end what imports left behind: where it is killed before, that lives on."""
_BOOT = """
import json, os, sys
sys.path[:] = json.loads(sys.argv.pop())
from benchbox.registry.helper import main
main()
os._exit(0)
"""
"""A fresh helper finds what this process finds, wherever that was started from; and nobody waits for it to tidy up."""


@dataclass(frozen=True)
class Running:
    """A helper at work.

    Attributes:
        requests, answers: lines to it and from it.
        ended: waits for its end, at most so many seconds, and returns whether it came.
        kill: ends it.
    """

    requests: IO[bytes]
    answers: IO[bytes]
    ended: Callable[[float], bool]
    kill: Callable[[], object]

    def end(self) -> None:
        """Hang up, which ends the helper and its children; and make sure of it."""
        for pipe in (self.requests, self.answers):
            with suppress(OSError):
                pipe.close()
        if not self.ended(_PATIENCE):
            self.kill()
            self.ended(_PATIENCE)


def start() -> Running:
    """Start a helper."""
    if sys.platform == "linux" and threading.active_count() == 1 and not any(map(sys.modules.get, _TOO_MUCH)):
        return _forked()
    return _fresh()


def _fresh() -> Running:
    import subprocess

    path = json.dumps([entry or str(Path.cwd()) for entry in sys.path])
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _BOOT, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**bare_environment(os.environ), "PYDANTIC_DISABLE_PLUGINS": "__all__"},
    )

    def ended(seconds: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return process.returncode is not None

    assert process.stdin is not None and process.stdout is not None
    return Running(process.stdin, process.stdout, ended, process.kill)


def _forked() -> Running:
    import time

    from benchbox.registry import helper  # what it needs is imported once, here, and not by every helper

    (requests, to_it), (from_it, answers) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_helper(helper.main, requests, answers)
    os.close(requests)
    os.close(answers)
    gone: list[int] = []

    def ended(seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not gone:
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    if time.monotonic() > until:
                        return False
                    time.sleep(0.001)
                    continue
            gone.append(pid)
        return True

    def kill() -> None:
        if not gone:
            os.kill(pid, signal.SIGKILL)

    return Running(os.fdopen(to_it, "wb"), os.fdopen(from_it, "rb"), ended, kill)


def _be_helper(main: Callable[[], None], requests: int, answers: int) -> NoReturn:
    """Be the helper: with two pipes and standard error, and nothing else of what the caller had open."""
    try:
        os.setsid()
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        os.closerange(3, 65536)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        # new ones, for those of the caller may hold what it has not printed yet
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(end, mode) for end, mode in ((0, "r"), (1, "w"), (2, "w")))
        main()
    finally:
        os._exit(0)
