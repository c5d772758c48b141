"""What the store asks of a database."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, ClassVar

from sqlalchemy import Column, Connection, Engine, Table, func, select
from sqlalchemy.exc import DBAPIError

from benchbox.records import Status
from benchbox.store.address import Address
from benchbox.store.contents import SHAPED, check_rows
from benchbox.store.faults import check_references, check_table, short
from benchbox.store.models import Base, CellRow


class Dialect(ABC):
    """One store's database. Methods that open it raise the driver's errors; ``sentences`` makes sentences of them.

    Attributes:
        address: where it is.
        errors: the base of what the driver raises itself, outside SQLAlchemy.
    """

    BUSY_SECONDS: ClassVar[float] = 60
    """How long a transaction waits for another program's."""

    def __init__(self, address: Address, errors: type[Exception]) -> None:
        self.address, self.errors = address, errors

    @cached_property
    def reader(self) -> Engine:
        """Connections whose transactions see one moment of the store."""
        return self._engine(write=False)

    @cached_property
    def writer(self) -> Engine:
        """Connections whose transactions hold the store's one write lock, from their start."""
        return self._engine(write=True)

    def close(self) -> None:
        """Let go of the database."""
        for name in ("reader", "writer"):
            if name in vars(self):
                vars(self)[name].dispose()

    @abstractmethod
    def _engine(self, *, write: bool) -> Engine:
        """Return an engine; taking the write lock at once lets a second writer wait for its turn."""

    @abstractmethod
    def sentence(self, error: BaseException) -> str:
        """Return what one of the driver's errors means to a person; empty where only a look at the contents can say it."""

    def otherwise(self, error: BaseException) -> str:
        """Return what is said of such an error where nothing is wrong with the contents."""
        return f"'{self.address}': {short(error)}"

    @abstractmethod
    def now(self, connection: Connection) -> float:
        """Return the time, in seconds since 1970, by a clock that all who claim cells share."""

    def hasten(self, connection: Connection) -> None:
        """Let the transaction not wait for the disk, where a failing machine then loses it and nothing else."""
        return

    @abstractmethod
    def identity(self) -> Hashable:
        """Return what is equal of two addresses of one store."""

    # -- making, and upgrading

    @abstractmethod
    def vacant(self) -> bool:
        """Whether there is no store yet, and room for one.

        Raises:
            StoreError: something else is there.
        """

    @abstractmethod
    def make_room(self) -> None:
        """Make what a store lies in, where that is for its user to make.

        Raises:
            StoreError: it cannot be made.
        """

    @abstractmethod
    def mark(self, connection: Connection) -> None:
        """Mark the database as a store, once its tables are there."""

    @abstractmethod
    def is_store(self, connection: Connection) -> bool:
        """Whether the database is marked as a store."""

    @abstractmethod
    def upgrading(self, revision: str) -> AbstractContextManager[tuple[Connection, Address]]:
        """Give a connection in whose transaction tables may be rebuilt, and the copy that was made of the store before.

        Where the transaction fails, the store is as it was, and the copy is gone.

        Args:
            revision: of the store's schema, for the copy's name.

        Raises:
            StoreError: it cannot be copied.
        """

    # -- merging

    @abstractmethod
    def beside(self, other: Dialect) -> AbstractContextManager[Connection]:
        """Give a connection that holds the write lock, and has the tables of another store as the schema ``other``."""

    # -- what is in it

    @abstractmethod
    def intruder(self, connection: Connection) -> tuple[str, str] | None:
        """Return kind and name of something that stands where a table of ours belongs; None where nothing does."""

    @abstractmethod
    def columns(self, connection: Connection) -> Mapping[str, set[str]]:
        """Return the columns, by table, whose values are stored rather than computed."""

    def type_rules(self, column: Column[Any]) -> Iterable[tuple[str, str]]:
        """Return, as SQL, when a value is of another type than its column, and what belongs there, in words.

        Nothing, where the database sees to that itself.
        """
        return ()

    def dangling(self, connection: Connection, table: str) -> tuple[object, str] | None:
        """Return a row that refers to none, as far as it has a number, and the table that it refers to."""
        return None

    def everything(self, table: Table) -> str:
        """Return the statement that reads a whole table, JSON as text."""
        return f'SELECT {", ".join(map(self.as_text, table.columns))} FROM "{table.name}"'

    def as_text(self, column: Column[Any]) -> str:
        """Return, as SQL, a column whose JSON comes as text."""
        return f'"{column.name}"'

    def look_through(self, connection: Connection) -> None:
        """Look at everything, until a fault is found; takes about as long as copying the store.

        Raises:
            ForeignValueError: the first fault; its message names table and row.
        """
        for name, table in Base.metadata.tables.items():
            check_table(connection, table, self)
            check_references(connection, name, self)
            if name in SHAPED:
                check_rows(table, connection.exec_driver_sql(self.everything(table)))

    def kept(self) -> str:
        """Count what survived, on a connection of its own: a failed transaction is rolled back by then."""
        count = select(func.count()).select_from(CellRow).where(CellRow.status == Status.DONE)
        try:
            with self.reader.connect() as connection:
                done = connection.execute(count).scalar_one()
        except (DBAPIError, self.errors):
            return ""
        return f"; {done} finished cell{' is' if done == 1 else 's are'} kept"
