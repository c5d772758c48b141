"""Everything about single cells, read for many at once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from benchbox.records import flat
from benchbox.report.tables import amount
from benchbox.report.views import unit
from benchbox.seeds import STREAMS, stream_seed
from benchbox.store.models import (
    AttackRow,
    CellRow,
    DiagnosticRow,
    EnvironmentRow,
    MeasurementRow,
    MethodRow,
    MetricRow,
    QueriesRow,
    ScenarioRow,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from benchbox.store import Store

BATCH = 200
NOTES = 32
"""Most notes of one cell that are listed."""


@dataclass(frozen=True)
class Values:
    """A metric of a cell, or of one of its attacks: texts by budget."""

    what: str
    by_budget: dict[int, str]


@dataclass(frozen=True)
class Note:
    """What a method wrote down under one name, in brief."""

    name: str
    count: int
    first: str
    last: str
    least: str
    most: str


@dataclass
class CellSheet:
    """One cell.

    Attributes:
        rules: the hash of its scenario's identity.
        seeds: the suite's seed, and those of the streams that derive from it.
        options: the method's, as its identity holds them: (name, JSON value).
        ledger: rows of budget, phase, queries, clipped, digest.
    """

    id: str
    number: int
    status: str
    error: str
    traceback: str
    kind: str
    method: str
    spec: str
    version: int
    package: str
    privileged: bool
    rules: str
    environment: str
    started: str
    finished: str
    spent: int
    scoring: str
    seeds: tuple[tuple[str, int], ...]
    options: tuple[tuple[str, str], ...]
    timings: tuple[tuple[str, str], ...]
    values: list[Values] = field(default_factory=list)
    ledger: list[tuple[int, str, int, int, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def budgets(self) -> list[int]:
        """The budgets of all values."""
        return sorted({budget for values in self.values for budget in values.by_budget})


def read_sheets(store: Store, ids: Sequence[str]) -> Iterator[CellSheet]:
    """Yield the cells of ``ids``, in that order, a batch at a time."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        with store.reading() as session:
            sheets = {sheet.id: sheet for sheet in _sheets(session, batch)}
            by_number = {sheet.number: sheet for sheet in sheets.values()}
            _add_values(session, by_number)
            _add_ledger(session, by_number)
            _add_notes(session, by_number)
        yield from (sheets[cell] for cell in batch if cell in sheets)


def _sheets(session: Session, ids: Iterable[str]) -> Iterator[CellSheet]:
    query = (
        select(CellRow.__table__, MethodRow.kind, MethodRow.name, MethodRow.spec, MethodRow.version, ScenarioRow.hash)
        .join(MethodRow, MethodRow.number == CellRow.method_number)
        .join(ScenarioRow, ScenarioRow.number == CellRow.scenario_number)
        .where(CellRow.id.in_(list(ids)))
    )
    for row in session.execute(query).mappings():
        identity = row["identity"]
        total = row["timings"] or {}
        yield CellSheet(
            id=row["id"],
            number=row["number"],
            status=(row["status"] or "missing").replace("-", " "),
            error=row["error"],
            traceback=row["traceback"],
            kind=row["kind"],
            method=row["name"],
            spec=row["spec"],
            version=row["version"],
            package=f"{row['package']} {row['package_version']}".strip(),
            privileged=bool(row["privileged"]),
            rules=row["hash"],
            environment=row["environment"] or "",
            started=row["started"],
            finished=row["finished"],
            spent=row["spent"],
            scoring=str(identity.get("scoring_version", "")),
            seeds=(("suite seed", row["seed"]), *((name, stream_seed(row["seed"], name)) for name in STREAMS)),
            options=tuple((str(k), json.dumps(v)) for k, v in sorted(identity["method"]["options"].items())),
            timings=tuple((name, f"{seconds:,.2f} s") for name, seconds in sorted(total.items())),
        )


def _add_values(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = MeasurementRow
    query = (
        select(row.cell, AttackRow.name, MetricRow.name, row.budget, row.value)
        .join(MetricRow, MetricRow.number == row.metric)
        .join(AttackRow, AttackRow.number == row.attack)
        .where(row.cell.in_(list(sheets)))
        .order_by(row.cell, AttackRow.name, MetricRow.name, row.budget, row.spent)
    )
    for (cell, attack, metric), found in itertools.groupby(session.execute(query), key=lambda r: (r[0], r[1], r[2])):
        mark = unit(metric)
        texts = {r[3]: "–" if r[4] is None else f"{amount(r[4], mark)}" for r in found}
        what = f"{metric}, {mark}" + (f", {attack}" if attack else "")
        sheets[cell].values.append(Values(what, texts))


def _add_ledger(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = QueriesRow
    query = (
        select(row.cell, row.budget, row.phase, row.queries, row.clipped, row.digest)
        .where(row.cell.in_(list(sheets)))
        .order_by(row.cell, row.budget, row.phase)
    )
    for cell, budget, phase, queries, clipped, digest in session.execute(query):
        sheets[cell].ledger.append((budget, phase, queries, clipped, digest))


def _add_notes(session: Session, sheets: dict[int, CellSheet]) -> None:
    row = DiagnosticRow
    query = select(row.cell, row.name, row.points).where(row.cell.in_(list(sheets))).order_by(row.cell, row.name)
    for cell, name, points in session.execute(query):
        values = [float(value) for _, value in points]
        if values and len(sheets[cell].notes) < NOTES:
            ends = (f"{value:.4g}" for value in (values[0], values[-1], min(values), max(values)))
            sheets[cell].notes.append(Note(name, len(values), *ends))


def read_environments(store: Store, hashes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return environments by hash, flat."""
    with store.reading() as session:
        rows = session.execute(
            select(EnvironmentRow.hash, EnvironmentRow.data)
            .where(EnvironmentRow.hash.in_(list(hashes)))
            .order_by(EnvironmentRow.hash)
        )
        return {found: list(flat(data)) for found, data in rows}


def read_rules(store: Store, hashes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the scenarios' identities by hash, flat."""
    with store.reading() as session:
        rows = session.execute(
            select(ScenarioRow.hash, ScenarioRow.identity)
            .where(ScenarioRow.hash.in_(list(hashes)))
            .order_by(ScenarioRow.hash)
        )
        return {found: list(flat(identity)) for found, identity in rows}
