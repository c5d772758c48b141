"""Who is running which cell, so that two runs on one store share the work."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from sqlalchemy import delete, select, true, update
from sqlalchemy.orm import Session

from benchbox.records import Status
from benchbox.store.enrolment import batches
from benchbox.store.models import CellRow, ClaimRow

STALE_SECONDS = 60.0
UNFINISHED = frozenset({Status.INTERRUPTED, Status.FAILED})
"""What a cell is played over, unless a run says otherwise."""


def claim(session: Session, cell_id: str, owner: str, now: float, over: Collection[Status]) -> bool:
    """Take a cell that has no result, or one of ``over``, unless a living run has it. The caller holds the write lock.

    ``now`` is the store's time, here and below: all who share it read one clock.
    """
    status = session.scalars(select(CellRow.status).where(CellRow.id == cell_id)).one_or_none()
    if status is not None and status not in over:
        return False
    held = session.get(ClaimRow, cell_id)
    if held is not None and held.owner != owner and alive(held, now):
        return False
    if held is None:
        session.add(held := ClaimRow(cell_id=cell_id))
    held.owner, held.host, held.pid, held.heartbeat = owner, machine(), os.getpid(), now
    return True


def heartbeat(session: Session, owner: str, now: float) -> None:
    """Say that all of an owner's claims still hold."""
    session.execute(update(ClaimRow).where(ClaimRow.owner == owner).values(heartbeat=now))


def release(session: Session, owner: str, ids: Iterable[str] | None) -> None:
    """Give up an owner's claims, all or on some cells; claims that another has taken over stay."""
    mine = delete(ClaimRow).where(ClaimRow.owner == owner)
    for which in [true()] if ids is None else [ClaimRow.cell_id.in_(batch) for batch in batches(ids)]:
        session.execute(mine.where(which))


def held_by_others(session: Session, ids: Iterable[str], owner: str, now: float) -> set[str]:
    """Return those of ``ids`` that a living run other than ``owner`` has."""
    wanted = set(ids)
    rows = session.scalars(select(ClaimRow).where(ClaimRow.owner != owner))
    return {row.cell_id for row in rows if row.cell_id in wanted and alive(row, now)}


def any_alive(session: Session, now: float) -> bool:
    """Whether any run has claims, and lives."""
    return any(alive(row, now) for row in session.scalars(select(ClaimRow)))


def alive(row: ClaimRow, now: float) -> bool:
    """Whether a claim's run still beats, and its process still exists where that can be told."""
    if now - row.heartbeat > STALE_SECONDS:
        return False
    return row.host != machine() or _exists(row.pid)


@cache
def machine() -> str:
    """Return what is equal for processes that see one another's numbers: containers and cloned machines may share a name."""
    known = [socket.gethostname()]
    if sys.platform == "linux":
        known += [
            Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            str(Path("/proc/self/ns/pid").readlink()),
        ]
    return " ".join(known)


def _exists(pid: int) -> bool:
    if sys.platform == "win32":  # signal 0 is no mere question there; the heartbeat must do
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
