"""From tables to pandas frames. The columns are listed in the package's docstring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, join, select

from benchbox.records import Status
from benchbox.store.contents import fits
from benchbox.store.filters import (
    OF_MEASUREMENTS,
    ConfusionFilters,
    DiagnosticFilters,
    Filters,
    Source,
    source,
    values_of,
)
from benchbox.store.games import games
from benchbox.store.models import (
    AttackRow,
    CellRow,
    ConfusionRow,
    DiagnosticRow,
    MeasurementRow,
    MetricRow,
    PictureRow,
    TargetRow,
)
from benchbox.store.scoring import SUPERSEDED

if TYPE_CHECKING:
    import pandas as pd

PLACE = ("cell", "suite", "scenario", "dataset", "label", "position", "seed")
_VALUES: dict[str, Any] = {"metric": MetricRow.name, "attack": AttackRow.name, "budget": MeasurementRow.budget}


def cells(connection: Connection, filters: Filters) -> pd.DataFrame:
    """Return a row a place in a suite."""
    found = source(filters)
    query = found.select(found.columns).where(*found.conditions(filters)).order_by(*found.order())
    rows = frame(connection, query)
    rows["game"] = rows["rules"].map(games(connection, rows["rules"].unique()))
    return rows


def known(connection: Connection, name: str) -> list[Any]:
    """Return the values that a filter can have, sorted; those of a cell without suite are left out."""
    if name in OF_MEASUREMENTS:
        return sorted(connection.execute(select(_VALUES[name]).distinct()).scalars())
    columns = ("method", "spec", "label") if name == "method" else (name,)
    rows = connection.execute(source({}).select(columns).distinct())
    values = {value for row in rows for value in row if value != ""}
    if name == "trainer":
        values |= {value.partition("[")[0] for value in values}
    return sorted({word for value in values for word in value.split(",")} if name == "uses" else values)


def confusions(connection: Connection, filters: ConfusionFilters) -> pd.DataFrame:
    """Return a row a confusion matrix and place."""
    columns: dict[str, ColumnElement[Any]] = {
        "attack": AttackRow.name.expression,
        "budget": ConfusionRow.budget.expression,
        "matrix": ConfusionRow.matrix.expression,
    }
    table = join(ConfusionRow, AttackRow, AttackRow.number == ConfusionRow.attack)
    found = _parts(connection, filters, columns, table, ConfusionRow.cell, ("attack", "budget"))
    return _checked(found, "confusions", "matrix")


def diagnostics(connection: Connection, filters: DiagnosticFilters) -> pd.DataFrame:
    """Return a row a cell's notes of one name, and place."""
    columns: dict[str, ColumnElement[Any]] = {
        "name": DiagnosticRow.name.expression,
        "points": DiagnosticRow.points.expression,
    }
    found = _parts(connection, filters, columns, DiagnosticRow.__table__, DiagnosticRow.cell, ("name",))
    return _checked(found, "diagnostics", "points")


def pictures(connection: Connection, filters: Filters) -> pd.DataFrame:
    """Return a row a picture and place."""
    columns: dict[str, ColumnElement[Any]] = {"name": PictureRow.name.expression, "png": PictureRow.png.expression}
    return _parts(connection, filters, columns, PictureRow.__table__, PictureRow.cell, ("name",))


def targets(connection: Connection) -> pd.DataFrame:
    """Return a row a target that some stored cell attacked."""
    return frame(connection, select(*TargetRow.__table__.columns).order_by(TargetRow.name, TargetRow.sha256))


def whole_results(found: Source, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return what keeps partial results out of a frame, and superseded ones.

    What a cell measured before it failed or was stopped says nothing of its method: it is shown with the cell itself, or to
    a filter on ``status``, and stands in no frame with whole results.
    """
    if "status" in filters:
        return []
    whole = [Status.DONE.value, *([SUPERSEDED] if "cell" in filters else [])]
    return [found.columns["status"].in_(whole)]


def frame(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """Return the rows of a query."""
    import pandas as pd

    result = connection.execute(query)
    # Plain tuples: pandas asks each row what it is, and SQLAlchemy's rows answer slowly.
    return pd.DataFrame.from_records([tuple(row) for row in result], columns=list(result.keys()))


def _checked(found: pd.DataFrame, table: str, column: str) -> pd.DataFrame:
    """Return a frame whose deflated values are what its column holds.

    Raises:
        TypeError: one is not; the store is then looked through, and says which.
    """
    if not all(fits(table, column, value) for value in found[column]):
        raise TypeError(f"a value of {table}.{column} that is none")
    return found


def _parts(
    connection: Connection,
    filters: Mapping[str, Any],
    columns: Mapping[str, ColumnElement[Any]],
    table: FromClause,
    cell: Any,
    order: tuple[str, ...],
) -> pd.DataFrame:
    found = source(filters)
    query = found.select((*PLACE, "kind", "method"), columns).join(table, cell == CellRow.number)
    query = query.where(*whole_results(found, filters))
    own = [columns[name].in_(values_of(wanted)) for name, wanted in filters.items() if name in order]
    others = {name: wanted for name, wanted in filters.items() if name not in order}
    query = query.where(*own, *found.conditions(others))
    return frame(connection, query.order_by(*found.order(), *(columns[name] for name in order)))
