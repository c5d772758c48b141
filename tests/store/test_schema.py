from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_samples import cell, done

from benchbox.errors import StoreError
from benchbox.store import Store, schema, upgrade
from benchbox.store.engine import make_engine, sentences
from benchbox.store.models import Base


def _stamp(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", [revision])


def test_the_migrations_make_the_tables_that_the_models_describe(store: Store) -> None:
    with make_engine(store.path).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_heads() == [schema.HEAD]


def test_every_constraint_has_a_name(store: Store) -> None:
    with closing(sqlite3.connect(store.path)) as connection:
        tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    assert len(tables) > 10
    for name, sql in tables:
        constraints = [line for line in sql.splitlines() if any(k in line for k in ("KEY", "UNIQUE", "CHECK"))]
        assert constraints, name
        assert all("CONSTRAINT " in line for line in constraints), name


def test_an_older_store_names_the_command(store: Store) -> None:
    _stamp(store.path, "0001")
    with pytest.raises(StoreError, match=f"earlier benchbox; run 'benchbox db upgrade --db {store.path}'"):
        Store.open(store.path)


def test_a_newer_store_says_so(store: Store) -> None:
    _stamp(store.path, "0999")
    with pytest.raises(StoreError, match="schema 0999 of a newer benchbox"):
        Store.open(store.path)
    with pytest.raises(StoreError, match="schema 0999 of a newer benchbox"):
        upgrade(store.path)


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
        Store.open(store.path)
    copy = upgrade(f"sqlite:///{store.path}")
    assert copy == tmp_path / f"results.db.{NOW}.backup"
    with closing(sqlite3.connect(store.path)) as now, closing(sqlite3.connect(copy)) as before:
        assert now.execute("SELECT note, reason FROM cells").fetchall() == [("", "")]
        assert before.execute("SELECT error FROM cells").fetchall() == [("",)]
        for table in ("measurements", "ledger", "confusions"):
            rows = f"SELECT * FROM {table}"
            assert now.execute(rows).fetchall() == before.execute(rows).fetchall() != [], table
    assert upgrade(store.path) is None, "it is up to date"


def test_an_upgrade_that_fails_changes_nothing(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _next_release(monkeypatch, tmp_path / "next", _CHANGE + "    op.execute('SELECT * FROM nowhere')\n")
    with pytest.raises(StoreError, match="nowhere"):
        upgrade(store.path)
    assert schema.revision_of(store.path) == NOW
    assert not list(tmp_path.glob("*.backup")), "nothing is in the way of the next try"
    with closing(sqlite3.connect(store.path)) as connection:
        assert "error" in {row[1] for row in connection.execute("PRAGMA table_info(cells)")}


def test_an_upgrade_overwrites_no_earlier_copy(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _next_release(monkeypatch, tmp_path / "next", _CHANGE)
    (tmp_path / f"results.db.{NOW}.backup").write_text("precious")
    with pytest.raises(StoreError, match=f"{NOW}.backup' is in the way"):
        upgrade(store.path)
    assert schema.revision_of(store.path) == NOW


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
    with pytest.raises(StoreError, match=r"there is no store '.*none.db' to upgrade"):
        upgrade(path)
    assert not path.exists()


def test_a_damaged_store_is_one_sentence(store: Store) -> None:
    for seed in range(20):
        store.record(cell(seed=seed), done(cell(seed=seed)))
    content = bytearray(store.path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    store.path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(store.path).measurements()


def test_what_the_driver_itself_raises_is_one_sentence_too(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4080)
    with (
        pytest.raises(StoreError, match=r"results\.db'"),
        sentences(path),
        closing(sqlite3.connect(path)) as connection,
    ):
        connection.execute("SELECT * FROM measurements")


@pytest.mark.parametrize("url", ["postgresql://host/x", "sqlite://", "sqlite:///:memory:", "://"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(StoreError, match="write a path, or sqlite:///PATH"):
        Store.open(url)


def test_urls_and_new_folders(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "results.db"
    assert Store.open(f"sqlite:///{path}").path == path
    assert path.is_file()
