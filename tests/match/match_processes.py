"""The processes of slots, seen from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchbox.execution.slots import LocalSlots


def zygote(slots: LocalSlots) -> int:
    """Return the process id of a zygote."""
    assert slots._referees._nursery is not None
    assert slots._referees._nursery._process is not None
    return slots._referees._nursery._process.pid


def family(slots: LocalSlots) -> list[int]:
    """Return what a zygote has forked and what these have, in the order in which they started: referees before players."""
    found, fresh = set[int](), {zygote(slots)}
    while fresh:
        found |= fresh
        fresh = {child for pid in fresh for child in _children(pid)} - found
    return sorted(found - {zygote(slots)}, key=_started)


def alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has buried yet does not."""
    return _stat(pid)[:1] not in ([], ["Z"], ["X"])


def until(condition: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for something to become true, and fail rather than for ever."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _stat(pid: int) -> list[str]:
    """Return what the kernel says of a process, from its state on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _started(pid: int) -> tuple[int, int]:
    stat = _stat(pid)
    return (int(stat[19]) if stat else 0, pid)
