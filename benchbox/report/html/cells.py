"""Everything about single cells, read for many at once."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import select

from benchbox.records import printable
from benchbox.report.paths import method_route, route
from benchbox.report.tables import Cell, Link, Name, Table
from benchbox.scoring.metrics import DISTANCES, distance_text, metric
from benchbox.seeds import STREAMS, stream_seed
from benchbox.store import NOT_RECORDED, marks
from benchbox.store.models import (
    AttackRow,
    CellRow,
    DiagnosticRow,
    MeasurementRow,
    MethodRow,
    MetricRow,
    QueriesRow,
    ScenarioRow,
)

if TYPE_CHECKING:
    from sqlalchemy import RowMapping
    from sqlalchemy.orm import Session

    from benchbox.store import Store

BATCH = 200
NOTES = 32
"""Most notes of one cell that are listed."""
PRINTED = 4_000
"""Most characters of what a cell's players printed that are shown: the last."""


@dataclass
class CellSheet:
    """One cell.

    Attributes:
        facts: what it is, as terms and what they are here.
        options: the method's, as its identity holds them: (name, JSON value).
        rules: the hash of its scenario's identity.
        seed: the suite's; see ``streams`` for those that derive from it.
        output: the end of what the players printed.
        measured, ledger: what was measured, by budget; which queries were paid; None where there is nothing.
        notes: what its method noted, in brief: (name, text).
        distances: (attack, how far its examples lie from their images) at the last budget.
    """

    id: str
    status: str
    error: str
    traceback: str
    method: str
    spec: str
    rules: str
    environment: str
    seed: int
    options: list[tuple[str, str]]
    facts: list[tuple[str, Cell]]
    output: str = ""
    measured: Table | None = None
    ledger: Table | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    distances: list[tuple[str, str]] = field(default_factory=list)


def read_sheets(store: Store, ids: Sequence[str]) -> Iterator[CellSheet]:
    """Yield the cells of ``ids``, in that order, a batch at a time."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with store.reading() as session:
            sheets = _sheets(session, batch)
            _add_values(session, sheets)
            _add_ledger(session, sheets)
            _add_notes(session, sheets)
        by_id = {sheet.id: sheet for sheet in sheets.values()}
        yield from (by_id[cell] for cell in batch if cell in by_id)


def _sheets(session: Session, ids: Sequence[str]) -> dict[int, CellSheet]:
    query = (
        select(CellRow.__table__, MethodRow.kind, MethodRow.name, MethodRow.spec, MethodRow.version, ScenarioRow.hash)
        .join(MethodRow, MethodRow.number == CellRow.method_number)
        .join(ScenarioRow, ScenarioRow.number == CellRow.scenario_number)
        .where(CellRow.id.in_(ids))
    )
    return {row["number"]: _sheet(row) for row in session.execute(query).mappings()}


def _sheet(row: RowMapping) -> CellSheet:
    options = [(str(key), json.dumps(value)) for key, value in sorted(row["identity"]["method"]["options"].items())]
    return CellSheet(
        id=row["id"],
        status=(row["status"] or "missing").replace("-", " "),
        error=row["error"],
        traceback=row["traceback"],
        method=row["name"],
        spec=row["spec"],
        rules=row["hash"],
        environment=row["environment"] or "",
        seed=row["seed"],
        options=options,
        facts=[(term, text) for term, text in _facts(row, options) if text],
        output=printable(row["output"])[-PRINTED:],
    )


def _facts(row: RowMapping, options: list[tuple[str, str]]) -> Iterator[tuple[str, Cell]]:
    """Yield what a cell is, as terms and what they are here; empty texts where nothing is known."""
    package = f"{row['package']} {row['package_version']}".strip()
    of = [f"version {row['version']}{f' of {package}' if package else ''}", *(["privileged"] * bool(row["privileged"]))]
    yield (
        "method",
        (Link(row["spec"], method_route(row["name"])), ", ".join(("", row["kind"], *of, *marks(row["uses"])))),
    )
    yield "trainer", f"{row['trainer']}, version {row['trainer_version']}" if row["trainer"] else ""
    yield "options", ", ".join(f"{name} = {value}" for name, value in options)
    yield "seed", (f"suite seed {row['seed']}, ", Link("and what derives from it", "/seeds"))
    scoring = row["identity"].get("scoring_version", "")
    rules = Link(f"rules {row['hash']}", route("rules", row["hash"]))
    yield "identity", (rules, f", scoring version {scoring}" if scoring else "")
    if row["environment"]:
        yield "environment", (Link(row["environment"], route("environment", row["environment"])),)
    if row["started"] or row["finished"]:
        yield "started, stored", f"{row['started'] or '–'}, {row['finished'] or '–'}"
    yield "sealed", (row["sealed"] or f"{NOT_RECORDED}: an old result") if row["status"] else ""
    yield "sources, sha256", ", ".join(f"{name} {sha[:16]}" for name, sha in sorted((row["sources"] or {}).items()))
    yield "timings", ", ".join(f"{name} {seconds:,.2f} s" for name, seconds in sorted((row["timings"] or {}).items()))


def _add_values(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = MeasurementRow
    query = (
        select(row.cell, AttackRow.name, MetricRow.name, row.budget, row.value)
        .join(MetricRow, MetricRow.number == row.metric)
        .join(AttackRow, AttackRow.number == row.attack)
        .where(row.cell.in_(list(sheets)))
        .order_by(row.cell, AttackRow.name, MetricRow.name, row.budget, row.spent)
    )
    for cell, found in itertools.groupby(session.execute(query), key=itemgetter(0)):
        texts: dict[str, dict[int, str]] = {}
        far: dict[str, dict[str, float]] = {}
        for _, attack, name, budget, stored in found:
            value = math.nan if stored is None else stored
            if name in DISTANCES:
                far.setdefault(attack, {})[name] = value
            else:
                unit = metric(name).unit
                texts.setdefault(", ".join(filter(None, (name, unit.mark, attack))), {})[budget] = unit.text(value)
        budgets = sorted({budget for by_budget in texts.values() for budget in by_budget})
        rows: list[list[Cell]] = [[what, *(mine.get(budget, "") for budget in budgets)] for what, mine in texts.items()]
        sheets[cell].measured = Table(["metric", *(f"{budget:,}" for budget in budgets)], rows) if rows else None
        sheets[cell].distances = [(f"distance, {attack}", distance_text(mine)) for attack, mine in far.items()]


def _add_ledger(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = QueriesRow
    query = (
        select(row.cell, row.budget, row.phase, row.queries, row.clipped, row.digest)
        .where(row.cell.in_(list(sheets)))
        .order_by(row.cell, row.budget, row.phase)
    )
    head = ["budget", "phase", "queries", "clipped", "digest of images and answers"]
    for cell, found in itertools.groupby(session.execute(query), key=itemgetter(0)):
        rows: list[list[Cell]] = [
            [f"{budget:,}", phase, f"{queries:,}", f"{clipped:,}", Name(digest)]
            for _, budget, phase, queries, clipped, digest in found
        ]
        sheets[cell].ledger = Table(head, rows, (1, 4))


def _add_notes(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = DiagnosticRow
    query = select(row.cell, row.name, row.points).where(row.cell.in_(list(sheets))).order_by(row.cell, row.name)
    for cell, rows in itertools.groupby(session.execute(query), key=itemgetter(0)):
        sheets[cell].notes = notes({name: [float(value) for _, value in points] for _, name, points in rows})


def notes(found: dict[str, list[float]]) -> list[tuple[str, str]]:
    """Return a line a name, and one for names that differ by a number alone, as ``class_0`` to ``class_9``."""
    told: list[tuple[str, str]] = []
    groups: dict[str, list[str]] = {}
    for name, values in found.items():
        stem, _, number = name.rpartition("_")
        if values:
            groups.setdefault(stem if stem and number.isdecimal() else name, []).append(name)
    for stem, names in groups.items():
        if len(names) > 1 or names[0] != stem:
            inorder = sorted(names, key=lambda name: int(name.rpartition("_")[2]) if name != stem else -1)
            last = ", ".join(f"{found[name][-1]:.4g}" for name in inorder)
            told.append((f"{inorder[0]} … {inorder[-1]}" if len(inorder) > 1 else inorder[0], f"last {last}"))
        else:
            values = found[stem]
            ends = f"first {values[0]:.4g}, last {values[-1]:.4g}, least {min(values):.4g}, most {max(values):.4g}"
            told.append((stem, f"{ends}; {len(values)} notes" if len(values) > 1 else f"{values[0]:.4g}"))
    return told[:NOTES]


def streams(seeds: Iterable[int]) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Return, by suite seed, those of the streams that derive from it."""
    return [(seed, tuple((name, stream_seed(seed, name)) for name in STREAMS)) for seed in sorted(set(seeds))]
