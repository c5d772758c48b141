from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from store_samples import cell, done, everything, only_sqlite

from benchbox.errors import StoreError
from benchbox.store import Store, schema, upgrade
from benchbox.store.dialects import Dialect, dialect_of
from benchbox.store.models import Base
from benchbox.store.sentences import sentences


def _stamp(store: Store, revision: str) -> None:
    with store.dialect.writer.begin() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


def test_the_migrations_make_the_tables_that_the_models_describe(store: Store) -> None:
    with store.dialect.reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]


@only_sqlite
def test_every_constraint_has_a_name(store: Store) -> None:
    with closing(sqlite3.connect(store.address.file)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    assert len(tables) > 10
    for name, sql in tables:
        constraints = [line for line in sql.splitlines() if any(k in line for k in ("KEY", "UNIQUE", "CHECK"))]
        assert constraints, name
        assert all("CONSTRAINT " in line for line in constraints), name


def test_an_older_store_names_the_command(store: Store) -> None:
    _stamp(store, "0001")
    command = f"benchbox db upgrade --db {shlex.quote(str(store.address))}"
    with pytest.raises(StoreError, match=re.escape(f"earlier benchbox; run '{command}'")):
        Store.open(store.address)


def test_a_newer_store_says_so(store: Store) -> None:
    _stamp(store, "0999")
    with pytest.raises(StoreError, match="schema 0999 of a newer benchbox"):
        Store.open(store.address)
    with pytest.raises(StoreError, match="schema 0999 of a newer benchbox"):
        upgrade(store.address)


NOW = schema.HEAD
NEXT = f"{int(NOW) + 1:04}"
_CHANGE = f"""
import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{NOW}"

def upgrade():
    with op.batch_alter_table("cells") as batch:
        batch.add_column(sa.Column("note", sa.String(), nullable=False, server_default=""))
        batch.alter_column("error", new_column_name="reason")
"""


def _next_release(monkeypatch: pytest.MonkeyPatch, folder: Path, revision: str) -> None:
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"r{NEXT}_next.py").write_text(revision)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    monkeypatch.setattr(schema, "HEAD", NEXT)


def test_an_upgrade_keeps_a_copy_and_every_row(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.record(cell(), done(cell()))
    _next_release(monkeypatch, tmp_path / "100% new", _CHANGE)
    with pytest.raises(StoreError, match="db upgrade"):
        Store.open(store.address)
    copy = upgrade(store.address)
    assert copy is not None
    assert f"results.db.{NOW}.backup" in str(copy) or f"_{NOW}_backup" in str(copy)
    with _connect(store.dialect) as now, _connect(dialect_of(copy)) as before:
        assert now.exec_driver_sql("SELECT note, reason FROM cells").all() == [("", "")]
        assert before.exec_driver_sql("SELECT error FROM cells").all() == [("",)]
        for table in ("measurements", "ledger", "confusions"):
            rows = f"SELECT * FROM {table} ORDER BY 1, 2, 3"
            assert now.exec_driver_sql(rows).all() == before.exec_driver_sql(rows).all() != [], table
    assert upgrade(store.address) is None, "it is up to date"
    with monkeypatch.context() as patch:  # an earlier benchbox reads the copy
        patch.setattr(schema, "HEAD", NOW)
        with Store.open(copy, create=False) as kept:
            assert kept.cell(cell().id).result is not None


@contextmanager
def _connect(dialect: Dialect) -> Iterator[Connection]:
    with closing(dialect), dialect.reader.connect() as connection:
        yield connection


def test_an_upgrade_that_fails_changes_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.record(cell(), done(cell()))
    before = everything(store)
    _next_release(monkeypatch, tmp_path / "next", _CHANGE + "    op.execute('SELECT * FROM nowhere')\n")
    with pytest.raises(StoreError, match="nowhere"):
        upgrade(store.address)
    assert schema.revision_of(store.dialect) == NOW
    assert everything(store) == before
    (tmp_path / "next" / "versions" / f"r{NEXT}_next.py").write_text(_CHANGE)
    assert upgrade(store.address) is not None, "nothing is in the way of the next try"


@only_sqlite
def test_an_upgrade_overwrites_no_earlier_copy(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _next_release(monkeypatch, tmp_path / "next", _CHANGE)
    (tmp_path / f"results.db.{NOW}.backup").write_text("precious")
    with pytest.raises(StoreError, match=f"{NOW}.backup' is in the way"):
        upgrade(store.address)
    assert schema.revision_of(store.dialect) == NOW


def test_what_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    text, other = tmp_path / "text.db", tmp_path / "other.db"
    text.write_text("not a database at all, but long enough to be looked at" * 20)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute("CREATE TABLE cells (id)")
    for path in (text, other):
        with pytest.raises(StoreError, match="is not a benchbox store"):
            Store.open(path)
        with pytest.raises(StoreError, match="is not a benchbox store"):
            upgrade(path)
    with pytest.raises(StoreError, match="is a folder"):
        Store.open(tmp_path)


def test_a_missing_store_is_one_sentence_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    with pytest.raises(StoreError, match=r"there is no store '.*none.db'"):
        Store.open(path, create=False)
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match=r"empty.db' is empty: name one with --db, or make it"):
        Store.open(tmp_path / "empty.db", create=False)
    with pytest.raises(StoreError, match=r"there is no store '.*none.db' to upgrade"):
        upgrade(path)
    assert not path.exists()


@only_sqlite
def test_a_damaged_store_is_one_sentence(store: Store) -> None:
    for seed in range(20):
        store.record(cell(seed=seed), done(cell(seed=seed)))
    content = bytearray(store.address.file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.address.file.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(store.address).measurements()


def test_what_the_driver_itself_raises_is_one_sentence_too(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4080)
    with (
        pytest.raises(StoreError, match=r"results\.db'"),
        sentences(dialect_of(path)),
        closing(sqlite3.connect(path)) as connection,
    ):
        connection.execute("SELECT * FROM measurements")


@pytest.mark.parametrize(
    "url", ["mysql://host/x", "sqlite://", "sqlite:///:memory:", "://", "postgresql+asyncpg://host/x"]
)
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="write a path, sqlite:///PATH, or postgresql"):
        Store.open(url)


def test_urls_and_new_folders(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "results.db"
    assert Store.open(f"sqlite:///{path}").address.file == path
    assert path.is_file()
