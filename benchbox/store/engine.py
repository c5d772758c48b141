"""Connections to the file, and what SQLite's errors mean to a person."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from benchbox.errors import StoreError
from benchbox.store.faults import ForeignValueError, short
from benchbox.store.types import dumps

BUSY_SECONDS = 60


def store_path(place: str | Path) -> Path:
    """Return the file that a path or a ``sqlite:///`` URL names.

    Raises:
        StoreError: a URL of another database, or of none.

    """
    text = str(place)
    if "://" not in text:
        return Path(text)
    try:
        url = make_url(text)
    except ArgumentError:
        raise StoreError(f"'{text}' is not a database URL: write a path, or sqlite:///PATH") from None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise StoreError(f"'{text}' is not a SQLite file: write a path, or sqlite:///PATH")
    return Path(url.database)


def store_files(place: str | Path) -> tuple[Path, ...]:
    """Return the file of a store, and those that SQLite keeps beside it meanwhile.

    Raises:
        StoreError: see ``store_path``.
    """
    return tuple(Path(f"{store_path(place)}{end}") for end in ("", "-wal", "-shm", "-journal"))


def make_engine(path: Path, *, write: bool = False, foreign_keys: bool = True, other: Path | None = None) -> Engine:
    """Return an engine whose transactions read one snapshot, or take the write lock at their start.

    Taking the lock at once lets a second writer wait its turn; a reader that turned writer would get 'locked' instead.

    Args:
        path: the file.
        write: whether transactions write.
        foreign_keys: whether references are kept.
        other: a second store, to be read only, as the schema ``other``.
    """
    url = URL.create("sqlite", database=str(path))
    arguments = {"timeout": BUSY_SECONDS, "uri": True} if other else {"timeout": BUSY_SECONDS}
    engine = create_engine(url, poolclass=NullPool, json_serializer=dumps, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the begin event below says when a transaction starts, not the driver
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        if other is not None:
            connection.execute("ATTACH ? AS other", [f"{other.absolute().as_uri()}?mode=ro"])

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


_FROM_VALUES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error)
"""What reading a value that no benchbox wrote may raise. A bug of ours may, too: the store is looked through to tell."""


@contextmanager
def sentences(path: Path) -> Iterator[None]:
    """Turn the database's errors, and those that foreign values cause, into one sentence each.

    Raises:
        StoreError: always in place of a ``DBAPIError``, or of SQLite's own error; in place of another where the store holds
            a value that no benchbox wrote.

    """
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(path, error.orig)) from error
    except sqlite3.Error as error:
        raise StoreError(_sentence(path, error)) from error
    except ForeignValueError as error:
        raise StoreError(_foreign(path, error)) from error
    except _FROM_VALUES as error:
        fault = look_through(path)
        if fault is None:
            raise
        raise StoreError(_foreign(path, fault)) from error


def look_through(path: Path) -> ForeignValueError | None:
    """Return the first value in a store that no benchbox wrote, or the first damage; None where all is well."""
    from benchbox.store.contents import whole

    try:
        with make_engine(path).connect() as connection:
            whole(connection, path)
    except ForeignValueError as fault:
        return fault
    except UnicodeDecodeError:  # the driver cannot even say what SQLite complains of: it quotes the schema
        return ForeignValueError("table 'sqlite_master', which says what tables there are, cannot be read")
    except (DBAPIError, sqlite3.Error):
        return None  # the file itself cannot be opened, which the first error says better
    return None


def _foreign(path: Path, fault: ForeignValueError) -> str:
    return f"'{path}' is damaged, or another program wrote to it: {fault}; restore it from a copy"


def _sentence(path: Path, error: BaseException | None) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    match code:
        case sqlite3.SQLITE_FULL:
            return f"the disk of '{path}' is full{_kept(path)}"
        case sqlite3.SQLITE_IOERR:
            return f"'{path}' cannot be written: the disk is full, a size limit is reached, or it fails{_kept(path)}"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"another program has kept '{path}' to itself for {BUSY_SECONDS} s; run this again when it is done"
        case sqlite3.SQLITE_READONLY:
            return f"'{path}' is read-only: it can be reported from, not written"
        case sqlite3.SQLITE_CANTOPEN:
            return f"'{path}' cannot be opened: is the folder there, and may you write in it?"
        case sqlite3.SQLITE_NOTADB:
            return f"'{path}' is not a benchbox store"
        case sqlite3.SQLITE_CORRUPT:
            fault = look_through(path)
            return _foreign(path, fault) if fault else f"'{path}' is damaged: restore it from a copy"
        case _:
            fault = look_through(path)
            return _foreign(path, fault) if fault else f"'{path}': {short(error)}"


def _kept(path: Path) -> str:
    """Count what survived, on a connection of its own: the failed transaction is rolled back by then."""
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            (done,) = connection.execute("SELECT count(*) FROM cells WHERE status = 'done'").fetchone()
    except sqlite3.Error:
        return ""
    return f"; {done} finished cell{' is' if done == 1 else 's are'} kept"
