"""What all tests share: one thread a process, stores that wait for no disk, and a database server."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from postgres_server import PASSWORD, missing, server

# As the workers have it: threads of several test processes would fight for the cores.
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")
os.environ.setdefault("BENCHBOX_IMPORT_SECONDS", "120")  # a busy machine is no reason for a plugin file that fails

# Files that take minutes begin first, so that no worker is left with one at the end.
_LONG = (
    "test_audit_page.py",
    "test_submission.py",
    "test_faults.py",
    "test_debugging_page.py",
    "test_other_kinds_page.py",
    "test_conformance.py",
    "test_plugins_page.py",
    "test_running_page.py",
    "test_defences_page.py",
    "test_cluster.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; see ``_LONG``."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Leave flushing to the system where stores of this process are written: no test pulls the plug, and every commit waits."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def unflushed(connection: object, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        with suppress(sqlite3.Error, UnicodeDecodeError):  # of a damaged store, the program is to tell
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", unflushed)
    yield
    event.remove(Engine, "connect", unflushed)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a database, whose password is in PGPASSWORD; where there is no server, tests are skipped, and say why."""
    if reason := missing():
        pytest.skip(reason)
    with server() as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield url
