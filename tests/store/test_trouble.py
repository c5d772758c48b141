"""What a store must survive."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Connection, event
from store_samples import Row, cell, done, only_sqlite

from benchbox.errors import StoreError
from benchbox.store import Store
from benchbox.store.dialects import Dialect

HERE = Path(__file__).parent


def _start(code: str, *args: object) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


_WRITE = """
import sys
from store_samples import Row, cell, done, only_sqlite
from benchbox.store import Store
store = Store.open(sys.argv[1])
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    played = cell(seed=seed)
    store.enrol("s", [Row(played)])
    store.record(played, done(played))
"""


def test_two_processes_write_at_once_and_nothing_is_lost(dialect: str, new_place: Callable[[str, str], str]) -> None:
    path = new_place(dialect, "results")
    writers = [_start(_WRITE, path, *span) for span in ((0, 15), (10, 25))]
    for writer in writers:
        _, stderr = writer.communicate(timeout=60)
        assert writer.returncode == 0, stderr
    with Store.open(path) as store:
        frame = store.measurements(metric="accuracy", budget=50)
    assert sorted(frame.seed) == list(range(25))


_HALFWAY = """
import sys, time
from sqlalchemy import text
from store_samples import cell, done
from benchbox.store import Store
store = Store.open(sys.argv[1])
with store.writing() as session:
    session.execute(text("PRAGMA cache_size = 1"))  # pages spill into the file before the commit
    session.execute(text("DELETE FROM measurements"))
    for i in range(3000):
        session.execute(text(f"INSERT INTO targets VALUES ('{i:064}', '', '', '', '', '0', 0, 0, 0, 0)"))
    print("halfway", flush=True)
    time.sleep(60)
"""


def test_a_writer_killed_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "results.db")
    for seed in range(5):
        store.record(cell(seed=seed), done(cell(seed=seed)))
    writer = _start(_HALFWAY, store.address.file)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "halfway\n"
    assert Path(f"{store.address.file}-journal").exists()
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    assert len(store.measurements(metric="accuracy", budget=50)) == 5
    assert store.targets().empty
    assert store.record(cell(seed=9), done(cell(seed=9)))
    with closing(sqlite3.connect(store.address.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@only_sqlite
def test_a_full_disk_is_one_sentence_and_finished_cells_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.record(cell(), done(cell()))

    @event.listens_for(store.dialect.writer, "begin")
    def _full(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def _until_full() -> None:
        for seed in range(1, 200):
            store.record(cell(seed=seed), done(cell(seed=seed)))

    with pytest.raises(StoreError, match=r"the disk of '.*results.db' is full; \d+ finished cells? (is|are) kept"):
        _until_full()
    event.remove(store.dialect.writer, "begin", _full)
    kept = len(store.cells(status="done"))
    assert kept >= 1
    assert store.record(cell(seed=500), done(cell(seed=500))), "goes on when there is room again"
    assert len(store.cells(status="done")) == kept + 1


_LIMITED = """
import resource, sys
from store_samples import cell, done
from benchbox.errors import StoreError
from benchbox.store import Store
store = Store.open(sys.argv[1])
limit = store.address.file.stat().st_size + 50_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    for seed in range(500):
        store.record(cell(seed=seed), done(cell(seed=seed)))
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_limit_on_the_file_is_one_sentence_too(tmp_path: Path) -> None:
    writer = _start(_LIMITED, tmp_path / "results.db")
    stdout, stderr = writer.communicate(timeout=60)
    assert writer.returncode == 0, stderr
    assert "cannot be written" in stdout
    kept = len(Store.open(tmp_path / "results.db").cells(status="done"))
    assert kept > 3
    assert f"; {kept} finished cells are kept" in stdout


_HOLD = """
import sys, time
from benchbox.store import Store
with Store.open(sys.argv[1]).writing():
    print("held", flush=True)
    time.sleep(1.0)
"""


def test_a_writer_waits_for_another_and_readers_do_not(store: Store) -> None:
    holder = _start(_HOLD, store.address)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    assert store.cells().empty
    assert holder.poll() is None, "the reader did not wait"
    assert store.claim("a", "me")
    holder.communicate()


@only_sqlite
def test_a_store_that_another_program_keeps_is_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dialect, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(store.address.file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another program has kept"):
            Store.open(store.address.file).cells()


_READ = """
import os, sys
import pandas
from benchbox.errors import StoreError
from benchbox.store import Store
Store.open(sys.argv[1] + ".warm").measurements()  # imports what is imported late
if os.geteuid() == 0:
    os.setuid(65534)  # permissions do not bind the superuser
store = Store.open(sys.argv[2])
print(len(store.measurements()))
try:
    store.claim("a", "me")
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no such permissions there")
def test_a_read_only_file_in_a_read_only_folder_can_be_read(tmp_path: Path) -> None:
    with TemporaryDirectory() as name:  # pytest's own folder is closed to other users
        folder = Path(name)
        store = Store.open(folder / "results.db")
        store.enrol("s", [Row(cell())])
        store.record(cell(), done(cell()))
        store.address.file.chmod(0o444)
        folder.chmod(0o555)
        reader = _start(_READ, tmp_path / "other", store.address.file)
        stdout, stderr = reader.communicate(timeout=60)
        folder.chmod(0o755)
    assert stdout.splitlines()[:1] == ["4"], stderr
    assert "is read-only: it can be reported from, not written" in stdout
