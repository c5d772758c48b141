"""Putting results into tables, within a transaction that the caller holds."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from benchbox.records import CellResult, Searches, spent
from benchbox.store.models import (
    AttackRow,
    CellRow,
    ConfusionRow,
    DiagnosticRow,
    EnvironmentRow,
    MeasurementRow,
    MetricRow,
    PictureRow,
    QueriesRow,
    SearchesRow,
    TargetRow,
)
from benchbox.store.types import dumps

if TYPE_CHECKING:
    from benchbox.suites.cell import AttackPlan

PARTS = (MeasurementRow, ConfusionRow, QueriesRow, DiagnosticRow, PictureRow, SearchesRow)


def put_result(
    session: Session, row: CellRow, result: CellResult, *, finished: str, plans: Iterable[AttackPlan] = ()
) -> None:
    """Write a result over whatever the cell had; ``plans`` are the attacks that the cell's scenario makes."""
    if row.status is not None:
        for part in PARTS:
            session.execute(delete(part).where(part.cell == row.number))
    row.status, row.error, row.traceback = str(result.status), result.error, result.traceback
    row.timings, row.started, row.finished = result.timings, result.started, finished
    row.seconds = result.timings.get("total")
    row.spent = spent(result.ledger)
    row.environment = _environment(session, result.environment) if result.environment else None
    row.sealed = None if result.sealed is None else str(result.sealed)
    row.output, row.sources = result.output, result.sources
    session.flush()
    _put_parts(session, row.number, result, {plan.label: plan for plan in plans})


def put_target(session: Session, target: Any) -> None:
    """Write a target's manifest entry, once: equal hashes are equal targets.

    Args:
        session: a transaction.
        target: a mapping, dataclass or pydantic model with a value for each column of ``targets``; more is let be.
    """
    values = _mapping(target)
    if session.get(TargetRow, values["sha256"]) is None:
        session.add(TargetRow(**{column.key: values[column.key] for column in TargetRow.__table__.columns}))


def _mapping(value: Any) -> Mapping[str, Any]:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return dict(value)


def _environment(session: Session, data: dict[str, Any]) -> str:
    digest = hashlib.sha256(dumps(data).encode()).hexdigest()[:16]
    if session.get(EnvironmentRow, digest) is None:
        session.add(EnvironmentRow(hash=digest, data=data))
    return digest


def _put_parts(session: Session, cell: int, result: CellResult, plans: Mapping[str, AttackPlan]) -> None:
    metrics = _metrics(session, {m.metric for m in result.measurements})
    labels = {m.attack for m in result.measurements} | {c.attack for c in result.confusions}
    attacks = _attacks(session, labels, plans)
    rows: dict[type[Any], list[dict[str, Any]]] = {
        MeasurementRow: [
            {**vars(m), "cell": cell, "metric": metrics[m.metric], "attack": attacks[m.attack]}
            for m in result.measurements
        ],
        ConfusionRow: [{**vars(c), "cell": cell, "attack": attacks[c.attack]} for c in result.confusions],
        QueriesRow: [{**vars(row), "cell": cell} for row in result.ledger],
        DiagnosticRow: [{"cell": cell, "name": name, "points": points} for name, points in _curves(result).items()],
        PictureRow: [{**vars(picture), "cell": cell} for picture in result.pictures],
        SearchesRow: [] if result.searches is None else [{"cell": cell, **_searches(result.searches)}],
    }
    for table, values in rows.items():
        if values:
            session.execute(insert(table), values)


def _searches(searches: Searches) -> dict[str, Any]:
    counts = vars(searches).copy()
    return {"late": counts.pop("late"), "counts": counts, "digest": searches.digest}


def _curves(result: CellResult) -> dict[str, list[tuple[int, float]]]:
    curves: dict[str, list[tuple[int, float]]] = {}
    for note in result.diagnostics:
        curves.setdefault(note.name, []).append((note.spent, note.value))
    return curves


def _metrics(session: Session, names: set[str]) -> dict[str, int]:
    """Return the key of each name, adding those that are new."""
    known = {row.name: row for row in session.scalars(select(MetricRow).where(MetricRow.name.in_(names)))}
    for name in sorted(names - known.keys()):
        known[name] = MetricRow(name=name)
        session.add(known[name])
    session.flush()
    return {name: row.number for name, row in known.items()}


def _attacks(session: Session, labels: set[str], plans: Mapping[str, AttackPlan]) -> dict[str, int]:
    """Return the key of each attack, adding those that are new; of no plan are the substitute itself, and unknown labels."""
    rows = session.scalars(select(AttackRow).where(AttackRow.name.in_(labels)))
    known = {(row.hash, row.name): row for row in rows}
    found: dict[str, AttackRow] = {}
    for label in sorted(labels):
        plan = plans.get(label)
        digest = plan.hash if plan else hashlib.sha256(dumps(label).encode()).hexdigest()[:16] if label else ""
        row = known.get((digest, label)) or AttackRow(hash=digest, name=label, **(_of_plan(plan) if plan else {}))
        session.add(row)  # nothing, of one that is known
        found[label] = row
    session.flush()
    return {label: row.number for label, row in found.items()}


def _of_plan(plan: AttackPlan) -> dict[str, Any]:
    return {
        "goal": plan.goal,
        "at": plan.at,
        "images": plan.images,
        "definitions": list(plan.success),
        "norm": plan.threat and plan.threat.norm,
        "radius": plan.threat and plan.threat.radius,
    }
