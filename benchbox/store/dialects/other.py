"""Another store's tables as a merge sees them: those of the schema ``other``, attached, or copied there row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, MetaData, Table, insert, select, type_coerce
from sqlalchemy.types import TypeDecorator

from benchbox.store.dialects.dialect import Dialect
from benchbox.store.models import Base, ClaimRow
from benchbox.store.sentences import sentences

_ROWS = 2000
"""How many rows are in memory at a time."""


def _plain(kind: Any) -> Any:
    """Return the type of a column whose values are moved as they are, deflated ones without inflating them."""
    return LargeBinary() if isinstance(kind, TypeDecorator) else kind


def _table(table: Table) -> Table:
    columns = [
        Column(c.name, _plain(c.type), primary_key=c.primary_key, nullable=c.nullable, autoincrement=False)
        for c in table.columns
    ]
    return Table(table.name, MetaData(), *columns, schema="other", postgresql_on_commit="DROP")


OTHER = {name: _table(table) for name, table in Base.metadata.tables.items() if table is not ClaimRow.__table__}
"""The tables by name: all but the claims, which are of runs that go on elsewhere."""


def copy_tables(other: Dialect, into: Connection, schema: str | None) -> None:
    """Make the tables, and fill them with one moment of another store.

    Args:
        other: the store.
        into: where the tables are made.
        schema: what the schema ``other`` is called there.

    Raises:
        StoreError: the other store cannot be read.
    """
    into = into.execution_options(schema_translate_map={"other": schema})
    for table in OTHER.values():
        table.create(into)
    for table, rows in _rows(other):
        into.execute(insert(table), rows)


def _rows(other: Dialect) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    """Yield every table's rows, some at a time. What goes wrong where they are put is no fault of the other store's."""
    with sentences(other), other.reader.connect() as source:
        for name, table in OTHER.items():
            columns = Base.metadata.tables[name].columns
            query = select(*(type_coerce(column, table.c[column.name].type).label(column.name) for column in columns))
            found = source.execute(query, execution_options={"yield_per": _ROWS})
            for rows in found.mappings().partitions():
                yield table, [dict(row) for row in rows]
