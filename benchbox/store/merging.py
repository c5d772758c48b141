"""The union of two stores by identity: statements over both at once.

Between two files its time grows with what is new; from one database to another all rows are copied over first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.store.conflicts import OURS, PAIRS, THEIRS, refuse_conflicts
from benchbox.store.faults import check_table
from benchbox.store.scoring import scoring_version
from benchbox.store.sentences import look_through, sentences
from benchbox.store.store import Store
from benchbox.store.vetting import vet
from benchbox.store.writing import PARTS

_SHARED = {
    "environments": ("hash",),
    "targets": ("sha256",),
    "scenarios": ("hash",),
    "methods": ("kind", "name", "version", "spec"),
    "metrics": ("name",),
    "attacks": ("hash", "name"),
}
"""Tables whose rows many cells share, and what tells two rows of one apart."""

_COLUMNS_OF_RESULT = (
    "package package_version status error traceback timings environment started finished seconds spent "
    "sealed output sources"
)
"""The columns of a cell that its result brings."""

_COLUMNS_OF_CELL = ("seed", "privileged", "trainer", "trainer_version", "uses", "identity")
"""Those that say what is played, which it has from the start."""


@dataclass(frozen=True)
class Merged:
    """What a merge did: cells whose result was taken over, and cells that both stores had."""

    taken: int
    shared: int


def merge(into: Store, other: Store, *, keep_mine: bool = False) -> Merged:
    """Take over what another store holds; results that are there already stay.

    Where both have a cell in one place of a suite, ours stays there, unless theirs was scored under a newer version; a result
    of ours yields only to a result, not to what a stopped run had still to play.

    Args:
        into: what is written.
        other: what is read.
        keep_mine: whether of cells that are done in both, with different measurements, ours stay; else they are refused.

    Raises:
        StoreError: some cells are done in both with different measurements; or a cell's id does not follow from its
            identity, or a value is beyond its metric's range. It names them, and nothing is written.
    """
    if into.is_same(other):
        raise StoreError(f"'{other.address}' and '{into.address}' are the same store")
    with other.reading() as session:
        for part in PARTS:
            check_table(session.connection(), OURS[part.__tablename__], other.dialect)
    with sentences(into.dialect), into.dialect.beside(other.dialect) as connection:
        try:
            return _merged(connection, into, other, keep_mine)
        except DBAPIError:
            # A statement over both fails alike, whichever of them is damaged.
            with sentences(other.dialect):
                if fault := look_through(other.dialect):
                    raise fault from None
            raise


def _merged(connection: Connection, into: Store, other: Store, keep_mine: bool) -> Merged:
    vet(connection, other.address)
    for name, key in _SHARED.items():
        _take_shared(connection, name, key)
    _take_cells(connection)
    _pair(connection)
    if not keep_mine:
        refuse_conflicts(connection, into, other)
    both = connection.execute(select(func.count()).select_from(PAIRS)).scalar_one()
    taken = _take_results(connection)
    _take_places(connection)
    return Merged(taken, both - taken)


def _take_shared(connection: Connection, name: str, key: tuple[str, ...]) -> None:
    """Add the rows of a shared table that ours lacks; they get keys of ours."""
    ours, theirs = OURS[name], THEIRS[name]
    columns = [column.name for column in ours.columns if column.name != "number"]
    here = exists().where(*(ours.c[k] == theirs.c[k] for k in key))
    new = select(*(theirs.c[c] for c in columns)).where(~here).order_by(*(theirs.c[k] for k in key))
    connection.execute(insert(ours).from_select(columns, new))


def _take_cells(connection: Connection) -> None:
    """Add the cells that ours lacks, without their results."""
    ours, theirs = OURS["cells"], THEIRS["cells"]
    scenario, method = _same("scenarios"), _same("methods")
    blank: dict[str, ColumnElement[Any]] = {
        "package": literal(""),
        "package_version": literal(""),
        "status": null(),
        "error": literal(""),
        "traceback": literal(""),
        "timings": theirs.c.timings,
        "started": literal(""),
        "finished": literal(""),
        "spent": literal(0),
        "output": literal(""),
        "sources": literal({}, JSON),
    }
    values = {
        "id": theirs.c.id,
        "scenario": scenario.c.ours,
        "method": method.c.ours,
        **{name: theirs.c[name] for name in _COLUMNS_OF_CELL},
        **blank,
    }
    new = (
        select(*values.values())
        .join(scenario, scenario.c.theirs == theirs.c.scenario)
        .join(method, method.c.theirs == theirs.c.method)
        .where(~exists().where(ours.c.id == theirs.c.id))
        .order_by(theirs.c.id)
    )
    connection.execute(insert(ours).from_select(list(values), new, include_defaults=False))


def _same(name: str) -> FromClause:
    """Return the keys in either store of the rows of a shared table that both have."""
    ours, theirs = OURS[name], THEIRS[name]
    alike = (ours.c[key] == theirs.c[key] for key in _SHARED[name])
    return select(ours.c.number.label("ours"), theirs.c.number.label("theirs")).where(*alike).subquery(f"same_{name}")


def _pair(connection: Connection) -> None:
    ours, theirs = OURS["cells"], THEIRS["cells"]
    PAIRS.create(connection)
    found = select(ours.c.number, theirs.c.number, theirs.c.id, ours.c.status, theirs.c.status).where(
        ours.c.id == theirs.c.id
    )
    connection.execute(insert(PAIRS).from_select([column.name for column in PAIRS.columns], found))


def _take_results(connection: Connection) -> int:
    """Copy the results where ours has none as good; return how many."""
    worse = (PAIRS.c.ours_status == Status.DONE) | (
        PAIRS.c.ours_status.is_not(None) & (PAIRS.c.theirs_status != Status.DONE)
    )
    connection.execute(delete(PAIRS).where(PAIRS.c.theirs_status.is_(None) | func.coalesce(worse, False)))
    cells, theirs = OURS["cells"], THEIRS["cells"]
    brought = {name: theirs.c[name] for name in _COLUMNS_OF_RESULT.split()}
    pair = (cells.c.number == PAIRS.c.ours, theirs.c.number == PAIRS.c.theirs)
    connection.execute(update(cells).where(*pair).values(brought))
    for part in PARTS:
        _take_part(connection, part.__tablename__)
    return connection.execute(select(func.count()).select_from(PAIRS)).scalar_one()


def _take_part(connection: Connection, name: str) -> None:
    ours, theirs = OURS[name], THEIRS[name]
    connection.execute(delete(ours).where(ours.c.cell.in_(select(PAIRS.c.ours))))
    values: dict[str, ColumnElement[Any]] = {column.name: theirs.c[column.name] for column in ours.columns}
    values["cell"] = PAIRS.c.ours
    source: FromClause = theirs.join(PAIRS, PAIRS.c.theirs == theirs.c.cell)
    for column, table in (("metric", "metrics"), ("attack", "attacks")):
        if column in values:
            same = _same(table)
            source, values[column] = source.join(same, same.c.theirs == theirs.c[column]), same.c.ours
    rows = select(*values.values()).select_from(source).order_by(PAIRS.c.ours)
    connection.execute(insert(ours).from_select(list(values), rows))


def _take_places(connection: Connection) -> None:
    ours, theirs = OURS["suite_cells"], THEIRS["suite_cells"]
    key = [column.name for column in ours.primary_key]
    mine, old, new = OURS["cells"], OURS["cells"].alias("old"), THEIRS["cells"]
    older = (
        select(*(theirs.c[k] for k in key))
        .join(ours, tuple_(*(ours.c[k] for k in key)) == tuple_(*(theirs.c[k] for k in key)))
        .join(old, old.c.number == ours.c.cell)
        .join(new, new.c.number == theirs.c.cell)
        .where(
            scoring_version(old.c.identity) < scoring_version(new.c.identity),
            or_(new.c.status == Status.DONE, func.coalesce(old.c.status != Status.DONE, True)),
        )
    )
    connection.execute(delete(ours).where(tuple_(*(ours.c[k] for k in key)).in_(older)))
    here = exists().where(*(ours.c[k] == theirs.c[k] for k in key))
    rows = (
        select(*(theirs.c[k] for k in key), theirs.c.position, mine.c.number)
        .join(new, new.c.number == theirs.c.cell)
        .join(mine, mine.c.id == new.c.id)
        .where(~here)
    )
    connection.execute(insert(ours).from_select([*key, "position", "cell"], rows))
