"""The store as the rest of the program sees it: each method is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from sqlalchemy import Connection, delete, select
from sqlalchemy.orm import Session

from benchbox.records import CellResult, Status
from benchbox.store import claims, enrolment, measured, reading, schema, writing
from benchbox.store.address import Address
from benchbox.store.detail import (
    CellDetail,
    ScenarioRules,
    details,
    done_sources,
    done_unsealed,
    environments,
    newest,
    played_on,
    scenario_rules,
    whole_id,
)
from benchbox.store.dialects import Dialect, dialect_of
from benchbox.store.enrolment import SuiteRow
from benchbox.store.filters import ConfusionFilters, DiagnosticFilters, Filters, MeasurementFilters
from benchbox.store.models import CellRow, ClaimRow
from benchbox.store.sentences import sentences

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.suites.cell import Cell


class Store:
    """A results store. Every method raises ``StoreError``, in one sentence, where the database cannot be used.

    Threads and processes may share it: each call is a transaction of its own.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    @classmethod
    def open(cls, place: str | Path | Address = "results.db", *, create: bool = True) -> Self:
        """Open a store by path or URL; make it where it is missing, unless ``create`` is False.

        Raises:
            StoreError: it is missing, not a store, has another schema, or is damaged.
        """
        dialect = dialect_of(place)
        try:
            schema.ready(dialect, create=create)
            schema.sound(dialect)
        except BaseException:
            dialect.close()
            raise
        return cls(dialect)

    @property
    def address(self) -> Address:
        """Where the store is; its text names it in every sentence."""
        return self.dialect.address

    def is_same(self, other: Store) -> bool:
        """Whether two addresses are of one store."""
        with sentences(self.dialect), sentences(other.dialect):
            return self.dialect.identity() == other.dialect.identity()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.dialect.close()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment of the store."""
        with sentences(self.dialect), Session(self.dialect.reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session that holds the write lock; it commits at the end, or leaves all as it was."""
        # what is written is flushed by name: a query in between would send a row's changes one by one
        with sentences(self.dialect), Session(self.dialect.writer, autoflush=False) as session, session.begin():
            session.connection()  # a session that was used for nothing yet holds no lock
            yield session

    def enrol(self, suite: str, rows: Iterable[SuiteRow], *, whole: bool = False) -> int:
        """Say which cells stand in a suite, run or not. Each takes its place, whatever stood there.

        With ``whole``, ``rows`` are all that the suite plays on their data sets: places that it no longer has, and where no
        result stands, are given up; but not while other runs have claims, which may be on their way to them.

        Returns:
            How many cells with a result lost their place to another.
        """
        placed = [row for row in rows if row.cell is not None]
        with self.writing() as session:
            numbers = enrolment.ensure_cells(session, [row.cell for row in placed if row.cell is not None])
            lost = enrolment.put_places(session, suite, placed, numbers)
            if whole and not claims.any_alive(session, self._now(session)):
                enrolment.give_up_places(session, suite, placed)
        return lost

    def record(
        self,
        cell: Cell,
        result: CellResult,
        target: Any = None,
        package: str = "",
        package_version: str = "",
        *,
        again: bool = False,
    ) -> bool:
        """Keep a result and release the cell's claim, unless a done result is there: the first one stays.

        Args:
            cell: what was run.
            result: what it gave.
            target: its target's manifest entry: a mapping, dataclass or pydantic model.
            package: the distribution that brought the method.
            package_version: that distribution's version.
            again: whether a done result gives way to another done one, as after a plugin's source has changed.

        Returns:
            Whether the result was kept.
        """
        with self.writing() as session:
            row = enrolment.ensure_cell(session, cell)
            session.execute(delete(ClaimRow).where(ClaimRow.cell_id == cell.id))
            if row.status == Status.DONE and not (again and result.status is Status.DONE):
                return False
            if target is not None:
                writing.put_target(session, target)
            row.package, row.package_version = package, package_version
            finished = datetime.now(UTC).isoformat(timespec="seconds")
            writing.put_result(session, row, result, finished=finished, plans=cell.scenario.attacks)
            return True

    def claim(self, cell_id: str, owner: str, over: Collection[Status] = claims.UNFINISHED) -> bool:
        """Take a cell for a run: False where it has a result other than ``over``, or another living run has it."""
        with self._claiming() as session:
            return claims.claim(session, cell_id, owner, self._now(session), over)

    def heartbeat(self, owner: str) -> None:
        """Say that a run still lives; due well within a minute."""
        with self._claiming() as session:
            claims.heartbeat(session, owner, self._now(session))

    def release(self, owner: str, ids: Iterable[str] | None = None) -> None:
        """Give up a run's claims: all, or on some cells."""
        with self._claiming() as session:
            claims.release(session, owner, ids)

    def claimed_by_others(self, ids: Iterable[str], owner: str) -> set[str]:
        """Return those of ``ids`` that a living run other than ``owner`` has."""
        with self.reading() as session:
            return claims.held_by_others(session, ids, owner, self._now(session))

    def statuses(self, ids: Iterable[str]) -> dict[str, Status]:
        """Return the status of those of ``ids`` that have a result."""
        found: dict[str, Status] = {}
        with self.reading() as session:
            for batch in enrolment.batches(ids):
                rows = session.execute(select(CellRow.id, CellRow.status).where(CellRow.id.in_(batch)))
                found |= {cell: Status(status) for cell, status in rows if status is not None}
        return found

    def finished(self, ids: Iterable[str]) -> dict[str, str]:
        """Return when the results of those of ``ids`` that have one were stored, ISO 8601 in UTC."""
        query = select(CellRow.id, CellRow.finished).where(CellRow.status.is_not(None))
        with self.reading() as session:
            batches = enrolment.batches(ids)
            return {i: at for batch in batches for i, at in session.execute(query.where(CellRow.id.in_(batch)))}

    def cell(self, prefix: str) -> CellDetail:
        """Return everything about the one cell whose id starts with ``prefix``.

        Raises:
            StoreError: there is none, or several.
        """
        with self.reading() as session:
            return details(session, [whole_id(session, prefix)])[0]

    def details(self, ids: Iterable[str], without: Collection[str] = ()) -> Iterator[CellDetail]:
        """Yield everything about the cells with these ids, in this order; fifty are read at a time.

        ``without`` names what is left out of the results: ``confusions``, ``pictures``, ``searches``.

        Raises:
            StoreError: one of them is not stored.
        """
        for batch in enrolment.batches(ids, 50):
            with self.reading() as session:
                found = details(session, batch, without)
            yield from found

    def rules(self, cells: Iterable[str]) -> dict[str, ScenarioRules]:
        """Return the rules of the cells with these ids."""
        with self.reading() as session:
            return scenario_rules(session, cells)

    def environments(self) -> dict[str, dict[str, Any]]:
        """Return the environments in which cells were played, by their hash."""
        with self.reading() as session:
            return environments(session)

    def newest(self) -> str:
        """Return when the newest result was finished; empty where there is none."""
        with self.reading() as session:
            return newest(session)

    def sources(self, cells: Iterable[str]) -> dict[str, dict[str, str]]:
        """Return what the done ones among these cells were played with: by id, each contestant's hash by ``kind name``.

        Empty where nobody recorded it.
        """
        with self.reading() as session:
            return done_sources(session, cells)

    def unsealed(self, cells: Iterable[str]) -> set[str]:
        """Return the done ones among these cells whose players were not shut in: played for print and debuggers."""
        with self.reading() as session:
            return done_unsealed(session, cells)

    def played_on(self, suite: str, games: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
        """Return the environments that done cells of these games (data set, scenario) of a suite were played in."""
        with self.reading() as session:
            return played_on(session, suite, games)

    def cells(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return a row a place in a suite; see the package for columns and filters."""
        with self._connection() as connection:
            found = reading.cells(connection, filters)
            if found.empty and not filters:  # nothing was run, or it cannot be found: a page would say the former
                self.dialect.look_through(connection)
            return found

    def measurements(self, **filters: Unpack[MeasurementFilters]) -> pd.DataFrame:
        """Return a row a measurement and place."""
        with self._connection() as connection:
            return measured.measurements(connection, filters)

    def confusions(self, **filters: Unpack[ConfusionFilters]) -> pd.DataFrame:
        """Return a row a confusion matrix and place."""
        with self._connection() as connection:
            return reading.confusions(connection, filters)

    def diagnostics(self, **filters: Unpack[DiagnosticFilters]) -> pd.DataFrame:
        """Return a row a cell's notes of one name, and place."""
        with self._connection() as connection:
            return reading.diagnostics(connection, filters)

    def pictures(self, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Return a row a picture and place."""
        with self._connection() as connection:
            return reading.pictures(connection, filters)

    def targets(self) -> pd.DataFrame:
        """Return a row a target that some stored cell attacked."""
        with self._connection() as connection:
            return reading.targets(connection)

    def known(self, name: str) -> list[Any]:
        """Return the values in the store that a filter of this name can have, sorted."""
        with self._connection() as connection:
            return reading.known(connection, name)

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        with sentences(self.dialect), self.dialect.reader.connect() as connection:
            yield connection

    @contextmanager
    def _claiming(self) -> Iterator[Session]:
        """Give a session as ``writing`` does; where the machine fails, claims have lapsed with their runs."""
        with self.writing() as session:
            self.dialect.hasten(session.connection())
            yield session

    def _now(self, session: Session) -> float:
        return self.dialect.now(session.connection())
