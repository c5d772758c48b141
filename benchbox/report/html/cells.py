"""Everything about single cells, read for many at once."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from benchbox.records import flat, printable
from benchbox.scoring.metrics import DISTANCES, distance_text, metric
from benchbox.seeds import STREAMS, stream_seed
from benchbox.store import NOT_RECORDED, marks
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
PRINTED = 4_000
"""Most characters of what a cell's players printed that are shown: the last."""


@dataclass(frozen=True)
class Values:
    """A metric of a cell, or of one of its attacks: texts by budget."""

    what: str
    by_budget: dict[int, str]


@dataclass(frozen=True)
class Note:
    """What a method wrote down under one name, or under ``name_0``, ``name_1``, ...: in brief."""

    name: str
    text: str


@dataclass
class CellSheet:
    """One cell.

    Attributes:
        trainer: who made its substitutes, and the version; empty where the method makes its own.
        uses: what it uses of the scenario's grants, in the words of tables.
        rules: the hash of its scenario's identity.
        seed: the suite's; see ``streams`` for those that derive from it.
        options: the method's, as its identity holds them: (name, JSON value).
        sealed: as ``store.cells`` has it.
        sources: (``kind name``, the start of the sha256) of the contestants that played.
        output: the end of what the players printed.
        ledger: rows of budget, phase, queries, clipped, digest.
        distances: (attack, how far its examples lie from their images) at the last budget.
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
    trainer: str
    uses: tuple[str, ...]
    privileged: bool
    rules: str
    environment: str
    started: str
    finished: str
    spent: int
    scoring: str
    seed: int
    options: tuple[tuple[str, str], ...]
    timings: tuple[tuple[str, str], ...]
    sealed: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    output: str = ""
    values: list[Values] = field(default_factory=list)
    ledger: list[tuple[int, str, int, int, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    distances: list[tuple[str, str]] = field(default_factory=list)

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
            trainer=f"{row['trainer']}, version {row['trainer_version']}" if row["trainer"] else "",
            uses=marks(row["uses"]),
            privileged=bool(row["privileged"]),
            rules=row["hash"],
            environment=row["environment"] or "",
            started=row["started"],
            finished=row["finished"],
            spent=row["spent"],
            scoring=str(identity.get("scoring_version", "")),
            seed=row["seed"],
            options=tuple((str(k), json.dumps(v)) for k, v in sorted(identity["method"]["options"].items())),
            timings=tuple((name, f"{seconds:,.2f} s") for name, seconds in sorted(total.items())),
            sealed=(row["sealed"] or NOT_RECORDED) if row["status"] else "",
            sources=tuple((name, digest[:16]) for name, digest in sorted((row["sources"] or {}).items())),
            output=printable(row["output"])[-PRINTED:],
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
    far: dict[tuple[int, str], dict[str, float]] = {}
    for (cell, attack, name), found in itertools.groupby(session.execute(query), key=lambda r: (r[0], r[1], r[2])):
        if name in DISTANCES:
            far.setdefault((cell, attack), {})[name] = math.nan if (last := list(found)[-1][4]) is None else last
            continue
        unit = metric(name).unit
        texts = {r[3]: "–" if r[4] is None else unit.text(r[4]) for r in found}
        what = ", ".join(filter(None, (name, unit.mark, attack)))
        sheets[cell].values.append(Values(what, texts))
    for (cell, attack), distances in far.items():
        sheets[cell].distances.append((attack, distance_text(distances)))


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
    for cell, rows in itertools.groupby(session.execute(query), key=lambda found: found[0]):
        sheets[cell].notes += notes({name: [float(value) for _, value in points] for _, name, points in rows})


def notes(found: dict[str, list[float]]) -> list[Note]:
    """Return a line a name, and one for names that differ by a number alone, as ``class_0`` to ``class_9``."""
    told: list[Note] = []
    groups: dict[str, list[str]] = {}
    for name, values in found.items():
        stem, _, number = name.rpartition("_")
        if values:
            groups.setdefault(stem if stem and number.isdecimal() else name, []).append(name)
    for stem, names in groups.items():
        if len(names) > 1 or names[0] != stem:
            inorder = sorted(names, key=lambda name: int(name.rpartition("_")[2]) if name != stem else -1)
            last = ", ".join(f"{found[name][-1]:.4g}" for name in inorder)
            told.append(Note(f"{inorder[0]} … {inorder[-1]}" if len(inorder) > 1 else inorder[0], f"last {last}"))
        else:
            values = found[stem]
            ends = f"first {values[0]:.4g}, last {values[-1]:.4g}, least {min(values):.4g}, most {max(values):.4g}"
            told.append(Note(stem, f"{ends}; {len(values)} notes" if len(values) > 1 else f"{values[0]:.4g}"))
    return told[:NOTES]


def streams(seeds: Iterable[int]) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """Return, by suite seed, those of the streams that derive from it."""
    return [(seed, tuple((name, stream_seed(seed, name)) for name in STREAMS)) for seed in sorted(set(seeds))]


def read_environments(store: Store, hashes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return environments by hash, flat."""
    row = EnvironmentRow
    return _flat(store, select(row.hash, row.data).where(row.hash.in_(list(hashes))).order_by(row.hash))


def read_rules(store: Store, hashes: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return scenarios' identities by hash, flat."""
    return _flat(store, select(ScenarioRow.hash, ScenarioRow.identity).where(ScenarioRow.hash.in_(list(hashes))))


def _flat(store: Store, query: Select[tuple[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    with store.reading() as session:
        return {found: list(flat(data)) for found, data in session.execute(query)}
