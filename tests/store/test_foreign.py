"""Stores that another program wrote to, or a disk has damaged: one sentence that names table and row, and nothing hangs."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import TARGET, Row, cell, done, only_sqlite

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.store import Store, upgrade

pytestmark = only_sqlite


@pytest.fixture
def filled(store: Store) -> Path:
    store.enrol("s", [Row(cell(seed=seed)) for seed in range(3)])
    for seed in range(3):
        store.record(cell(seed=seed), done(cell(seed=seed)), TARGET)
    return store.address.file


def write(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def sentence(path: Path, read: Callable[[Store], object] = Store.cells) -> str:
    """Return what is said when a store is opened and read."""
    with pytest.raises(StoreError) as error, Store.open(path, create=False) as store:
        read(store)
    said = str(error.value)
    assert "\n" not in said
    assert str(path) in said
    return said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE cells SET status = 'dnoe' WHERE number = 2",
            "table 'cells', row number 2: status is 'dnoe', not one of",
        ),
        ("UPDATE cells SET seed = 'one' WHERE number = 2", "row number 2: seed is 'one', not a whole number"),
        ("UPDATE cells SET seconds = 'long'", "row number 1: seconds is 'long', not a number"),
        ("UPDATE cells SET seconds = 9e999", "seconds is inf, not a finite number"),
        ("UPDATE cells SET sealed = 'glued'", "sealed is 'glued', not one of no, process, sandbox"),
        ("UPDATE cells SET privileged = 7", "privileged is 7, not 0 or 1"),
        ("UPDATE cells SET finished = x'00ff'", "finished is 2 bytes, not text"),
        ("UPDATE cells SET error = 5, identity = x'7b'", "identity is 1 bytes, not JSON"),
        ("UPDATE cells SET scenario = 77 WHERE number = 3", "table 'cells', row 3 refers to a row of 'scenarios'"),
        ("UPDATE suite_cells SET cell = 99", "table 'suite_cells' refers to a row of 'cells' that is not there"),
        ("UPDATE suite_cells SET position = 'last'", "table 'suite_cells', row suite 's', dataset 'digits'"),
        ("UPDATE targets SET accuracy = 97", "table 'targets', row sha256 'fff"),
        (
            "UPDATE scenarios SET identity = '[1, 2'",
            "table 'scenarios', row number 1: identity is not a scenario's identity",
        ),
        ("UPDATE scenarios SET identity = '[1, 2]'", "identity is not a scenario's identity"),
        ("UPDATE attacks SET definitions = '7x'", "table 'attacks', row number 1: definitions is not a list of names"),
        ("UPDATE environments SET data = '[]'", "table 'environments'"),
        ("DELETE FROM alembic_version", "table 'alembic_version', which says its schema, is empty"),
        ("INSERT INTO alembic_version VALUES ('0001')", "table 'alembic_version', which says its schema, has 2 rows"),
        ("UPDATE alembic_version SET version_num = 'abc'", "says the schema 'abc', which no benchbox has"),
        ("DROP TABLE alembic_version", "has no table 'alembic_version'"),
        ("DROP TABLE pictures", "has no table 'pictures'"),
        ("ALTER TABLE cells DROP COLUMN output", "table 'cells' has no column 'output'"),
    ],
)
def test_a_foreign_value_is_named_when_the_store_is_opened(filled: Path, statement: str, said: str) -> None:
    write(filled, "PRAGMA foreign_keys = OFF", statement)
    assert said in sentence(filled)


def test_what_an_error_repeats_is_short_and_printable(filled: Path) -> None:
    write(filled, f"UPDATE cells SET status = char(27) || '[2J{'x' * 500}'")
    said = sentence(filled)
    assert "\x1b" not in said
    assert len(said) < 500


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE measurements SET value = 'much'",
            "table 'measurements', row cell 1, metric 1, attack 1, budget 50, spent 50",
        ),
        ("UPDATE measurements SET value = 9e999", "value is inf, not between 0 and 1"),
        ("UPDATE measurements SET value = 3.5 WHERE metric = 1", "value is 3.5, not between 0 and 1"),
        ("UPDATE measurements SET n = 'all'", "n is 'all', not a whole number"),
        ("UPDATE measurements SET n = 1.5", "n is 1.5, not a whole number"),
        ("UPDATE measurements SET n = -1", "n is -1, not a whole number of at least 0"),
        ("UPDATE measurements SET metric = 50 WHERE metric = 1", "table 'measurements' refers to a row of 'metrics'"),
    ],
)
def test_a_foreign_measurement_is_named_when_it_is_read(filled: Path, statement: str, said: str) -> None:
    write(filled, "PRAGMA foreign_keys = OFF", statement)
    assert said in sentence(filled, lambda store: store.measurements(suite="s"))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE cells SET identity = '{'", "table 'cells', row number 1: identity is not a cell's identity"),
        ("UPDATE cells SET timings = '[]'", "timings is not numbers by name"),
        ("UPDATE ledger SET queries = 'x'", "table 'ledger', row cell 1"),
        ("UPDATE diagnostics SET points = x'00'", "table 'diagnostics', row cell 1, name 'loss': points is not a list"),
        ("UPDATE cells SET output = CAST(x'ff' AS TEXT)", "output is 1 bytes, not text"),
    ],
)
def test_a_foreign_value_of_one_cell_is_named_when_it_is_shown(filled: Path, statement: str, said: str) -> None:
    write(filled, statement)
    assert said in sentence(filled, lambda store: store.cell(cell().id))


BOMB = zlib.compress(b"[" + b" " * (300 << 20) + b"]", 9)
DEEP = zlib.compress(b"[" * 1_000_000)


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        (BOMB, "it unpacks to more than 64 MiB"),
        (DEEP, "matrix is not a square matrix"),
        (zlib.compress(b"[[1,2],[3,4]]")[:-6], "it is cut off"),
        (zlib.compress(b"[[1,2],[3]]"), "matrix is not a square matrix"),
        (b"no zlib", "matrix is not a square matrix"),
    ],
)
def test_a_blob_that_is_none_or_unpacks_to_gigabytes_is_refused(filled: Path, blob: bytes, said: str) -> None:
    with closing(sqlite3.connect(filled)) as connection, connection:
        connection.execute("UPDATE confusions SET matrix = ?", [blob])
    found = sentence(filled, lambda store: list(store.confusions(suite="s").matrix[0][0]))
    assert "table 'confusions', row cell 1, attack 1, budget 100" in found
    assert said in found


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"


@pytest.mark.parametrize(
    ("table", "columns"),
    [("alembic_version", "i AS version_num"), ("measurements", "i AS cell"), ("cells", "i AS number")],
)
def test_a_view_that_never_ends_is_refused(filled: Path, table: str, columns: str) -> None:
    write(filled, f"ALTER TABLE {table} RENAME TO former", f"CREATE VIEW {table} AS {ENDLESS} {columns} FROM n")
    assert f"holds a view '{table}', which no benchbox makes" in sentence(filled)
    with pytest.raises(StoreError, match="holds a view"):
        upgrade(filled)


def test_a_trigger_is_refused(filled: Path) -> None:
    write(
        filled,
        f"CREATE TRIGGER t AFTER UPDATE ON cells BEGIN DELETE FROM claims WHERE pid IN ({ENDLESS} i FROM n); END",
    )
    assert "holds a trigger 't', which no benchbox makes" in sentence(filled)


def _root_page(path: Path, name: str) -> tuple[int, int]:
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return root, size


@pytest.mark.parametrize("fill", [b"\xff", b"\0"])
@pytest.mark.parametrize("table", ["cells", "measurements", "suite_cells"])
def test_a_damaged_page_is_named_by_its_table(filled: Path, table: str, fill: bytes) -> None:
    root, size = _root_page(filled, table)
    content = bytearray(filled.read_bytes())
    content[(root - 1) * size : root * size] = fill * size
    filled.write_bytes(content)
    said = sentence(filled, lambda store: store.measurements(suite="s"))
    assert f"table '{table}', from its first row on, cannot be read" in said


@pytest.mark.parametrize(("byte", "said"), [(b"\xf7", "decode"), (b"[", "table 'sqlite_master' cannot be read")])
def test_a_schema_that_cannot_be_read_is_one_sentence(filled: Path, byte: bytes, said: str) -> None:
    content = filled.read_bytes()
    at = content.index(b"CREATE TABLE cells") + 60
    filled.write_bytes(content[:at] + byte + content[at + 1 :])
    assert said in sentence(filled)


def test_a_store_whose_rows_cannot_be_found_is_not_called_empty(filled: Path) -> None:
    """An emptied page is no error to SQLite, which finds no rows; its indices still do."""
    tables = ("cells", "suite_cells", "measurements", "confusions", "ledger", "diagnostics", "pictures", "searches")
    for table in tables:
        root, size = _root_page(filled, table)
        content = bytearray(filled.read_bytes())
        at = (root - 1) * size
        content[at + 3 : at + 5] = b"\0\0"  # how many rows the page holds
        filled.write_bytes(content)
    assert "its pages contradict each other" in sentence(filled)


def test_an_empty_store_is_no_damage(store: Store) -> None:
    assert store.cells().empty


def test_partial_results_stand_in_no_frame(store: Store) -> None:
    whole, partial = cell(seed=0), cell(seed=1)
    store.enrol("s", [Row(whole), Row(partial)])
    for played, status in ((whole, Status.DONE), (partial, Status.FAILED)):
        result = done(played)
        result.status = status
        store.record(played, result, TARGET)
    for read in (store.measurements, store.confusions, store.diagnostics, store.pictures):
        assert set(read().seed) == set(read(suite="s").seed) == {0}, read
        assert read(cell=partial.id).empty
        assert set(read(status="failed").seed) == {1}, "it is there for who asks"
    assert store.cells().status.tolist() == ["done", "failed"]
    kept = store.cell(partial.id).result
    assert kept is not None
    assert len(kept.measurements) == 4, "the cell itself shows it"
