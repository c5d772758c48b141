"""Cells that are done in two stores with different measurements: found by statements over both, and told by name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, MetaData, Select, Table, exists, select

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.scoring.metrics import VOLATILE
from benchbox.store.dialects.other import OTHER
from benchbox.store.models import Base
from benchbox.store.store import Store
from benchbox.store.types import Text, Whole

OURS = Base.metadata.tables
THEIRS = {name: table.alias(f"their_{name}") for name, table in OTHER.items()}
"""The tables of the store that is written, and of the one that is the schema ``other``."""

PAIRS = Table(
    "pairs",
    MetaData(),
    Column("ours", Whole, primary_key=True, autoincrement=False),
    Column("theirs", Whole, unique=True),
    Column("id", Text),
    Column("ours_status", Text),
    Column("theirs_status", Text),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)
"""The keys in either store of every cell that the other store has."""

_TOLD = 5
"""How many conflicts a sentence names."""


def refuse_conflicts(connection: Connection, into: Store, other: Store) -> None:
    """Refuse to merge where cells of ``PAIRS`` that are done in both have different measurements.

    Raises:
        StoreError: some have; it names method, seed and scenario of each, one number of both, and what to do.
    """
    mine, yours = (OURS, PAIRS.c.ours), (THEIRS, PAIRS.c.theirs)
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
        f"{len(conflicts)} {have} other measurements in '{other.address}' than in '{into.address}', "
        f"nothing was merged: {', '.join(told)}{more}; look at both with 'benchbox show {conflicts[0]} --db FILE', and merge "
        f"again with --keep-mine to keep those of '{into.address}', or the other way round to keep those of '{other.address}'"
    )


def _who(connection: Connection, cell: str) -> str:
    """Return the method, seed and scenario of a cell of ours, as a suite calls them where one has it."""
    cells, methods, scenarios, places = (OURS[name] for name in ("cells", "methods", "scenarios", "suite_cells"))
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
    columns = [PAIRS.c.id, metrics.c.name.label("metric"), attacks.c.name.label("attack")]
    columns += [found.c[name] for name in ("budget", "spent", "value", "n")]
    return (
        select(*columns)
        .select_from(PAIRS)
        .join(found, found.c.cell == cell)
        .join(metrics, metrics.c.number == found.c.metric)
        .join(attacks, attacks.c.number == found.c.attack)
        .where(
            PAIRS.c.ours_status == Status.DONE,
            PAIRS.c.theirs_status == Status.DONE,
            metrics.c.name.not_in(VOLATILE),
            _measured(metrics.c.name, *other),
        )
    )


def _measured(name: ColumnElement[str], tables: Any, cell: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a cell of a store has a measurement of the metric of this name."""
    found, metrics = tables["measurements"], tables["metrics"]
    return exists().where(found.c.cell == cell, metrics.c.number == found.c.metric, metrics.c.name == name)
