"""What the values of JSON columns and deflated ones must look like, and the search of a whole store for one that does not."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.exc import DBAPIError

from benchbox.records import Searches
from benchbox.store.faults import ForeignValueError, check_references, check_table, place, said, short
from benchbox.store.models import Base
from benchbox.store.types import Hex, inflate

_SCHEMA = "malformed database schema"  # what SQLite says of any table, where it cannot read what tables there are
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


def check_shared(connection: Connection) -> None:
    """Look at the JSON that many cells share: few rows, which every page reads.

    Raises:
        ForeignValueError: some of it is none, or says something else.
    """
    for name in _SHARED:
        table = Base.metadata.tables[name]
        for row in connection.exec_driver_sql(_everything(table)):
            _check_row(table, row)


def whole(connection: Connection, path: Path) -> None:
    """Look through everything, until a fault is found; takes about as long as copying the store.

    Raises:
        ForeignValueError: the first fault; its message names table and row.
    """
    for name, table in Base.metadata.tables.items():
        try:
            check_table(connection, table)
            check_references(connection, name)
        except DBAPIError as error:
            if getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) == sqlite3.SQLITE_ERROR:
                continue  # text that is none, which is found below, or a table of another schema
            where = "table 'sqlite_master'" if _SCHEMA in str(error.orig) else f"table '{name}'{_last_row(path, table)}"
            raise ForeignValueError(f"{where} cannot be read: {short(error.orig)}") from None
    for name in dict.fromkeys(table for table, _ in _SHAPES):
        _check_contents(path, Base.metadata.tables[name])
    verdict = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if verdict != "ok":
        raise ForeignValueError(f"its pages contradict each other ({said(verdict)})")


def check_blob(table: str, column: str, keys: Iterable[tuple[str, Any]], value: bytes) -> None:
    """Look at one deflated value.

    Raises:
        ForeignValueError: it cannot be inflated, or says something else.
    """
    _check_value(table, column, keys, value)


def fits(table: str, column: str, value: Any) -> bool:
    """Whether a value, as it was read, says what its column holds."""
    return _SHAPES[table, column][0](value)


def _check_contents(path: Path, table: Table) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes  # so that text which is none can be told from the rest
        for row in connection.execute(_everything(table)):
            _check_row(table, row)


def _everything(table: Table) -> str:
    listed = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'SELECT {listed} FROM "{table.name}"'


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
    packed = table in ("confusions", "diagnostics")
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


def _last_row(path: Path, table: Table) -> str:
    """Return the last row that can be read of a damaged table, in words."""
    keys, last = [column.name for column in table.primary_key], None
    listed = ", ".join(f'"{key}"' for key in keys)
    try:
        with closing(sqlite3.connect(path)) as connection:
            for row in connection.execute(f'SELECT {listed}, * FROM "{table.name}"'):
                last = row[: len(keys)]
    except sqlite3.Error:
        pass
    if last is None:
        return ", from its first row on,"
    return f", after row {', '.join(f'{key} {said(value)}' for key, value in zip(keys, last, strict=True))},"
