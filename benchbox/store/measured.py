"""Measurements as a frame: they come by the million, so keys travel as numbers and become names at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Select, select

from benchbox.store.filters import OF_MEASUREMENTS, MeasurementFilters, source, values_of
from benchbox.store.models import AttackRow, CellRow, MeasurementRow, MetricRow
from benchbox.store.reading import PLACE, frame, without_superseded
from benchbox.store.scoring import SUPERSEDED

if TYPE_CHECKING:
    import pandas as pd

_GAME = ("status", "kind", "method", "spec", "privileged", "substitute", "access", "target")
_NUMBERS = ("cell", "metric", "attack", "budget", "spent", "value", "n")
_CHUNK = 50_000
_NAMES: dict[str, type[MetricRow] | type[AttackRow]] = {"metric": MetricRow, "attack": AttackRow}


def measurements(connection: Connection, filters: MeasurementFilters) -> pd.DataFrame:
    """Return a row a measurement and place; texts are categories, whose order is that of the text."""
    import pandas as pd

    narrowing = {name: wanted for name, wanted in filters.items() if name not in OF_MEASUREMENTS}
    places = _places(connection, narrowing)
    numbers = pd.DataFrame(_fetch(connection, _query(filters, narrowing)), columns=list(_NUMBERS))
    keys = places.pop("number").astype("float64")  # as they were fetched; an empty frame has no type of its own
    rows = pd.DataFrame({"cell": keys, "place": np.arange(len(places))}).merge(numbers, on="cell")
    names = {name: _categories(connection, table, rows[name]) for name, table in _NAMES.items()}
    order = np.lexsort((rows["spent"], rows["budget"], names["attack"].codes, names["metric"].codes, rows["place"]))
    rows = rows.take(order)
    at = rows["place"].to_numpy()
    columns: dict[str, Any] = {str(name): _text(places[name]).take(at) for name in places}
    columns |= {name: made.take(order) for name, made in names.items()}
    whole = {name: rows[name].to_numpy().astype(np.int64) for name in ("budget", "spent", "n")}
    columns |= {"budget": whole["budget"], "spent": whole["spent"], "value": rows["value"].to_numpy(), "n": whole["n"]}
    return pd.DataFrame(columns, copy=False)


def _places(connection: Connection, filters: Mapping[str, Any]) -> pd.DataFrame:
    """Return the cells in their places, in the order of the frame, with the key of each."""
    found = source(filters)
    query = found.select((*PLACE, *_GAME), {"number": CellRow.number.expression}).where(*found.conditions(filters))
    if without_superseded(filters):
        query = query.where(found.columns["status"] != SUPERSEDED)
    return frame(connection, query.order_by(*found.order()))


def _query(filters: Mapping[str, Any], narrowing: Mapping[str, Any]) -> Select[Any]:
    query = select(*(getattr(MeasurementRow, name).expression for name in _NUMBERS))
    for name, table in _NAMES.items():
        if name in filters:
            wanted = select(table.number).where(table.name.in_(values_of(filters[name])))
            query = query.where(getattr(MeasurementRow, name).in_(wanted))
    if "budget" in filters:
        query = query.where(MeasurementRow.budget.in_(values_of(filters["budget"])))
    if narrowing:
        found = source(narrowing)
        numbers = found.select((), {"number": CellRow.number.expression}).where(*found.conditions(narrowing))
        query = query.where(MeasurementRow.cell.in_(numbers))
    return query


def _fetch(connection: Connection, query: Select[Any]) -> npt.NDArray[np.float64]:
    """Return the rows as floats, exact for whole numbers below 2**53; NaN for null."""
    # the driver's tuples: SQLAlchemy makes an object of each row, which takes longer than to read it
    cursor, chunks = connection.execute(query).cursor, []
    while cursor and (rows := cursor.fetchmany(_CHUNK)):
        chunks.append(np.array(rows, dtype=np.float64))
    return np.concatenate(chunks) if chunks else np.empty((0, len(_NUMBERS)))


def _categories(connection: Connection, table: Any, numbers: pd.Series[Any]) -> pd.Categorical[Any]:
    """Return names for the keys of metrics or attacks."""
    import pandas as pd

    found = {int(number): str(name) for number, name in connection.execute(select(table.number, table.name))}
    used = np.unique(numbers.to_numpy()).astype(int)
    names = sorted(found[number] for number in used)
    code = {number: names.index(found[number]) for number in used.tolist()}
    codes = np.array([code[number] for number in used.tolist()], dtype=np.intp)[np.searchsorted(used, numbers)]
    return pd.Categorical.from_codes(codes, categories=pd.Index(names))


def _text(values: pd.Series[Any]) -> Any:
    import pandas as pd

    return pd.Categorical(values) if values.dtype in ("str", "object") else values.to_numpy()
