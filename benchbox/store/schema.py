"""The schema's version: making it, checking it at every open, and migrating it on request.

To change the schema: change ``models``, add ``migrations/versions/rNNNN_what.py`` beside the others, raise ``HEAD``. A test
holds the models and the migrations equal.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from benchbox.errors import StoreError
from benchbox.store.engine import make_engine, sentences, store_path

HEAD = "0002"
"""The newest revision in ``migrations``; revisions are numbered, so that text order is their order."""

MIGRATIONS = Path(__file__).parent / "migrations"
APPLICATION_ID = 0x62626F78  # 'bbox', in the file's header: tells a store from any other SQLite file


def ready(path: Path, *, create: bool) -> None:
    """Check that ``path`` is a store of this schema; make it where it is missing and ``create`` says so.

    Raises:
        StoreError: it is missing, not a store, or of another schema; the sentence names the command that helps.

    """
    if not path.exists() and not create:
        raise StoreError(f"there is no store '{path}': name one with --db, or make it with 'benchbox run --suite NAME'")
    if path.is_dir():
        raise StoreError(f"'{path}' is a folder, not a store")
    if not path.exists() or (create and not path.stat().st_size):
        _make(path)
    revision = revision_of(path)
    if revision < HEAD:
        raise StoreError(
            f"'{path}' has the schema {revision} of an earlier benchbox; run 'benchbox db upgrade --db {path}'"
        )
    if revision > HEAD:
        raise StoreError(
            f"'{path}' has the schema {revision} of a newer benchbox than this one ({HEAD}); update benchbox"
        )


def revision_of(path: Path) -> str:
    """Return the revision that a store is at.

    Raises:
        StoreError: it is not a store.

    """
    with sentences(path), make_engine(path).connect() as connection:
        if not _is_store(connection):
            raise StoreError(f"'{path}' is not a benchbox store")
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def upgrade(place: str | Path) -> Path | None:
    """Migrate a store to this benchbox's schema, after copying it beside itself.

    Returns:
        The copy, or None where the store was up to date.

    Raises:
        StoreError: it is missing, not a store, newer than this benchbox, or cannot be written.

    """
    path = store_path(place)
    if not path.is_file():
        raise StoreError(f"there is no store '{path}' to upgrade")
    revision = revision_of(path)
    if revision == HEAD:
        return None
    if revision > HEAD:
        ready(path, create=False)
    copy = _copy(path, revision)
    # Foreign keys are off while tables are rebuilt: dropping an old one would empty those that refer to it.
    with sentences(path), make_engine(path, write=True, foreign_keys=False).begin() as connection:
        _migrate(connection)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StoreError(f"upgrading '{path}' would break its references; it is as it was (a copy is '{copy}')")
    return copy


def _is_store(connection: Connection) -> bool:
    return connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of '{path}' cannot be made: {error.strerror}") from None
    with sentences(path), make_engine(path, write=True).begin() as connection:
        if not _is_store(connection):  # another process may have made it while this one waited for the lock
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            _migrate(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(path: Path, revision: str) -> Path:
    copy = path.with_name(f"{path.name}.{revision}.backup")
    if copy.exists():
        raise StoreError(f"'{copy}' is in the way of a backup; move it")
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as sink:
            source.backup(sink)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        raise StoreError(f"'{path}' cannot be backed up to '{copy}': {error}") from error
    return copy
