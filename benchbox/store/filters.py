"""What narrows a frame, and the joined tables and columns that it narrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypedDict

from sqlalchemy import ColumnElement, FromClause, Select, and_, case, false, func, join, literal, or_, outerjoin, select

from benchbox.store.models import CellRow, MethodRow, ScenarioRow, SuiteCellRow
from benchbox.store.scoring import (
    GROUP,
    SUPERSEDED,
    is_superseded,
    mixed_scorings,
    scoring_version,
    superseded_error,
)

Text: TypeAlias = str | Iterable[str]
Number: TypeAlias = int | Iterable[int]
MISSING = "missing"
"""The status of a cell that was enrolled and has no result."""
NOT_RECORDED = "not recorded"
"""How far a player was shut in where the store does not know it: results of before version 0.2."""


class Filters(TypedDict, total=False):
    """What narrows a frame: a value or several for each."""

    cell: Text
    suite: Text
    scenario: Text
    dataset: Text
    label: Text
    seed: Number
    status: Text
    kind: Text
    method: Text
    access: Text
    target: Text
    trainer: Text
    uses: Text
    privileged: bool
    sealed: Text


class MeasurementFilters(Filters, total=False):
    """``Filters``, and those on a measurement's own columns."""

    metric: Text
    attack: Text
    budget: Number


class ConfusionFilters(Filters, total=False):
    """``Filters``, and those on a confusion matrix's own columns."""

    attack: Text
    budget: Number


class DiagnosticFilters(Filters, total=False):
    """``Filters``, and the name of the notes."""

    name: Text


OF_MEASUREMENTS = ("metric", "attack", "budget")
ORDER = ("suite", "dataset", "scenario", "position", "label", "seed", "cell")
_KEY = ("suite", "dataset", "scenario", "label")


@dataclass(frozen=True)
class Source:
    """Cells in their places, as a query joins them.

    Attributes:
        columns: by name; see the package.
        tables: what they are of.
        placed: whether cells outside all suites are left out.
    """

    columns: Mapping[str, ColumnElement[Any]]
    tables: FromClause
    placed: bool

    def select(self, names: Iterable[str], more: Mapping[str, ColumnElement[Any]] | None = None) -> Select[Any]:
        """Select columns by name, and others."""
        chosen = {name: self.columns[name] for name in names} | dict(more or {})
        return select(*(column.label(name) for name, column in chosen.items())).select_from(self.tables)

    def conditions(self, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """Return what the filters on these columns ask of a row.

        Raises:
            TypeError: there is no such filter.
        """
        return [self._condition(name, values_of(wanted)) for name, wanted in filters.items()]

    def order(self) -> list[ColumnElement[Any]]:
        """Return what rows are sorted by, whatever the order of writing."""
        return [self.columns[name] for name in ORDER]

    def _condition(self, name: str, values: list[Any]) -> ColumnElement[bool]:
        if name == "method":
            return or_(*(self.columns[key].in_(values) for key in ("method", "spec", "label")))
        if name not in self.columns:
            raise TypeError(f"there is no filter '{name}'")
        column = self._plain(name)
        if name == "trainer":
            return or_(column.in_(values), *(func.substr(column, 1, len(value) + 1) == f"{value}[" for value in values))
        if name == "uses":
            listed = literal(",").concat(column).concat(",")
            return or_(false(), *(func.replace(listed, f",{value},", "") != listed for value in values))
        return column.in_(values)

    def _plain(self, name: str) -> ColumnElement[Any]:
        """Return the column that an index is on, where no value is made up for cells outside suites."""
        return getattr(SuiteCellRow, name).expression if self.placed and name in _KEY else self.columns[name]


def source(filters: Mapping[str, Any]) -> Source:
    """Return what a query with these filters selects from.

    With a filter on suites, cells outside all suites are not looked at, and whole suites are found by their index.
    """
    placed = "" not in values_of(filters.get("suite", ""))
    return _source(placed, tuple((name, *values_of(filters[name])) for name in GROUP if placed and name in filters))


@lru_cache(maxsize=64)  # a page of the leaderboard asks five times, and putting it together takes milliseconds
def _source(placed: bool, groups: tuple[tuple[str, ...], ...]) -> Source:
    mixed = mixed_scorings([getattr(SuiteCellRow, name).in_(values) for name, *values in groups])
    tables: Any = join(CellRow, ScenarioRow, ScenarioRow.number == CellRow.scenario_number)
    tables = tables.join(MethodRow, MethodRow.number == CellRow.method_number)
    tables = tables.join(SuiteCellRow, SuiteCellRow.cell == CellRow.number, isouter=not placed)
    same_group = and_(*(mixed.c[name] == getattr(SuiteCellRow, name) for name in GROUP))
    return Source(_columns(mixed), outerjoin(tables, mixed, same_group), placed)


def values_of(wanted: Any) -> list[Any]:
    """Return the values that a filter allows."""
    return [wanted] if isinstance(wanted, str | int) else list(wanted)


def _columns(mixed: Any) -> dict[str, ColumnElement[Any]]:
    status = func.coalesce(CellRow.status, MISSING)
    return {
        "cell": CellRow.id.expression,
        "suite": func.coalesce(SuiteCellRow.suite, ""),
        "scenario": func.coalesce(SuiteCellRow.scenario, ""),
        "dataset": func.coalesce(SuiteCellRow.dataset, ScenarioRow.dataset),
        "label": func.coalesce(SuiteCellRow.label, MethodRow.spec),
        "position": func.coalesce(SuiteCellRow.position, 0),
        "seed": CellRow.seed.expression,
        "status": case((is_superseded(mixed), SUPERSEDED), else_=status),
        "kind": MethodRow.kind.expression,
        "method": MethodRow.name.expression,
        "spec": MethodRow.spec.expression,
        "version": MethodRow.version.expression,
        "scoring": scoring_version(CellRow.identity),
        "package": CellRow.package.expression,
        "package_version": CellRow.package_version.expression,
        "trainer": CellRow.trainer.expression,
        "trainer_version": CellRow.trainer_version.expression,
        "uses": CellRow.uses.expression,
        "privileged": CellRow.privileged.expression,
        "sealed": case((CellRow.status.is_(None), ""), else_=func.coalesce(CellRow.sealed, NOT_RECORDED)),
        "substitute": ScenarioRow.substitute.expression,
        "access": ScenarioRow.access.expression,
        "target": ScenarioRow.target.expression,
        "target_sha256": ScenarioRow.target_sha256.expression,
        "dataset_hash": ScenarioRow.dataset_hash.expression,
        "rules": ScenarioRow.hash.expression,
        "environment": func.coalesce(CellRow.environment, ""),
        "started": CellRow.started.expression,
        "finished": CellRow.finished.expression,
        "seconds": CellRow.seconds.expression,
        "spent": CellRow.spent.expression,
        "error": superseded_error(mixed),
    }
