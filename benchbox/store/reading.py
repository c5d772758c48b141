"""From tables to pandas frames. The columns are listed in the package's docstring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from benchbox.store.models import (
    AttackRow,
    CellRow,
    ConfusionRow,
    MeasurementRow,
    MethodRow,
    MetricRow,
    PictureRow,
    ScenarioRow,
    SuiteCellRow,
    TargetRow,
)

if TYPE_CHECKING:
    import pandas as pd

Text: TypeAlias = str | Iterable[str]
Number: TypeAlias = int | Iterable[int]
MISSING = "missing"
"""The status of a cell that was enrolled and has no result."""


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
    privileged: bool


class MeasurementFilters(Filters, total=False):
    """``Filters``, and those on a measurement's own columns."""

    metric: Text
    attack: Text
    budget: Number


_COLUMNS: dict[str, ColumnElement[Any]] = {
    "cell": CellRow.id.expression,
    "suite": func.coalesce(SuiteCellRow.suite, ""),
    "scenario": func.coalesce(SuiteCellRow.scenario, ""),
    "dataset": func.coalesce(SuiteCellRow.dataset, ScenarioRow.dataset),
    "label": func.coalesce(SuiteCellRow.label, MethodRow.spec),
    "position": func.coalesce(SuiteCellRow.position, 0),
    "seed": CellRow.seed.expression,
    "status": func.coalesce(CellRow.status, MISSING),
    "kind": MethodRow.kind.expression,
    "method": MethodRow.name.expression,
    "spec": MethodRow.spec.expression,
    "version": MethodRow.version.expression,
    "package": CellRow.package.expression,
    "package_version": CellRow.package_version.expression,
    "privileged": CellRow.privileged.expression,
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
    "error": CellRow.error.expression,
}
_NUMBERS: dict[str, ColumnElement[Any]] = {
    "metric": MetricRow.name.expression,
    "attack": AttackRow.name.expression,
    "budget": MeasurementRow.budget.expression,
    "spent": MeasurementRow.spent.expression,
    "value": MeasurementRow.value.expression,
    "n": MeasurementRow.n.expression,
}
_PLACE = ("cell", "suite", "scenario", "dataset", "label", "position", "seed")
_GAME = ("status", "kind", "method", "spec", "privileged", "substitute", "access", "target")
_ORDER = ("suite", "dataset", "scenario", "position", "label", "seed", "cell")


def cells(connection: Connection, filters: Filters) -> pd.DataFrame:
    """Return a row a place in a suite."""
    return _frame(connection, dict(_COLUMNS), filters, lambda query: query)


def measurements(connection: Connection, filters: MeasurementFilters) -> pd.DataFrame:
    """Return a row a measurement and place."""
    columns = _chosen(*_PLACE, *_GAME) | _NUMBERS

    def join(query: Select[Any]) -> Select[Any]:
        return (
            query.join(MeasurementRow, MeasurementRow.cell == CellRow.number)
            .join(MetricRow, MetricRow.number == MeasurementRow.metric)
            .join(AttackRow, AttackRow.number == MeasurementRow.attack)
        )

    frame = _frame(connection, columns, filters, join, ("metric", "attack", "budget", "spent"))
    return frame.astype({"value": "float64"})


def known(connection: Connection, name: str) -> list[Any]:
    """Return the values that a filter can have, sorted; those of a cell without suite are left out."""
    if name in ("metric", "attack", "budget"):
        return sorted(connection.execute(select(_NUMBERS[name]).distinct()).scalars())
    columns = ("method", "spec", "label") if name == "method" else (name,)
    rows = connection.execute(_joined({column: _COLUMNS[column] for column in columns}).distinct())
    return sorted({value for row in rows for value in row if value != ""})


def confusions(connection: Connection, filters: Filters) -> pd.DataFrame:
    """Return a row a confusion matrix and place."""
    columns = _chosen(*_PLACE, "kind", "method") | {
        "attack": AttackRow.name.expression,
        "budget": ConfusionRow.budget.expression,
        "matrix": ConfusionRow.matrix.expression,
    }

    def join(query: Select[Any]) -> Select[Any]:
        return query.join(ConfusionRow, ConfusionRow.cell == CellRow.number).join(
            AttackRow, AttackRow.number == ConfusionRow.attack
        )

    return _frame(connection, columns, filters, join, ("attack", "budget"))


def pictures(connection: Connection, filters: Filters) -> pd.DataFrame:
    """Return a row a picture and place."""
    columns = _chosen(*_PLACE, "kind", "method") | {
        "name": PictureRow.name.expression,
        "png": PictureRow.png.expression,
    }
    return _frame(
        connection, columns, filters, lambda query: query.join(PictureRow, PictureRow.cell == CellRow.number), ("name",)
    )


def targets(connection: Connection) -> pd.DataFrame:
    """Return a row a target that some stored cell attacked."""
    import pandas as pd

    names = [column.key for column in TargetRow.__table__.columns]
    query = select(*TargetRow.__table__.columns).order_by(TargetRow.name, TargetRow.sha256)
    return pd.DataFrame.from_records(_tuples(connection, query), columns=names)


def _chosen(*names: str) -> dict[str, ColumnElement[Any]]:
    return {name: _COLUMNS[name] for name in names}


def _frame(
    connection: Connection,
    columns: Mapping[str, ColumnElement[Any]],
    filters: Mapping[str, Any],
    join: Any,
    order: tuple[str, ...] = (),
) -> pd.DataFrame:
    import pandas as pd

    query = join(_joined(columns)).where(*_conditions({**_COLUMNS, **columns}, filters))
    query = query.order_by(*(_COLUMNS[name] for name in _ORDER), *(columns[name] for name in order))
    return pd.DataFrame.from_records(_tuples(connection, query), columns=list(columns))


def _tuples(connection: Connection, query: Select[Any]) -> list[tuple[Any, ...]]:
    """Fetch plain tuples: pandas asks each row what it is, and SQLAlchemy's rows answer slowly."""
    return [tuple(row) for row in connection.execute(query).all()]


def _joined(columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(CellRow)
        .join(ScenarioRow, ScenarioRow.number == CellRow.scenario_number)
        .join(MethodRow, MethodRow.number == CellRow.method_number)
        .outerjoin(SuiteCellRow, SuiteCellRow.cell == CellRow.number)
    )


def _conditions(columns: Mapping[str, ColumnElement[Any]], filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name, wanted in filters.items():
        values = [wanted] if isinstance(wanted, str | int) else list(wanted)
        if name == "method":
            conditions.append(or_(*(columns[key].in_(values) for key in ("method", "spec", "label"))))
        elif name in columns and name not in ("value", "n", "matrix", "png"):
            conditions.append(columns[name].in_(values))
        else:
            raise TypeError(f"there is no filter '{name}'")
    return conditions
