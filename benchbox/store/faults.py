"""Values that no benchbox wrote: found by SQL where a column's type or its few words say it, and named by table and row.

The tables that a reader cannot do without are looked through when a store is opened; all of it, when reading it failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Connection, Float, Table

from benchbox.records import Sealed, Status, printable
from benchbox.store.models import Base

if TYPE_CHECKING:
    from benchbox.store.dialects import Dialect

SHOWN = 80
"""How much of a foreign value an error repeats."""
LARGEST = 1e308
"""Beyond it are, in either database, what is infinite and what is no number."""
_COUNT = "{0} < 0", "at least 0"
_CHOICES = {("cells", "status"): Status, ("cells", "sealed"): Sealed}
_BOUNDS = {
    ("targets", "accuracy"): ("{0} NOT BETWEEN 0 AND 1", "between 0 and 1"),
    ("targets", "n_test"): _COUNT,
    ("measurements", "budget"): _COUNT,
    ("measurements", "spent"): _COUNT,
    ("measurements", "n"): _COUNT,
    ("ledger", "queries"): _COUNT,
    ("ledger", "clipped"): _COUNT,
}
_SMALL = ("environments", "targets", "scenarios", "methods", "metrics", "attacks", "cells", "suite_cells")
"""The tables that are looked through at every open: a row a cell at most."""


class ForeignValueError(ValueError):
    """A value that no benchbox wrote; the message names table and row. The store's sentence gives the file."""


def check_small(connection: Connection, dialect: Dialect) -> None:
    """Look through the tables that every reader needs.

    Raises:
        ForeignValueError: a value of a wrong type, an unknown word, or a row that refers to none.
    """
    for name in _SMALL:
        check_table(connection, Base.metadata.tables[name], dialect)
    for name in ("cells", "suite_cells"):  # what refers to no row would silently stand in no table
        check_references(connection, name, dialect)


def check_table(connection: Connection, table: Table, dialect: Dialect) -> None:
    """Look for a value of a wrong type, or beyond what its column can hold.

    Raises:
        ForeignValueError: the first that there is.
    """
    rules = [(column.name, *rule) for column in table.columns for rule in _rules(column, dialect)]
    if not rules:
        return
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    which = " ".join(f"WHEN {condition} THEN {i}" for i, (_, condition, _) in enumerate(rules))
    wrong = " OR ".join(f"({condition})" for _, condition, _ in rules)
    query = f'SELECT CASE {which} END, {listed} FROM "{table.name}" WHERE {wrong} LIMIT 1'
    found = connection.exec_driver_sql(query).first()
    if found is not None:
        column, _, belongs = rules[found[0]]
        row = dict(zip(names, found[1:], strict=True))
        keys = [(key.name, row[key.name]) for key in table.primary_key]
        raise ForeignValueError(f"{place(table.name, keys)}: {column} is {said(row[column])}, not {belongs}")


def check_references(connection: Connection, table: str, dialect: Dialect) -> None:
    """Look for a row that refers to none.

    Raises:
        ForeignValueError: the first that does.
    """
    found = dialect.dangling(connection, table)
    if found is not None:
        row = "" if found[0] is None else f", row {found[0]}"
        raise ForeignValueError(f"table '{table}'{row} refers to a row of '{found[1]}' that is not there")


def place(table: str, keys: Iterable[tuple[str, Any]]) -> str:
    """Return where a value stands, in words."""
    return f"table '{table}', row {', '.join(f'{key} {said(value)}' for key, value in keys)}"


def said(value: Any) -> str:
    """Return a value as an error repeats it: short, and without what could steer a terminal."""
    if value is None:
        return "empty"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if not isinstance(value, str):
        return str(value)
    return f"'{short(value)}'"


def short(value: object) -> str:
    """Return a text in one line of at most ``SHOWN`` characters."""
    text = " ".join(printable(str(value)).split())
    return f"{text[:SHOWN]}..." if len(text) > SHOWN else text


def _rules(column: Column[Any], dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Yield what is wrong in a column, as SQL, and what belongs there, in words."""
    name, key = f'"{column.name}"', (column.table.name, column.name)
    yield from dialect.type_rules(column)
    if key in _CHOICES:
        words = [str(word) for word in _CHOICES[key]]
        yield f"{name} NOT IN ({', '.join(map(repr, words))})", f"one of {', '.join(words)}"
    if key in _BOUNDS:
        condition, words_of = _BOUNDS[key]
        yield condition.format(name), words_of
    if isinstance(column.type, Float):
        yield f"abs({name}) > {LARGEST}", "a finite number"
