"""The schema's version: making it, checking it at every open, and migrating it on request.

To change the schema: change ``models``, add ``migrations/versions/rNNNN_what.py`` beside the others, raise ``HEAD``. A test
holds the models and the migrations equal.
"""

from __future__ import annotations

import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from benchbox.errors import StoreError
from benchbox.store.contents import check_shared
from benchbox.store.engine import make_engine, sentences, store_path
from benchbox.store.faults import check_references, check_small
from benchbox.store.structure import APPLICATION_ID, check_columns, check_tables, is_store, version
from benchbox.store.writing import PARTS

HEAD = "0004"
"""The newest revision in ``migrations``; revisions are numbered, so that text order is their order."""

MIGRATIONS = Path(__file__).parent / "migrations"


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
    _refuse_unknown(path, revision)
    if revision < HEAD:
        command = f"benchbox db upgrade --db {shlex.quote(str(path))}"
        raise StoreError(f"'{path}' has the schema {revision} of an earlier benchbox; run '{command}'")


def sound(path: Path) -> None:
    """Check that a store of this schema has its tables and columns, and no foreign value where every reader looks.

    Raises:
        StoreError: the first fault, by table and row.
    """
    with sentences(path), make_engine(path).connect() as connection:
        check_columns(connection, path)
        check_small(connection)
        check_shared(connection)


def revision_of(path: Path) -> str:
    """Return the revision that a store is at.

    Raises:
        StoreError: it is not a store.

    """
    with sentences(path), make_engine(path).connect() as connection:
        if not is_store(connection):
            raise StoreError(f"'{path}' is not a benchbox store")
        check_tables(connection, path)
        return version(connection, path)


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
    _refuse_unknown(path, revision)
    if revision == HEAD:
        return None
    copy = _copy(path, revision)
    try:
        _upgrade(path)
    except BaseException:
        copy.unlink(missing_ok=True)  # the store is as it was; a copy would be in the way of the next try
        raise
    return copy


def _upgrade(path: Path) -> None:
    # Foreign keys are off while tables are rebuilt: dropping an old one would empty those that refer to it.
    try:
        with sentences(path), make_engine(path, write=True, foreign_keys=False).begin() as connection:
            _migrate(connection)
            for name in ("cells", "suite_cells", *(part.__tablename__ for part in PARTS)):
                check_references(connection, name)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise StoreError(
            f"'{path}' cannot be upgraded, it is as it was: some of it no benchbox wrote ({why})"
        ) from error


def _refuse_unknown(path: Path, revision: str) -> None:
    """Refuse what no upgrade of ours begins at, rather than advise one."""
    if revision > HEAD:
        raise StoreError(
            f"'{path}' has the schema {revision} of a newer benchbox than this one ({HEAD}); update benchbox"
        )
    known = sorted(file.name[1:5] for file in (MIGRATIONS / "versions").glob("r[0-9]*.py"))
    if revision not in known:
        raise StoreError(
            f"'{path}' has the schema {revision}, which no benchbox had (known: {', '.join(known)}): restore it from a copy"
        )


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of '{path}' cannot be made: {error.strerror}") from None
    with sentences(path), make_engine(path, write=True).begin() as connection:
        if not is_store(connection):  # another process may have made it while this one waited for the lock
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
