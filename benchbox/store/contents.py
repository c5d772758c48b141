"""What the values of JSON columns and deflated ones must look like."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, LargeBinary, Table

from benchbox.records import Searches
from benchbox.store.faults import ForeignValueError, place, said, short
from benchbox.store.models import Base
from benchbox.store.types import Hex, PackedJSON, inflate

if TYPE_CHECKING:
    from benchbox.store.dialects import Dialect

_SHARED = ("environments", "scenarios", "attacks")


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and set(map(type, value)) <= {int, float}


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _mapping_of(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and all(map(kind, value.values()))


def _is_cell(value: Any) -> bool:
    return isinstance(value, dict) and type(value.get("scoring_version")) is int


def _is_scenario(value: Any) -> bool:
    lists = isinstance(value, dict) and all(isinstance(value.get(k, []), list) for k in ("budgets", "attacks"))
    return lists and _numbers(value.get("budgets", [])) and all(isinstance(a, dict) for a in value.get("attacks", []))


def _is_searches(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {field.name for field in fields(Searches)} - {"late"}:
        return False
    lists = all(isinstance(each, list) and set(map(type, each)) <= {int, float, type(None)} for each in value.values())
    return lists and len(set(map(len, value.values()))) == 1


_SHAPES: Mapping[tuple[str, str], tuple[Callable[[Any], bool], str]] = {
    ("environments", "data"): (lambda v: isinstance(v, dict), "an object"),
    ("scenarios", "pool"): (lambda v: v is None or isinstance(v, dict), "an object or null"),
    ("scenarios", "identity"): (_is_scenario, "a scenario's identity"),
    ("attacks", "definitions"): (
        lambda v: isinstance(v, list) and all(isinstance(item, str) for item in v),
        "a list of names",
    ),
    ("targets", "recipe"): (lambda v: True, "JSON"),
    ("cells", "identity"): (_is_cell, "a cell's identity"),
    ("cells", "timings"): (_mapping_of(_number), "numbers by name"),
    ("cells", "sources"): (_mapping_of(lambda v: isinstance(v, str)), "texts by name"),
    ("confusions", "matrix"): (
        lambda v: isinstance(v, list) and all(_numbers(row) and len(row) == len(v) for row in v),
        "a square matrix",
    ),
    ("searches", "counts"): (_is_searches, "lists of one length, a number an example"),
    ("diagnostics", "points"): (
        lambda v: isinstance(v, list) and all(_numbers(point) and len(point) == 2 for point in v),
        "a list of points",
    ),
}

SHAPED = tuple(dict.fromkeys(table for table, _ in _SHAPES))
"""The tables that hold such values."""


def check_shared(connection: Connection, dialect: Dialect) -> None:
    """Look at the JSON that many cells share: few rows, which every page reads.

    Raises:
        ForeignValueError: some of it is none, or says something else.
    """
    for name in _SHARED:
        table = Base.metadata.tables[name]
        check_rows(table, connection.exec_driver_sql(dialect.everything(table)))


def check_blob(table: str, column: str, keys: Iterable[tuple[str, Any]], value: bytes) -> None:
    """Look at one deflated value.

    Raises:
        ForeignValueError: it cannot be inflated, or says something else.
    """
    _check_value(table, column, keys, value)


def fits(table: str, column: str, value: Any) -> bool:
    """Whether a value, as it was read, says what its column holds."""
    return _SHAPES[table, column][0](value)


def check_rows(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Look at JSON, at deflated values and, where text comes as bytes, at that.

    Raises:
        ForeignValueError: the first that says something else than its column holds.
    """
    for row in rows:
        _check_row(table, row)


def _check_row(table: Table, values: Sequence[Any]) -> None:
    row = dict(zip((column.name for column in table.columns), values, strict=True))
    keys = [(column.name, _text(row[column.name])) for column in table.primary_key]
    for column, value in row.items():
        if (table.name, column) in _SHAPES:
            _check_value(table.name, column, keys, value)
        elif isinstance(value, bytes) and not isinstance(table.c[column].type, Hex | LargeBinary):
            try:
                value.decode()
            except UnicodeDecodeError:
                raise ForeignValueError(f"{place(table.name, keys)}: {column} is {said(value)}, not text") from None


def _check_value(table: str, column: str, keys: Iterable[tuple[str, Any]], value: Any) -> None:
    said_rightly, belongs = _SHAPES[table, column]
    packed = isinstance(Base.metadata.tables[table].c[column].type, PackedJSON)
    try:
        content = inflate(value) if packed else json.loads(value)
        if said_rightly(content):
            return
        why = f"is not {belongs}"
    except (ValueError, TypeError, RecursionError, zlib.error) as error:
        why = f"is not {belongs} ({short(error)})"
    raise ForeignValueError(f"{place(table, keys)}: {column} {why}")


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
