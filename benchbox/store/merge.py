"""The union of two stores by identity."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchbox.errors import StoreError
from benchbox.records import Status
from benchbox.store import writing
from benchbox.store.detail import read_measurements, read_result, values
from benchbox.store.models import CellRow, SuiteCellRow, TargetRow
from benchbox.store.store import Store

TIMINGS = frozenset({"seconds_per_example", "attack_seconds"})
"""Metrics that differ from run to run; they make no conflict."""


@dataclass(frozen=True)
class Merged:
    """What a merge did: cells whose result was taken over, and cells that both stores had."""

    taken: int
    shared: int


def merge(into: Store, other: Store) -> Merged:
    """Take over what another store holds; results that are there already stay.

    Raises:
        StoreError: some cells are done in both with different measurements; it names them, and nothing is written.
    """
    if into.path.samefile(other.path):
        raise StoreError(f"'{other.path}' and '{into.path}' are the same store")
    with other.reading() as theirs, into.writing() as ours:
        rows = list(theirs.scalars(select(CellRow).order_by(CellRow.id)))
        _refuse_conflicts(into, other, ours, theirs, rows)
        for target in theirs.scalars(select(TargetRow)):
            writing.put_target(ours, values(target))
        taken = sum([_take(ours, theirs, row) for row in rows])
        _take_places(ours, theirs)
        return Merged(taken, len(rows) - taken)


def _refuse_conflicts(into: Store, other: Store, ours: Session, theirs: Session, rows: list[CellRow]) -> None:
    conflicts = [row.id for row in rows if _conflict(ours, theirs, row)]
    if conflicts:
        have = "cell has" if len(conflicts) == 1 else "cells have"
        raise StoreError(
            f"{len(conflicts)} {have} other measurements in '{other.path}' than in '{into.path}', "
            f"nothing was merged: {', '.join(conflicts)}"
        )


def _conflict(ours: Session, theirs: Session, row: CellRow) -> bool:
    mine = writing.find_cell(ours, row.id)
    if mine is None or not mine.status == row.status == Status.DONE:
        return False
    return _numbers(ours, mine.number) != _numbers(theirs, row.number)


def _numbers(session: Session, cell: int) -> list[object]:
    return [m for m in read_measurements(session, cell) if m.metric not in TIMINGS]


def _take(ours: Session, theirs: Session, row: CellRow) -> bool:
    """Copy a cell, and its result where ours has none as good."""
    mine = writing.find_cell(ours, row.id) or _copy(ours, row)
    result = read_result(theirs, row)
    if result is None or mine.status == Status.DONE or (mine.status is not None and result.status != Status.DONE):
        return False
    mine.package, mine.package_version = row.package, row.package_version
    writing.put_result(ours, mine, result, finished=row.finished)
    return True


def _copy(ours: Session, row: CellRow) -> CellRow:
    copy = CellRow(id=row.id, seed=row.seed, privileged=row.privileged, identity=row.identity)
    scenario, method = row.scenario, row.method
    copy.scenario = writing.ensure_scenario(
        ours,
        dataset=scenario.dataset,
        dataset_hash=scenario.dataset_hash,
        target=scenario.target,
        target_sha256=scenario.target_sha256,
        substitute=scenario.substitute,
        access=scenario.access,
        pool=scenario.pool,
        identity=scenario.identity,
    )
    copy.method = writing.ensure_method(
        ours, kind=method.kind, name=method.name, version=method.version, spec=method.spec
    )
    ours.add(copy)
    ours.flush()
    return copy


def _take_places(ours: Session, theirs: Session) -> None:
    """Copy places that are empty in ours; where both stores have a cell in one place, ours stays."""
    numbers = {row.id: row.number for row in ours.scalars(select(CellRow))}
    for place, cell_id in theirs.execute(
        select(SuiteCellRow, CellRow.id).join(CellRow, CellRow.number == SuiteCellRow.cell)
    ):
        key = (place.suite, place.dataset, place.scenario, place.label, place.seed)
        if ours.get(SuiteCellRow, key) is None:
            ours.add(
                SuiteCellRow(
                    suite=place.suite,
                    dataset=place.dataset,
                    scenario=place.scenario,
                    label=place.label,
                    seed=place.seed,
                    position=place.position,
                    cell=numbers[cell_id],
                )
            )
