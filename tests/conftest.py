"""What all tests share: one thread a process, and stores that wait for no disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress

import pytest

# As the workers have it: threads of several test processes would fight for the cores.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Leave flushing to the system where stores of this process are written: no test pulls the plug, and every commit waits."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def unflushed(connection: sqlite3.Connection, _record: object) -> None:
        with suppress(sqlite3.Error, UnicodeDecodeError):  # of a damaged store, the program is to tell
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", unflushed)
    yield
    event.remove(Engine, "connect", unflushed)
