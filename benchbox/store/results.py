"""What cells gave: a statement for each table that holds a part of it, however many cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from benchbox.records import (
    CellResult,
    Confusion,
    Diagnostic,
    LedgerRow,
    Measurement,
    Picture,
    Sealed,
    Searches,
    Status,
)
from benchbox.store.contents import fits
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
)

_M, _C, _L, _D, _P, _S = MeasurementRow, ConfusionRow, QueriesRow, DiagnosticRow, PictureRow, SearchesRow
_PARTS: Mapping[str, Any] = {
    "measurements": select(_M.cell, MetricRow.name, AttackRow.name, _M.budget, _M.spent, _M.value, _M.n)
    .join(MetricRow, MetricRow.number == _M.metric)
    .join(AttackRow, AttackRow.number == _M.attack)
    .order_by(AttackRow.name, MetricRow.name, _M.budget, _M.spent),
    "confusions": select(_C.cell, AttackRow.name, _C.budget, _C.matrix)
    .join(AttackRow, AttackRow.number == _C.attack)
    .order_by(AttackRow.name, _C.budget),
    "ledger": select(_L.cell, _L.budget, _L.phase, _L.queries, _L.clipped, _L.digest).order_by(_L.budget, _L.phase),
    "diagnostics": select(_D.cell, _D.name, _D.points).order_by(_D.name),
    "pictures": select(_P.cell, _P.name, _P.png).order_by(_P.name),
    "searches": select(_S.cell, _S.counts, _S.late),
}
"""What to read of each part of a result, in a fixed order."""


def by_cell(session: Session, query: Select[Any], cells: Iterable[CellRow]) -> dict[int, list[Sequence[Any]]]:
    """Return the rows of a query by cell, whose key is their first column, and is left out."""
    found: dict[int, list[Sequence[Any]]] = {row.number: [] for row in cells}
    for cell, *row in session.execute(query.where(query.selected_columns[0].in_(found))):
        found[cell].append(row)
    return found


def read_results(session: Session, cells: Iterable[CellRow], without: Collection[str] = ()) -> dict[str, CellResult]:
    """Return by id the results of those of these cells that have one, as they were recorded.

    ``without`` are parts that are not read: ``confusions``, ``pictures`` or ``searches``, which take long to unpack.
    """
    rows = [row for row in cells if row.status is not None]
    used = EnvironmentRow.hash.in_({row.environment for row in rows if row.environment})
    environments = {row.hash: row.data for row in session.scalars(select(EnvironmentRow).where(used))}
    parts = {name: {} if name in without else by_cell(session, query, rows) for name, query in _PARTS.items()}
    return {
        row.id: _result(row, environments, {name: of.get(row.number, []) for name, of in parts.items()}) for row in rows
    }


def _result(row: CellRow, environments: Mapping[str, Any], parts: Mapping[str, Sequence[Any]]) -> CellResult:
    counts = {type(n) for _, _, queries, clipped, _ in parts["ledger"] for n in (queries, clipped)}
    shapes = (fits("cells", "timings", row.timings), fits("cells", "sources", row.sources), counts <= {int})
    if not all(shapes):
        raise TypeError(f"a value of cell {row.id} that is none")  # the store is looked through, and says which
    return CellResult(
        cell_id=row.id,
        status=Status(str(row.status)),
        measurements=[Measurement(*of) for of in parts["measurements"]],
        confusions=[Confusion(attack, at, tuple(map(tuple, matrix))) for attack, at, matrix in parts["confusions"]],
        ledger=[LedgerRow(*of) for of in parts["ledger"]],
        diagnostics=[Diagnostic(int(at), name, value) for name, points in parts["diagnostics"] for at, value in points],
        pictures=[Picture(*of) for of in parts["pictures"]],
        searches=next((Searches(**counts, late=late) for counts, late in parts["searches"]), None),
        error=row.error,
        traceback=row.traceback,
        timings=row.timings,
        environment=environments.get(row.environment or "", {}),
        started=row.started,
        sealed=None if row.sealed is None else Sealed(row.sealed),
        output=row.output,
        sources=row.sources,
    )
