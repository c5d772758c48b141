"""Whether a database's tables are those of a store: asked before anything is selected from them."""

from __future__ import annotations

import re

from sqlalchemy import Connection, inspect

from benchbox.errors import StoreError
from benchbox.store.dialects import Dialect
from benchbox.store.faults import said
from benchbox.store.models import VERSIONS, Base

_ADVICE = "restore the store from a copy"


def check_tables(connection: Connection, dialect: Dialect) -> None:
    """Refuse a store in which something else stands where a table belongs.

    A view of ours may be a query that never ends, and a trigger may run one at every write; a store has neither.

    Raises:
        StoreError: it has.
    """
    found = dialect.intruder(connection)
    if found is not None:
        kind, name = found
        raise StoreError(f"'{dialect.address}' holds a {kind} {said(name)}, which no benchbox makes: {_ADVICE}")


def check_columns(connection: Connection, dialect: Dialect) -> None:
    """Refuse a store in which a table or a column is missing, or computed where it should be stored.

    Raises:
        StoreError: one is.
    """
    stored = dialect.columns(connection)
    for name, table in Base.metadata.tables.items():
        if name not in stored:
            raise StoreError(f"'{dialect.address}' has no table '{name}': {_ADVICE}")
        missing = [column.name for column in table.columns if column.name not in stored[name]]
        if missing:
            raise StoreError(f"'{dialect.address}': table '{name}' has no column '{missing[0]}': {_ADVICE}")


def version(connection: Connection, dialect: Dialect) -> str:
    """Return the revision of the schema.

    Raises:
        StoreError: it says none, several, or one that is not written as ours are.
    """
    if not inspect(connection).has_table(VERSIONS):
        raise StoreError(f"'{dialect.address}' has no table '{VERSIONS}', which says its schema: {_ADVICE}")
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars().all()
    if len(rows) != 1:
        found = f"has {len(rows)} rows" if rows else "is empty"
        raise StoreError(f"'{dialect.address}': table '{VERSIONS}', which says its schema, {found}: {_ADVICE}")
    if not isinstance(rows[0], str) or not re.fullmatch("[0-9]{4}", rows[0]):
        raise StoreError(
            f"'{dialect.address}': table '{VERSIONS}' says the schema {said(rows[0])}, which no benchbox has: {_ADVICE}"
        )
    return rows[0]
