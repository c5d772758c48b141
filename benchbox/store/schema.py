"""The schema's version: making it, checking it at every open, and migrating it on request.

To change the schema: change ``models``, add ``migrations/versions/rNNNN_what.py`` beside the others, raise ``HEAD``. A test
holds the models and the migrations equal. Texts and whole numbers are ``Text`` and ``Whole`` of ``types``, there and here.
"""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from benchbox.errors import StoreError
from benchbox.store.address import Address
from benchbox.store.contents import check_shared
from benchbox.store.dialects import Dialect, dialect_of
from benchbox.store.faults import check_references, check_small
from benchbox.store.sentences import sentences
from benchbox.store.structure import check_columns, check_tables, version
from benchbox.store.writing import PARTS

HEAD = "0004"
"""The newest revision in ``migrations``; revisions are numbered, so that text order is their order."""

MIGRATIONS = Path(__file__).parent / "migrations"


def exists(place: str | Path | Address) -> bool:
    """Whether there is a store at a path or URL, of whatever schema.

    Raises:
        StoreError: something else is there.
    """
    with closing(dialect_of(place)) as dialect:
        return not _vacant(dialect)


def ready(dialect: Dialect, *, create: bool) -> None:
    """Check that a store of this schema is there; make it where it is missing and ``create`` says so.

    Raises:
        StoreError: it is missing, not a store, or of another schema; the sentence names the command that helps.

    """
    address = dialect.address
    if _vacant(dialect):
        if not create:
            there = address.file is not None and address.file.exists()
            lacking = f"'{address}' is empty" if there else f"there is no store '{address}'"
            raise StoreError(f"{lacking}: name one with --db, or make it with 'benchbox run --suite NAME'")
        _make(dialect)
    revision = revision_of(dialect)
    _refuse_unknown(address, revision)
    if revision < HEAD:
        command = f"benchbox db upgrade --db {shlex.quote(str(address))}"
        raise StoreError(f"'{address}' has the schema {revision} of an earlier benchbox; run '{command}'")


def sound(dialect: Dialect) -> None:
    """Check that a store of this schema has its tables and columns, and no foreign value where every reader looks.

    Raises:
        StoreError: the first fault, by table and row.
    """
    with sentences(dialect), dialect.reader.connect() as connection:
        check_columns(connection, dialect)
        check_small(connection, dialect)
        check_shared(connection, dialect)


def revision_of(dialect: Dialect) -> str:
    """Return the revision that a store is at.

    Raises:
        StoreError: it is not a store.

    """
    with sentences(dialect), dialect.reader.connect() as connection:
        if not dialect.is_store(connection):
            raise StoreError(f"'{dialect.address}' is not a benchbox store")
        check_tables(connection, dialect)
        return version(connection, dialect)


def upgrade(place: str | Path | Address) -> Address | None:
    """Migrate a store to this benchbox's schema, after copying it: a file beside itself, a database's into another schema.

    Returns:
        The copy, or None where the store was up to date.

    Raises:
        StoreError: it is missing, not a store, newer than this benchbox, or cannot be written.

    """
    with closing(dialect_of(place)) as dialect:
        if _vacant(dialect):
            raise StoreError(f"there is no store '{dialect.address}' to upgrade")
        revision = revision_of(dialect)
        _refuse_unknown(dialect.address, revision)
        return None if revision == HEAD else _upgrade(dialect, revision)


def _upgrade(dialect: Dialect, revision: str) -> Address:
    try:
        with sentences(dialect), dialect.upgrading(revision) as (connection, copy):
            _migrate(connection)
            for name in ("cells", "suite_cells", *(part.__tablename__ for part in PARTS)):
                check_references(connection, name, dialect)
            return copy
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise StoreError(
            f"'{dialect.address}' cannot be upgraded, it is as it was: some of it no benchbox wrote ({why})"
        ) from error


def _vacant(dialect: Dialect) -> bool:
    with sentences(dialect):
        return dialect.vacant()


def _refuse_unknown(address: Address, revision: str) -> None:
    """Refuse what no upgrade of ours begins at, rather than advise one."""
    if revision > HEAD:
        raise StoreError(
            f"'{address}' has the schema {revision} of a newer benchbox than this one ({HEAD}); update benchbox"
        )
    known = sorted(file.name[1:5] for file in (MIGRATIONS / "versions").glob("r[0-9]*.py"))
    if revision not in known:
        raise StoreError(
            f"'{address}' has the schema {revision}, which no benchbox had (known: {', '.join(known)}): restore it from a copy"
        )


def _make(dialect: Dialect) -> None:
    with sentences(dialect):
        dialect.make_room()
        with dialect.writer.begin() as connection:
            if not dialect.is_store(connection):  # another process may have made it while this one waited for the lock
                _migrate(connection)
                dialect.mark(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
