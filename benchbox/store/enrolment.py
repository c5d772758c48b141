"""Putting cells and their places in suites into tables, many at a time, within a transaction that the caller holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from benchbox.records import Status
from benchbox.store.models import CellRow, MethodRow, ScenarioRow, SuiteCellRow
from benchbox.store.trained import trained
from benchbox.store.types import dumps

if TYPE_CHECKING:
    from benchbox.suites.cell import Cell

Item = TypeVar("Item")
BATCH = 5000
"""How many values one statement holds: SQLite refuses more than 32,766, PostgreSQL more than 65,535."""


class SuiteRow(Protocol):
    """A place in a suite, and the cell that stands there: ``benchbox.suites.Planned`` is one."""

    @property
    def scenario(self) -> str:
        """The scenario's name in the suite."""

    @property
    def label(self) -> str:
        """What the suite calls the method."""

    @property
    def position(self) -> int:
        """The method's place within its scenario in the suite file; tables keep its order."""

    @property
    def cell(self) -> Cell | None:
        """The cell; None while it cannot be named, because its target is not trained."""


def batches(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Yield the items in lists of at most ``size``."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def cell_numbers(session: Session, ids: Iterable[str]) -> dict[str, int]:
    """Return the key of each of ``ids`` that is stored."""
    found: dict[str, int] = {}
    for batch in batches(ids):
        rows = session.execute(select(CellRow.id, CellRow.number).where(CellRow.id.in_(batch)))
        found |= {cell_id: number for cell_id, number in rows}  # noqa: C416  dict() takes a result for a mapping
    return found


def ensure_cells(session: Session, cells: Iterable[Cell]) -> dict[str, int]:
    """Return the key of each cell by its id; cells that are new are added, without a result."""
    wanted = {cell.id: cell for cell in cells}
    known = cell_numbers(session, wanted)
    new = [cell for cell_id, cell in wanted.items() if cell_id not in known]
    if not new:
        return known
    scenarios, methods = _Scenarios(session), _Methods(session)
    session.execute(insert(CellRow), [_cell_values(cell, scenarios, methods) for cell in new])
    return known | cell_numbers(session, [cell.id for cell in new])


def ensure_cell(session: Session, cell: Cell) -> CellRow:
    """Return the row of a cell, added where it is new."""
    row = session.scalars(select(CellRow).where(CellRow.id == cell.id)).one_or_none()
    return row or session.get_one(CellRow, ensure_cells(session, [cell])[cell.id])


def put_places(session: Session, suite: str, rows: Sequence[SuiteRow], numbers: dict[str, int]) -> int:
    """Let each row's cell stand in its place in a suite; rows without a cell are left out.

    Returns:
        How many cells with a result lost their place to another.
    """
    wanted = {
        (row.cell.scenario.dataset, row.scenario, row.label, row.cell.seed): (row.position, numbers[row.cell.id])
        for row in rows
        if row.cell is not None
    }
    place, columns = SuiteCellRow, ("dataset", "scenario", "label", "seed", "position", "cell")
    query = select(place).where(place.suite == suite, place.dataset.in_({dataset for dataset, *_ in wanted}))
    held = {(row.dataset, row.scenario, row.label, row.seed): row for row in session.scalars(query)}
    lost = {held[key].cell for key in wanted.keys() & held.keys() if held[key].cell != wanted[key][1]}
    for key in wanted.keys() & held.keys():
        held[key].position, held[key].cell = wanted[key]  # only what is another is written
    new = [dict(zip(columns, (*key, *wanted[key]), strict=True)) for key in wanted if key not in held]
    session.flush()
    if new:
        session.execute(insert(place), [{"suite": suite, **values} for values in new])
    done = select(func.count()).where(CellRow.status == Status.DONE)
    return sum(session.scalar(done.where(CellRow.number.in_(batch))) or 0 for batch in batches(lost))


def give_up_places(session: Session, suite: str, rows: Sequence[SuiteRow]) -> None:
    """Give up the places of a suite, on the data sets of ``rows``, that are none of theirs and whose cells have no result.

    Cells that then stand nowhere are forgotten.
    """
    named = {
        (row.cell.scenario.dataset, row.scenario, row.label, row.cell.seed) for row in rows if row.cell is not None
    }
    place = SuiteCellRow
    query = (
        select(place).join(CellRow, CellRow.number == place.cell).where(place.suite == suite, CellRow.status.is_(None))
    )
    query = query.where(place.dataset.in_({dataset for dataset, *_ in named}))
    former = [row for row in session.scalars(query) if (row.dataset, row.scenario, row.label, row.seed) not in named]
    for row in former:
        session.delete(row)
    session.flush()
    for batch in batches({row.cell for row in former}):
        nowhere = CellRow.number.in_(batch) & CellRow.number.not_in(select(place.cell))
        session.execute(delete(CellRow).where(nowhere))


def _cell_values(cell: Cell, scenarios: _Scenarios, methods: _Methods) -> dict[str, Any]:
    identity = dict(cell.identity)
    rules = identity.pop("scenario")
    name, version, uses = trained(identity)
    return {
        "id": cell.id,
        "seed": cell.seed,
        "privileged": cell.privileged,
        "trainer": cell.trainer.spec if cell.trainer else name,
        "trainer_version": version,
        "uses": uses,
        "identity": identity,
        "scenario_number": scenarios.number(cell, rules),
        "method_number": methods.number(cell),
    }


class _Scenarios:
    """The keys of scenarios, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[str, int] = {}

    def number(self, cell: Cell, rules: dict[str, Any]) -> int:
        """Return the key of a cell's scenario by its part of the identity, added where there is none."""
        digest = hashlib.sha256(dumps(rules).encode()).hexdigest()[:16]
        if digest not in self._numbers:
            query = select(ScenarioRow.number).where(ScenarioRow.hash == digest)
            found = self._session.scalars(query).one_or_none()
            self._numbers[digest] = self._add(cell, rules, digest) if found is None else found
        return self._numbers[digest]

    def _add(self, cell: Cell, rules: dict[str, Any], digest: str) -> int:
        scenario = cell.scenario
        row = ScenarioRow(
            hash=digest,
            dataset=scenario.dataset,
            dataset_hash=scenario.dataset_hash,
            target=scenario.target.name,
            target_sha256=scenario.target.sha256,
            substitute=scenario.substitute.spec,
            access=str(scenario.access),
            # scenarios that grant more or less share a row: what a cell uses of it stands with the cell
            pool=scenario.pool and scenario.pool.model_dump(mode="json", exclude={"labels", "unlabelled"}),
            identity=rules,
        )
        self._session.add(row)
        self._session.flush()
        return row.number


class _Methods:
    """The keys of methods with their options, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._numbers: dict[tuple[str, str, int, str], int] = {}

    def number(self, cell: Cell) -> int:
        """Return the key of a cell's method, added where there is none."""
        method = cell.method
        key = (method.kind, method.name, method.version, method.spec)
        if key not in self._numbers:
            columns = dict(zip(("kind", "name", "version", "spec"), key, strict=True))
            row = self._session.scalars(select(MethodRow).filter_by(**columns)).one_or_none()
            if row is None:
                row = MethodRow(**columns)
                self._session.add(row)
                self._session.flush()
            self._numbers[key] = row.number
        return self._numbers[key]
