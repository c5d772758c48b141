"""Finding the processes of a run from outside, and ending them without a word."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def children(pid: int) -> list[int]:
    found: list[int] = []
    for file in _PROC.glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def below(pid: int) -> list[int]:
    found = children(pid)
    return found + [deeper for child in found for deeper in below(child)]


def command(pid: int) -> str:
    with suppress(OSError):
        return (_PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


def zygotes(root: int) -> list[int]:
    """Return the zygotes below a process: those whose parent is none."""
    return [
        pid
        for pid in below(root)
        if "isolation.zygote" in command(pid) and "isolation.zygote" not in command(_parent(pid))
    ]


def players(root: int) -> list[int]:
    return [pid for zygote in zygotes(root) for pid in children(zygote) if _is_player(pid)]


def referees(root: int) -> list[int]:
    return [pid for zygote in zygotes(root) for pid in children(zygote) if not _is_player(pid)]


def strike(pid: int) -> bool:
    """Kill a process; returns whether it was there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError):
        return int((_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _is_player(pid: int) -> bool:
    """Return whether it was shut in, or waits for one that was: it has no environment, or children of its own."""
    if children(pid):
        return True
    with suppress(OSError):
        return b"PATH=" not in (_PROC / str(pid) / "environ").read_bytes()
    return False
