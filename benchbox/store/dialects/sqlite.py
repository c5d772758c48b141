"""A store in one file, by SQLite."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    NullPool,
    Table,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from benchbox.errors import StoreError
from benchbox.store.address import Address
from benchbox.store.contents import SHAPED, check_rows
from benchbox.store.dialects.dialect import Dialect
from benchbox.store.faults import ForeignValueError, check_references, check_table, said, short
from benchbox.store.models import VERSIONS, Base
from benchbox.store.types import dumps

APPLICATION_ID = 0x62626F78  # 'bbox', in the file's header: tells a store from any other SQLite file
_OURS = {VERSIONS, *Base.metadata.tables}
_SCHEMA = "malformed database schema"  # what SQLite says of any table, where it cannot read what tables there are


class SQLite(Dialect):
    """A file. Several processes of one machine may share it; each call opens and closes a connection of its own."""

    def __init__(self, file: Path) -> None:
        super().__init__(Address(file), sqlite3.Error)
        self._file = file

    def _engine(self, *, write: bool, foreign_keys: bool = True, other: Path | None = None) -> Engine:
        """Return an engine.

        Args:
            write: whether transactions write. A reader that turned writer would get 'locked', rather than wait.
            foreign_keys: whether references are kept.
            other: a second store, to be read only, as the schema ``other``.
        """
        url = URL.create("sqlite", database=str(self._file))
        arguments = {"timeout": self.BUSY_SECONDS, "uri": True} if other else {"timeout": self.BUSY_SECONDS}
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

    def sentence(self, error: BaseException) -> str:
        """Return what an error means, by the low byte of its code, which is the primary one."""
        path = self.address
        match _code(error):
            case sqlite3.SQLITE_FULL:
                return f"the disk of '{path}' is full{self.kept()}"
            case sqlite3.SQLITE_IOERR:
                return (
                    f"'{path}' cannot be written: the disk is full, a size limit is reached, or it fails{self.kept()}"
                )
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return f"another program has kept '{path}' to itself for {self.BUSY_SECONDS} s; run this again when it is done"
            case sqlite3.SQLITE_READONLY:
                return f"'{path}' is read-only: it can be reported from, not written"
            case sqlite3.SQLITE_CANTOPEN:
                return f"'{path}' cannot be opened: is the folder there, and may you write in it?"
            case sqlite3.SQLITE_NOTADB:
                return f"'{path}' is not a benchbox store"
            case _:
                return ""

    def otherwise(self, error: BaseException) -> str:
        """Return what is said of an error that the contents do not explain."""
        if _code(error) == sqlite3.SQLITE_CORRUPT:
            return f"'{self.address}' is damaged: restore it from a copy"
        return super().otherwise(error)

    def now(self, connection: Connection) -> float:
        """Return this machine's time: whoever shares the file is on it."""
        return time.time()

    def identity(self) -> Hashable:
        """Return the file's device and number."""
        found = self._file.stat()
        return found.st_dev, found.st_ino

    def vacant(self) -> bool:
        """Whether there is no file, or an empty one."""
        if self._file.is_dir():
            raise StoreError(f"'{self._file}' is a folder, not a store")
        return not self._file.exists() or not self._file.stat().st_size

    def make_room(self) -> None:
        """Make the folder of the file."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder of '{self._file}' cannot be made: {error.strerror}") from None

    def mark(self, connection: Connection) -> None:
        """Write our number into the file's header."""
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")

    def is_store(self, connection: Connection) -> bool:
        """Whether the file's header says that it is a store."""
        return connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID

    @contextmanager
    def upgrading(self, revision: str) -> Iterator[tuple[Connection, Address]]:
        """Copy the file beside itself, and give a connection.

        Foreign keys are off while tables are rebuilt: dropping an old one would empty those that refer to it.
        """
        copy = self._copy(revision)
        try:
            with self._engine(write=True, foreign_keys=False).begin() as connection:
                yield connection, Address(copy)
        except BaseException:
            copy.unlink(missing_ok=True)  # the store is as it was; a copy would be in the way of the next try
            raise

    def _copy(self, revision: str) -> Path:
        copy = self._file.with_name(f"{self._file.name}.{revision}.backup")
        if copy.exists():
            raise StoreError(f"'{copy}' is in the way of a backup; move it")
        try:
            with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(copy)) as sink:
                source.backup(sink)
        except sqlite3.Error as error:
            copy.unlink(missing_ok=True)
            raise StoreError(f"'{self._file}' cannot be backed up to '{copy}': {error}") from error
        return copy

    @contextmanager
    def beside(self, other: Dialect) -> Iterator[Connection]:
        """Attach the other file, or one that the rows of another database are copied to."""
        with ExitStack() as opened:
            file = other.address.file
            if file is None:
                file = Path(opened.enter_context(TemporaryDirectory())) / "other.db"
                from benchbox.store.dialects.other import copy_tables  # brings PostgreSQL's dialect

                with SQLite(file).writer.begin() as connection:
                    copy_tables(other, connection, schema=None)
            yield opened.enter_context(self._engine(write=True, other=file).begin())

    def intruder(self, connection: Connection) -> tuple[str, str] | None:
        """Return a view, a virtual table or a trigger of one of our names."""
        listed = "SELECT name, type, lower(tbl_name), rootpage FROM sqlite_master WHERE type <> 'index'"
        for name, kind, table, page in connection.exec_driver_sql(listed):
            virtual = kind == "table" and not page
            if table in _OURS and (kind != "table" or virtual):
                return "virtual table" if virtual else kind, name
        return None

    def columns(self, connection: Connection) -> Mapping[str, set[str]]:
        """Return the columns of our tables that are not hidden."""
        tables = {
            name: connection.exec_driver_sql(f'PRAGMA table_xinfo("{name}")').all() for name in Base.metadata.tables
        }
        return {name: {row[1] for row in rows if not row[6]} for name, rows in tables.items() if rows}

    def type_rules(self, column: Column[Any]) -> Iterable[tuple[str, str]]:
        """Return what tells a value of another type: any column may hold one."""
        name = f'"{column.name}"'
        types, belongs = _stored(column.type)
        given = f"{name} IS NOT NULL AND " if column.nullable else ""
        yield f"{given}typeof({name}) NOT IN ({', '.join(map(repr, types))})", belongs
        if isinstance(column.type, Boolean):
            yield f"{name} NOT IN (0, 1)", "0 or 1"

    def dangling(self, connection: Connection, table: str) -> tuple[object, str] | None:
        """Return a row that refers to none; tables without a row id give no number."""
        found = connection.exec_driver_sql(f'PRAGMA foreign_key_check("{table}")').first()
        return None if found is None else (found[1], found[2])

    def look_through(self, connection: Connection) -> None:
        """Look at what SQLite can read, then at what it holds, then at whether its pages agree."""
        try:
            self._look_at_tables(connection)
            for name in SHAPED:
                self._look_into(Base.metadata.tables[name])
        except UnicodeDecodeError:  # the driver cannot even say what SQLite complains of: it quotes the schema
            raise ForeignValueError("table 'sqlite_master', which says what tables there are, cannot be read") from None
        verdict = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if verdict != "ok":
            raise ForeignValueError(f"its pages contradict each other ({said(verdict)})")

    def _look_at_tables(self, connection: Connection) -> None:
        for name, table in Base.metadata.tables.items():
            try:
                check_table(connection, table, self)
                check_references(connection, name, self)
            except DBAPIError as error:
                if getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
                    continue  # text that is none, which is found later, or a table of another schema
                broken = _SCHEMA in str(error.orig)
                where = "table 'sqlite_master'" if broken else f"table '{name}'{self._last_row(table)}"
                raise ForeignValueError(f"{where} cannot be read: {short(error.orig)}") from None

    def _look_into(self, table: Table) -> None:
        with closing(sqlite3.connect(self._file)) as connection:
            connection.text_factory = bytes  # so that text which is none can be told from the rest
            check_rows(table, connection.execute(self.everything(table)))

    def _last_row(self, table: Table) -> str:
        """Return the last row that can be read of a damaged table, in words."""
        keys, last = [column.name for column in table.primary_key], None
        listed = ", ".join(f'"{key}"' for key in keys)
        try:
            with closing(sqlite3.connect(self._file)) as connection:
                for row in connection.execute(f'SELECT {listed}, * FROM "{table.name}"'):
                    last = row[: len(keys)]
        except sqlite3.Error:
            pass
        if last is None:
            return ", from its first row on,"
        return f", after row {', '.join(f'{key} {said(value)}' for key, value in zip(keys, last, strict=True))},"


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _stored(kind: Any) -> tuple[tuple[str, ...], str]:
    """Return how SQLite stores the values of a type of column, and that in words."""
    if isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if isinstance(kind, Float):
        return ("real", "integer"), "a number"
    if isinstance(kind, Integer | Boolean):
        return ("integer",), "a whole number"
    if isinstance(kind, LargeBinary):
        return ("blob",), "bytes"
    return ("text",), "JSON" if isinstance(kind, JSON) else "text"
