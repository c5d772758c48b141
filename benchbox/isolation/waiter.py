"""The process outside a sandbox that waits for it, passes on how it ended, and ends it where it takes too much memory.

The kernel counts memory process by process, and a control group to count it together is nothing that an ordinary user
may make. So somebody has to add it up now and then.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

_INTERVAL, _LONGEST = 0.25, 1.0
_SHARE = 0.01  # of a core goes into looking, or more where that would take too long to see anything
_PAGE = os.sysconf("SC_PAGE_SIZE")


def wait(child: int, held: int, memory: int) -> NoReturn:
    """Wait for a child that is pid 1 of its namespace, and end as it does.

    Args:
        child: the child's process id out here.
        held: the one file descriptor that stays open.
        memory: bytes that all processes in the child's namespace may take together, beyond what this one holds now.
    """
    _be_ordinary()
    # Who reads from the player must see the end of the stream when the player closes it.
    os.closerange(0, held)
    os.closerange(held + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    most, interval = memory + _resident(Path("/proc/self")), _INTERVAL
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            _end_alike(status)
        signal.sigtimedwait({signal.SIGCHLD}, interval)
        before = time.perf_counter()
        if _taken(child, most) > most:
            os.kill(child, signal.SIGKILL)
        interval = min(max(_INTERVAL, (time.perf_counter() - before) / _SHARE), _LONGEST)


def _be_ordinary() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        with suppress(OSError):  # the C library keeps some for itself
            signal.signal(number, signal.SIG_DFL)
    # Blocked, the signal stays pending when it comes between looking and waiting.
    signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGCHLD})
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_alike(status: int) -> NoReturn:
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
        os._exit(128 + os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def _taken(first: int, enough: int) -> int:
    """Return the bytes that all take together; roughly, and too much, where even that is not too much."""
    folders = list(_processes(first))
    roughly = sum(map(_resident, folders))
    return roughly if roughly <= enough else sum(map(_proportional, folders))


def _processes(first: int) -> Iterator[Path]:
    namespace = _namespace(str(first))
    if namespace:
        with os.scandir("/proc") as found:
            names = [entry.name for entry in found if entry.name.isdigit()]
        yield from (Path("/proc", name) for name in names if _namespace(name) == namespace)


def _namespace(process: str) -> str:
    try:
        return os.readlink(f"/proc/{process}/ns/pid")  # noqa: PTH115 - a path object a process would take longest
    except OSError:
        return ""


def _resident(folder: Path) -> int:
    try:
        return int((folder / "statm").read_text(encoding="ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(folder: Path) -> int:
    """Return a process's own memory, with its part of what it shares; what lies in files is nobody's."""
    try:
        lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))
