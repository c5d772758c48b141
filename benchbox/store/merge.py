"""The union of two stores by identity: statements over both files at once, so that its time grows with what is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    delete,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    tuple_,
    update,
)

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.scoring.metrics import VOLATILE
from benchbox.store.engine import make_engine, sentences
from benchbox.store.faults import check_table
from benchbox.store.models import Base
from benchbox.store.scoring import scoring_version
from benchbox.store.store import Store
from benchbox.store.vetting import vet
from benchbox.store.writing import PARTS

_OURS = Base.metadata.tables
_THEIRS = {name: table.to_metadata(MetaData(), schema="other").alias(f"their_{name}") for name, table in _OURS.items()}
_SHARED = {
    "environments": ("hash",),
    "targets": ("sha256",),
    "scenarios": ("hash",),
    "methods": ("kind", "name", "version", "spec"),
    "metrics": ("name",),
    "attacks": ("hash", "name"),
}
"""Tables whose rows many cells share, and what tells two rows of one apart."""

_PAIRS = Table(
    "pairs",
    MetaData(),
    Column("ours", Integer, primary_key=True),
    Column("theirs", Integer, unique=True),
    Column("id", String),
    Column("ours_status", String),
    Column("theirs_status", String),
    prefixes=["TEMPORARY"],
)
"""The keys in either store of every cell that the other store has."""

_TOLD = 5
"""How many conflicts a sentence names."""

_COLUMNS_OF_RESULT = (
    "package package_version status error traceback timings environment started finished seconds spent "
    "sealed output sources"
)
"""The columns of a cell that its result brings."""


@dataclass(frozen=True)
class Merged:
    """What a merge did: cells whose result was taken over, and cells that both stores had."""

    taken: int
    shared: int


def merge(into: Store, other: Store, *, keep_mine: bool = False) -> Merged:
    """Take over what another store holds; results that are there already stay.

    Where both have a cell in one place of a suite, ours stays there, unless theirs was scored under a newer version.

    Args:
        into: what is written.
        other: what is read.
        keep_mine: whether of cells that are done in both, with different measurements, ours stay; else they are refused.

    Raises:
        StoreError: some cells are done in both with different measurements; or a cell's id does not follow from its
            identity, or a value is beyond its metric's range. It names them, and nothing is written.
    """
    if into.path.samefile(other.path):
        raise StoreError(f"'{other.path}' and '{into.path}' are the same store")
    with other.reading() as session:
        for part in PARTS:
            check_table(session.connection(), _OURS[part.__tablename__])
    engine = make_engine(into.path, write=True, other=other.path)
    with sentences(into.path), engine.begin() as connection:
        vet(connection, other.path)
        for name, key in _SHARED.items():
            _take_shared(connection, name, key)
        _take_cells(connection)
        _pair(connection)
        if not keep_mine:
            _refuse_conflicts(connection, into, other)
        both = connection.execute(select(func.count()).select_from(_PAIRS)).scalar_one()
        taken = _take_results(connection)
        _take_places(connection)
    return Merged(taken, both - taken)


def _take_shared(connection: Connection, name: str, key: tuple[str, ...]) -> None:
    """Add the rows of a shared table that ours lacks; they get keys of ours."""
    ours, theirs = _OURS[name], _THEIRS[name]
    columns = [column.name for column in ours.columns if column.name != "number"]
    here = exists().where(*(ours.c[k] == theirs.c[k] for k in key))
    new = select(*(theirs.c[c] for c in columns)).where(~here).order_by(*(theirs.c[k] for k in key))
    connection.execute(insert(ours).from_select(columns, new))


def _take_cells(connection: Connection) -> None:
    """Add the cells that ours lacks, without their results."""
    ours, theirs = _OURS["cells"], _THEIRS["cells"]
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
        "sources": literal("{}", String),
    }
    values = {
        "id": theirs.c.id,
        "scenario": scenario.c.ours,
        "method": method.c.ours,
        **{name: theirs.c[name] for name in ("seed", "privileged", "identity")},
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
    ours, theirs = _OURS[name], _THEIRS[name]
    alike = (ours.c[key] == theirs.c[key] for key in _SHARED[name])
    return select(ours.c.number.label("ours"), theirs.c.number.label("theirs")).where(*alike).subquery(f"same_{name}")


def _pair(connection: Connection) -> None:
    ours, theirs = _OURS["cells"], _THEIRS["cells"]
    _PAIRS.create(connection)
    found = select(ours.c.number, theirs.c.number, theirs.c.id, ours.c.status, theirs.c.status).where(
        ours.c.id == theirs.c.id
    )
    connection.execute(insert(_PAIRS).from_select([column.name for column in _PAIRS.columns], found))


def _refuse_conflicts(connection: Connection, into: Store, other: Store) -> None:
    mine, yours = (_OURS, _PAIRS.c.ours), (_THEIRS, _PAIRS.c.theirs)
    ours, theirs = _numbers(mine, yours), _numbers(yours, mine)
    apart = [connection.execute(part).all() for part in (ours.except_(theirs), theirs.except_(ours))]
    mine_apart, yours_apart = ({tuple(row[:5]): (row.value, row.n) for row in rows} for rows in apart)
    conflicts = sorted({key[0] for key in (*mine_apart, *yours_apart)})
    if not conflicts:
        return
    have = "cell has" if len(conflicts) == 1 else "cells have"
    told = []
    for cell in conflicts[:_TOLD]:
        key = min(key for key in (*mine_apart, *yours_apart) if key[0] == cell)
        values = f"{_shown(key, mine_apart)} here, {_shown(key, yours_apart)} there"
        told.append(f"{cell} ({_who(connection, cell)}: {_what(key)} is {values})")
    more = f" and {len(conflicts) - _TOLD} more" if len(conflicts) > _TOLD else ""
    raise StoreError(
        f"{len(conflicts)} {have} other measurements in '{other.path}' than in '{into.path}', "
        f"nothing was merged: {', '.join(told)}{more}; look at both with 'benchbox show {conflicts[0]} --db FILE', and merge "
        f"again with --keep-mine to keep those of '{into.path}', or the other way round to keep those of '{other.path}'"
    )


def _who(connection: Connection, cell: str) -> str:
    """Return the method, seed and scenario of a cell of ours, as a suite calls them where one has it."""
    cells, methods, scenarios, places = (_OURS[name] for name in ("cells", "methods", "scenarios", "suite_cells"))
    placed = places.outerjoin(cells, cells.c.number == places.c.cell)
    found = connection.execute(
        select(places.c.scenario, places.c.label).select_from(placed).where(cells.c.id == cell).order_by(places.c.suite)
    ).first()
    spec, seed, dataset, target = connection.execute(
        select(methods.c.spec, cells.c.seed, scenarios.c.dataset, scenarios.c.target)
        .join(methods, methods.c.number == cells.c.method)
        .join(scenarios, scenarios.c.number == cells.c.scenario)
        .where(cells.c.id == cell)
    ).one()
    scenario, label = found or (f"against {target}", spec)
    return f"{label}, seed {seed}, scenario '{scenario}' on {dataset}"


def _what(key: tuple[Any, ...]) -> str:
    _, name, attack, budget, _ = key
    return f"{name}{f' of {attack}' if attack else ''} at {budget} queries"


def _shown(key: tuple[Any, ...], found: dict[tuple[Any, ...], tuple[float | None, int]]) -> str:
    value, n = found.get(key, (None, 0))
    return "not measured" if value is None else f"{value:.6g} of {n}"


def _numbers(of: tuple[Any, ColumnElement[int]], other: tuple[Any, ColumnElement[int]]) -> Select[Any]:
    """Select what must be equal in both stores of the cells that are done in both.

    A metric that only one of them measured makes no conflict: an older benchbox did not know it.
    """
    tables, cell = of
    found, metrics, attacks = tables["measurements"], tables["metrics"], tables["attacks"]
    columns = [_PAIRS.c.id, metrics.c.name.label("metric"), attacks.c.name.label("attack")]
    columns += [found.c[name] for name in ("budget", "spent", "value", "n")]
    return (
        select(*columns)
        .select_from(_PAIRS)
        .join(found, found.c.cell == cell)
        .join(metrics, metrics.c.number == found.c.metric)
        .join(attacks, attacks.c.number == found.c.attack)
        .where(
            _PAIRS.c.ours_status == Status.DONE,
            _PAIRS.c.theirs_status == Status.DONE,
            metrics.c.name.not_in(VOLATILE),
            _measured(metrics.c.name, *other),
        )
    )


def _measured(name: ColumnElement[str], tables: Any, cell: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a cell of a store has a measurement of the metric of this name."""
    found, metrics = tables["measurements"], tables["metrics"]
    return exists().where(found.c.cell == cell, metrics.c.number == found.c.metric, metrics.c.name == name)


def _take_results(connection: Connection) -> int:
    """Copy the results where ours has none as good; return how many."""
    worse = (_PAIRS.c.ours_status == Status.DONE) | (
        _PAIRS.c.ours_status.is_not(None) & (_PAIRS.c.theirs_status != Status.DONE)
    )
    connection.execute(delete(_PAIRS).where(_PAIRS.c.theirs_status.is_(None) | func.coalesce(worse, False)))
    cells, theirs = _OURS["cells"], _THEIRS["cells"]
    brought = {name: theirs.c[name] for name in _COLUMNS_OF_RESULT.split()}
    pair = (cells.c.number == _PAIRS.c.ours, theirs.c.number == _PAIRS.c.theirs)
    connection.execute(update(cells).where(*pair).values(brought))
    for part in PARTS:
        _take_part(connection, part.__tablename__)
    return connection.execute(select(func.count()).select_from(_PAIRS)).scalar_one()


def _take_part(connection: Connection, name: str) -> None:
    ours, theirs = _OURS[name], _THEIRS[name]
    connection.execute(delete(ours).where(ours.c.cell.in_(select(_PAIRS.c.ours))))
    values: dict[str, ColumnElement[Any]] = {column.name: theirs.c[column.name] for column in ours.columns}
    values["cell"] = _PAIRS.c.ours
    source: FromClause = theirs.join(_PAIRS, _PAIRS.c.theirs == theirs.c.cell)
    for column, table in (("metric", "metrics"), ("attack", "attacks")):
        if column in values:
            same = _same(table)
            source, values[column] = source.join(same, same.c.theirs == theirs.c[column]), same.c.ours
    rows = select(*values.values()).select_from(source).order_by(_PAIRS.c.ours)
    connection.execute(insert(ours).from_select(list(values), rows))


def _take_places(connection: Connection) -> None:
    ours, theirs = _OURS["suite_cells"], _THEIRS["suite_cells"]
    key = [column.name for column in ours.primary_key]
    mine, old, new = _OURS["cells"], _OURS["cells"].alias("old"), _THEIRS["cells"]
    older = (
        select(*(theirs.c[k] for k in key))
        .join(ours, tuple_(*(ours.c[k] for k in key)) == tuple_(*(theirs.c[k] for k in key)))
        .join(old, old.c.number == ours.c.cell)
        .join(new, new.c.number == theirs.c.cell)
        .where(scoring_version(old.c.identity) < scoring_version(new.c.identity))
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
