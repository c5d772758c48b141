"""Everything about one cell."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from benchbox.errors import StoreError, shown
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
from benchbox.store.enrolment import batches
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
    ScenarioRow,
    SearchesRow,
    SuiteCellRow,
    TargetRow,
)
from benchbox.store.scoring import scoring_version


@dataclass(frozen=True)
class SuitePlace:
    """Where a cell stands in a suite."""

    suite: str
    dataset: str
    scenario: str
    label: str
    position: int


@dataclass(frozen=True)
class CellDetail:
    """One cell, with all that is stored of it.

    Attributes:
        identity: what the id hashes, in full.
        trainer, trainer_version: who made its substitutes; empty and 0 where the method makes its own.
        uses: the scenario's grants that it uses, by commas; see ``Grant``.
        kind, method, spec, version: the method's plugin; its options are in the identity.
        package, package_version: who the plugin came from; empty while there is no result.
        target: the target's name.
        target_record: its manifest entry as a mapping; None where no result brought one.
        pool: the pool's rule; None where the attacker has no images.
        places: where the cell stands in suites.
        result: what it gave; None where it has not been run.
        finished: when the result was stored, ISO 8601 in UTC.
        spent: the most queries paid for in one game.
        superseded_by: the cell with the same identity but for a newer scoring version that has a result, the newest; None
            where there is none.
    """

    id: str
    identity: dict[str, Any]
    seed: int
    privileged: bool
    trainer: str
    trainer_version: int
    uses: str
    kind: str
    method: str
    spec: str
    version: int
    package: str
    package_version: str
    dataset: str
    dataset_hash: str
    target: str
    target_sha256: str
    target_record: dict[str, Any] | None
    substitute: str
    access: str
    pool: dict[str, Any] | None
    places: tuple[SuitePlace, ...]
    result: CellResult | None
    finished: str
    spent: int
    superseded_by: str | None


@dataclass(frozen=True)
class ScenarioRules:
    """The rules that a cell was played by.

    Attributes:
        identity: what the cell's id hashes of them.
        pool: the pool's rule, which names its data set; None where the attacker has no images.
    """

    identity: dict[str, Any]
    pool: dict[str, Any] | None


def scenario_rules(session: Session, cells: Iterable[str]) -> dict[str, ScenarioRules]:
    """Return the rules of the cells with these ids; cells of one scenario share what is returned."""
    query = select(CellRow.id, CellRow.scenario_number)
    found = (session.execute(query.where(CellRow.id.in_(batch))) for batch in batches(cells))
    scenario = {cell: number for rows in found for cell, number in rows}
    rules: dict[int, ScenarioRules] = {}
    of = select(ScenarioRow.number, ScenarioRow.identity, ScenarioRow.pool)
    for batch in batches(set(scenario.values())):
        rows = session.execute(of.where(ScenarioRow.number.in_(batch)))
        rules |= {number: ScenarioRules(identity, pool) for number, identity, pool in rows}
    return {cell: rules[number] for cell, number in scenario.items()}


def done_sources(session: Session, cells: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the hashes of the sources that those of these cells that are done were played with."""
    query = select(CellRow.id, CellRow.sources).where(CellRow.status == Status.DONE)
    found = (session.execute(query.where(CellRow.id.in_(batch))) for batch in batches(cells))
    return {cell: sources for rows in found for cell, sources in rows}


def done_unsealed(session: Session, cells: Iterable[str]) -> set[str]:
    """Return those of these cells that are done, by players that were not shut in."""
    query = select(CellRow.id).where(CellRow.status == Status.DONE, CellRow.sealed == Sealed.NO)
    return {cell for batch in batches(cells) for cell in session.scalars(query.where(CellRow.id.in_(batch)))}


def played_on(session: Session, suite: str, games: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the environments that done cells of a suite's games, each a data set and a scenario, were played in."""
    place = SuiteCellRow
    query = select(place.dataset, place.scenario, CellRow.environment).join(CellRow, CellRow.number == place.cell)
    query = query.where(
        place.suite == suite, CellRow.status == Status.DONE, CellRow.environment.is_not(None)
    ).distinct()
    wanted = set(games)
    hashes = {digest for dataset, scenario, digest in session.execute(query) if (dataset, scenario) in wanted}
    rows = select(EnvironmentRow).where(EnvironmentRow.hash.in_(hashes)).order_by(EnvironmentRow.hash)
    return [row.data for row in session.scalars(rows)]


def whole_id(session: Session, prefix: str) -> str:
    """Return the one id that starts with ``prefix``.

    Raises:
        StoreError: none does, and the sentence names the nearest; or several do, and it names them.
    """
    if not prefix.strip():
        raise StoreError("an empty id names no cell; 'benchbox results --json' lists them")
    begins = and_(CellRow.id >= prefix, CellRow.id <= f"{prefix}{chr(0x10FFFF)}")  # unlike LIKE, it uses the index
    found = list(session.scalars(select(CellRow.id).where(begins).order_by(CellRow.id).limit(6)))
    if len(found) == 1:
        return found[0]
    if found:
        more = ", ..." if len(found) > 5 else ""
        raise StoreError(f"'{prefix}' is the start of several cells: {', '.join(sorted(found)[:5])}{more}")
    known = list(session.scalars(select(CellRow.id)))
    near = difflib.get_close_matches(prefix, [cell[: len(prefix)] for cell in known], n=1, cutoff=0.5)
    whole = next((cell for cell in known if near and cell.startswith(near[0])), None)
    hint = f"did you mean '{whole}'?" if whole else "'benchbox results --json' lists them"
    raise StoreError(f"there is no cell '{shown(prefix)}'; {hint}")


def detail(session: Session, row: CellRow) -> CellDetail:
    """Return all that is stored of a cell."""
    scenario, method = row.scenario, row.method
    places = session.scalars(select(SuiteCellRow).where(SuiteCellRow.cell == row.number))
    target = session.get(TargetRow, scenario.target_sha256)
    return CellDetail(
        id=row.id,
        identity={**row.identity, "scenario": scenario.identity},
        seed=row.seed,
        privileged=row.privileged,
        trainer=row.trainer,
        trainer_version=row.trainer_version,
        uses=row.uses,
        kind=method.kind,
        method=method.name,
        spec=method.spec,
        version=method.version,
        package=row.package,
        package_version=row.package_version,
        dataset=scenario.dataset,
        dataset_hash=scenario.dataset_hash,
        target=scenario.target,
        target_sha256=scenario.target_sha256,
        target_record=values(target) if target else None,
        substitute=scenario.substitute,
        access=scenario.access,
        pool=scenario.pool,
        places=tuple(SuitePlace(p.suite, p.dataset, p.scenario, p.label, p.position) for p in places),
        result=read_result(session, row),
        finished=row.finished,
        spent=row.spent,
        superseded_by=_newer(session, row),
    )


def _newer(session: Session, row: CellRow) -> str | None:
    """Return the cell of the newest scoring that is otherwise the same."""
    rows = session.execute(
        select(CellRow.id, CellRow.identity).where(
            CellRow.scenario_number == row.scenario_number,
            CellRow.method_number == row.method_number,
            CellRow.seed == row.seed,
            CellRow.status == Status.DONE,
            scoring_version(CellRow.identity) > row.identity["scoring_version"],
        )
    )
    wanted = {**row.identity, "scoring_version": 0}
    same = [(found["scoring_version"], cell) for cell, found in rows if {**found, "scoring_version": 0} == wanted]
    return max(same)[1] if same else None


def values(row: TargetRow) -> dict[str, Any]:
    """Return a target's columns as a mapping."""
    return {column.key: getattr(row, column.key) for column in TargetRow.__table__.columns}


def read_result(session: Session, row: CellRow) -> CellResult | None:
    """Return a cell's result as it was recorded; None where there is none."""
    if row.status is None:
        return None
    environment = session.get(EnvironmentRow, row.environment) if row.environment else None
    ledger, matrices = _ledger(session, row.number), _confusions(session, row.number)
    counts = {type(n) for entry in ledger for n in (entry.queries, entry.clipped)}
    shapes = (fits("cells", "timings", row.timings), fits("cells", "sources", row.sources), counts <= {int})
    if not all(shapes):
        raise TypeError(f"a value of cell {row.id} that is none")  # the store is looked through, and says which
    return CellResult(
        cell_id=row.id,
        status=Status(row.status),
        measurements=read_measurements(session, row.number),
        confusions=matrices,
        ledger=ledger,
        diagnostics=_diagnostics(session, row.number),
        pictures=_pictures(session, row.number),
        searches=_searches(session, row.number),
        error=row.error,
        traceback=row.traceback,
        timings=row.timings,
        environment=environment.data if environment else {},
        started=row.started,
        sealed=None if row.sealed is None else Sealed(row.sealed),
        output=row.output,
        sources=row.sources,
    )


def read_measurements(session: Session, cell: int) -> list[Measurement]:
    """Return a cell's measurements by its number, in a fixed order."""
    query = (
        select(
            MetricRow.name,
            AttackRow.name,
            MeasurementRow.budget,
            MeasurementRow.spent,
            MeasurementRow.value,
            MeasurementRow.n,
        )
        .join(MetricRow, MetricRow.number == MeasurementRow.metric)
        .join(AttackRow, AttackRow.number == MeasurementRow.attack)
        .where(MeasurementRow.cell == cell)
        .order_by(AttackRow.name, MetricRow.name, MeasurementRow.budget, MeasurementRow.spent)
    )
    return [Measurement(*found) for found in session.execute(query)]


def _confusions(session: Session, cell: int) -> list[Confusion]:
    query = (
        select(AttackRow.name, ConfusionRow.budget, ConfusionRow.matrix)
        .join(AttackRow, AttackRow.number == ConfusionRow.attack)
        .where(ConfusionRow.cell == cell)
        .order_by(AttackRow.name, ConfusionRow.budget)
    )
    found = session.execute(query)
    return [Confusion(attack, budget, tuple(tuple(row) for row in matrix)) for attack, budget, matrix in found]


def _ledger(session: Session, cell: int) -> list[LedgerRow]:
    query = select(QueriesRow).where(QueriesRow.cell == cell).order_by(QueriesRow.budget, QueriesRow.phase)
    return [LedgerRow(r.budget, r.phase, r.queries, r.clipped, r.digest) for r in session.scalars(query)]


def _diagnostics(session: Session, cell: int) -> list[Diagnostic]:
    query = select(DiagnosticRow).where(DiagnosticRow.cell == cell).order_by(DiagnosticRow.name)
    return [Diagnostic(int(at), row.name, value) for row in session.scalars(query) for at, value in row.points]


def _pictures(session: Session, cell: int) -> list[Picture]:
    query = select(PictureRow).where(PictureRow.cell == cell).order_by(PictureRow.name)
    return [Picture(row.name, row.png) for row in session.scalars(query)]


def _searches(session: Session, cell: int) -> Searches | None:
    row = session.get(SearchesRow, cell)
    return None if row is None else Searches(**row.counts, late=row.late)
