"""Everything about single cells."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from benchbox.errors import StoreError, shown
from benchbox.records import CellResult, Sealed, Status
from benchbox.store.enrolment import batches
from benchbox.store.models import CellRow, EnvironmentRow, ScenarioRow, SuiteCellRow, TargetRow
from benchbox.store.results import by_cell, read_results
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


def environments(session: Session) -> dict[str, dict[str, Any]]:
    """Return the environments in which cells were played, by their hash."""
    used = select(CellRow.environment).where(CellRow.environment.is_not(None))
    rows = session.scalars(select(EnvironmentRow).where(EnvironmentRow.hash.in_(used)))
    return {row.hash: row.data for row in rows}


def newest(session: Session) -> str:
    """Return when the newest result was finished; empty where there is none."""
    return session.scalar(select(func.max(CellRow.finished))) or ""


def whole_id(session: Session, prefix: str) -> str:
    """Return the one id that starts with ``prefix``.

    Raises:
        StoreError: none does, and the sentence names the nearest; or several do, and it names them.
    """
    if not prefix.strip():
        raise StoreError("an empty id names no cell; 'benchbox results' lists them")
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
    hint = f"did you mean '{whole}'?" if whole else "'benchbox results' lists them"
    raise StoreError(f"there is no cell '{shown(prefix)}'; {hint}")


def details(session: Session, ids: Collection[str], without: Collection[str] = ()) -> list[CellDetail]:
    """Return all that is stored of the cells with these ids, in this order; see ``read_results`` for ``without``.

    Raises:
        StoreError: one of them is not stored.
    """
    rows = {row.id: row for row in session.scalars(select(CellRow).where(CellRow.id.in_(ids)))}
    unknown = next((ident for ident in ids if ident not in rows), None)
    if unknown is not None:
        raise StoreError(
            f"there is no cell '{shown(unknown)}'; expected whole ids, as 'benchbox results --json' lists them"
        )
    found = [rows[ident] for ident in ids]
    places, newer = by_cell(session, _PLACES, found), _newer(session, found)
    results = read_results(session, found, without)
    attacked = TargetRow.sha256.in_({row.scenario.target_sha256 for row in found})
    targets = {row.sha256: values(row) for row in session.scalars(select(TargetRow).where(attacked))}
    return [
        CellDetail(
            id=row.id,
            identity={**row.identity, "scenario": row.scenario.identity},
            seed=row.seed,
            privileged=row.privileged,
            trainer=row.trainer,
            trainer_version=row.trainer_version,
            uses=row.uses,
            kind=row.method.kind,
            method=row.method.name,
            spec=row.method.spec,
            version=row.method.version,
            package=row.package,
            package_version=row.package_version,
            dataset=row.scenario.dataset,
            dataset_hash=row.scenario.dataset_hash,
            target=row.scenario.target,
            target_sha256=row.scenario.target_sha256,
            target_record=targets.get(row.scenario.target_sha256),
            substitute=row.scenario.substitute,
            access=row.scenario.access,
            pool=row.scenario.pool,
            places=tuple(SuitePlace(*place) for place in places[row.number]),
            result=results.get(row.id),
            finished=row.finished,
            spent=row.spent,
            superseded_by=newer.get(row.id),
        )
        for row in found
    ]


_PLACES = select(SuiteCellRow.cell, *(getattr(SuiteCellRow, field.name) for field in fields(SuitePlace))).order_by(
    *SuiteCellRow.__table__.primary_key
)


def _newer(session: Session, rows: Collection[CellRow]) -> dict[str, str]:
    """Return by id the cell of the newest scoring that is otherwise the same, where there is a newer one."""
    oldest = min(row.identity["scoring_version"] for row in rows)
    query = select(CellRow).where(
        CellRow.scenario_number.in_({row.scenario_number for row in rows}),
        CellRow.status == Status.DONE,
        scoring_version(CellRow.identity) > oldest,
    )
    later = sorted(session.scalars(query), key=lambda row: (row.identity["scoring_version"], row.id))
    return {row.id: other.id for row in rows for other in later if _rescored(row, other)}


def _rescored(row: CellRow, other: CellRow) -> bool:
    """Whether another cell is the same but for a newer scoring."""
    one, two = ({**cell.identity, "scoring_version": 0} for cell in (row, other))
    keys = ((cell.scenario_number, cell.method_number, cell.seed) for cell in (row, other))
    newer: bool = other.identity["scoring_version"] > row.identity["scoring_version"]
    return newer and len(set(keys)) == 1 and one == two


def values(row: TargetRow) -> dict[str, Any]:
    """Return a target's columns as a mapping."""
    return {column.key: getattr(row, column.key) for column in TargetRow.__table__.columns}
