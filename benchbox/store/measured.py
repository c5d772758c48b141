"""Measurements as a frame: they come by the million, so keys travel as numbers and become names at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Select, select

from benchbox.scoring.metrics import metric
from benchbox.store.faults import ForeignValueError, place
from benchbox.store.filters import OF_MEASUREMENTS, MeasurementFilters, source, values_of
from benchbox.store.models import AttackRow, CellRow, MeasurementRow, MetricRow
from benchbox.store.reading import PLACE, whole_results

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.intp]

_GAME = (
    "status",
    "kind",
    "method",
    "spec",
    "trainer",
    "uses",
    "privileged",
    "sealed",
    "substitute",
    "access",
    "target",
)
_NUMBERS = ("cell", "metric", "attack", "budget", "spent", "value", "n")
_CHUNK = 50_000
_NAMES: dict[str, type[MetricRow] | type[AttackRow]] = {"metric": MetricRow, "attack": AttackRow}


def measurements(connection: Connection, filters: MeasurementFilters) -> pd.DataFrame:
    """Return a row a measurement and place; texts are categories, whose order is that of the text."""
    import pandas as pd

    narrowing = {name: wanted for name, wanted in filters.items() if name not in OF_MEASUREMENTS}
    *about, keys = _places(connection, narrowing)
    numbers = _fetch(connection, _query(filters, narrowing))
    place, row = _joined(np.array(keys, dtype=float), numbers[:, 0])
    of = dict(zip(_NUMBERS, numbers[row].T, strict=True))
    names = {name: _named(connection, table, of[name]) for name, table in _NAMES.items()}
    _check(of, names)
    order = np.lexsort((of["spent"], of["budget"], names["attack"].codes, names["metric"].codes, place))
    at = place[order]
    columns: dict[str, Any] = {
        name: _column(values).take(at) for name, values in zip((*PLACE, *_GAME), about, strict=True)
    }
    columns |= {name: made.take(order) for name, made in names.items()}
    whole = {name: of[name][order].astype(np.int64) for name in ("budget", "spent", "n")}
    columns |= {"budget": whole["budget"], "spent": whole["spent"], "value": of["value"][order], "n": whole["n"]}
    return pd.DataFrame(columns, copy=False)


def _places(connection: Connection, filters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the columns of ``PLACE`` and ``_GAME`` in the order of the frame, and last the key of each cell."""
    found = source(filters)
    query = found.select((*PLACE, *_GAME), {"number": CellRow.number.expression}).where(*found.conditions(filters))
    query = query.where(*whole_results(found, filters))
    rows = connection.execute(query.order_by(*found.order())).all()
    return list(zip(*rows, strict=True)) or [()] * (len(PLACE) + len(_GAME) + 1)


def _joined(keys: Floats, cells: Floats) -> tuple[Whole, Whole]:
    """Return every pair of a place and a measurement of its cell, which may stand in several places: the row of each.

    Args:
        keys: the cell's key, by place.
        cells: the same by measurement.
    """
    order = np.argsort(cells, kind="stable")
    start, end = (np.searchsorted(cells[order], keys, side) for side in ("left", "right"))
    counts = end - start
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(np.arange(len(keys)), counts), order[np.repeat(start, counts) + within]


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


def _fetch(connection: Connection, query: Select[Any]) -> Floats:
    """Return the rows as floats, exact for whole numbers below 2**53; NaN for null."""
    # the driver's tuples: SQLAlchemy makes an object of each row, which takes longer than to read it
    cursor, chunks = connection.execute(query).cursor, []
    while cursor and (rows := cursor.fetchmany(_CHUNK)):
        chunks.append(np.array(rows, dtype=np.float64))
    return np.concatenate(chunks) if chunks else np.empty((0, len(_NUMBERS)))


def _check(of: Mapping[str, Floats], names: Mapping[str, Any]) -> None:
    """Refuse a value that its metric cannot have, and a count that is none: no mean that holds it says anything.

    Raises:
        ForeignValueError: the first that there is.
    """
    units = [metric(name).unit for name in names["metric"].categories]
    codes, value = names["metric"].codes, of["value"]
    least, most = (np.array([getattr(unit, end) for unit in units], float)[codes] for end in ("least", "most"))
    wrong = {"value": np.isinf(value) | (value < least) | (value > most)}
    wrong |= {name: ~((of[name] >= 0) & (of[name] % 1 == 0)) for name in ("budget", "spent", "n")}
    for name, rows in wrong.items():
        if rows.any():
            at = int(np.argmax(rows))
            keys = [
                ("cell", f"{of['cell'][at]:g}"),
                *((key, names[key][at]) for key in _NAMES),
                ("budget", of["budget"][at]),
            ]
            belongs = units[codes[at]].range if name == "value" else "a whole number of at least 0"
            raise ForeignValueError(f"{place('measurements', keys)}: {name} is {of[name][at]:g}, not {belongs}")


def _named(connection: Connection, table: Any, numbers: Floats) -> Any:
    """Return names, as categories, for the keys of metrics or attacks."""
    found = {int(number): str(name) for number, name in connection.execute(select(table.number, table.name))}
    used, codes = np.unique(numbers, return_inverse=True)
    return _column([found[int(number)] for number in used]).take(codes)


def _column(values: Sequence[Any]) -> Any:
    """Return texts as categories in the order of the text, other values as an array."""
    import pandas as pd

    if values and not isinstance(values[0], str):
        return np.array(values)
    names = sorted(set(values))
    code = {name: i for i, name in enumerate(names)}
    return pd.Categorical.from_codes([code[value] for value in values], categories=pd.Index(names))
