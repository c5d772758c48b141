"""Whether a file's tables are those of a store: asked before anything is selected from them."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection

from benchbox.errors import StoreError
from benchbox.store.faults import said
from benchbox.store.models import Base

APPLICATION_ID = 0x62626F78  # 'bbox', in the file's header: tells a store from any other SQLite file
VERSIONS = "alembic_version"
_OURS = {VERSIONS, *Base.metadata.tables}
_ADVICE = "restore the store from a copy"


def is_store(connection: Connection) -> bool:
    """Whether the file's header says that it is a store."""
    return connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID


def check_tables(connection: Connection, path: Path) -> None:
    """Refuse a file in which something else stands where a table belongs.

    A view of ours may be a query that never ends, and a trigger may run one at every write; a store has neither.

    Raises:
        StoreError: it has.
    """
    listed = "SELECT name, type, lower(tbl_name), rootpage FROM sqlite_master WHERE type <> 'index'"
    for name, kind, table, page in connection.exec_driver_sql(listed):
        virtual = kind == "table" and not page
        if table in _OURS and (kind != "table" or virtual):
            found = "virtual table" if virtual else kind
            raise StoreError(f"'{path}' holds a {found} {said(name)}, which no benchbox makes: {_ADVICE}")


def check_columns(connection: Connection, path: Path) -> None:
    """Refuse a file in which a table or a column is missing, or computed where it should be stored.

    Raises:
        StoreError: one is.
    """
    for name, table in Base.metadata.tables.items():
        rows = connection.exec_driver_sql(f'PRAGMA table_xinfo("{name}")').all()
        if not rows:
            raise StoreError(f"'{path}' has no table '{name}': {_ADVICE}")
        stored = {row[1] for row in rows if not row[6]}
        missing = [column.name for column in table.columns if column.name not in stored]
        if missing:
            raise StoreError(f"'{path}': table '{name}' has no column '{missing[0]}': {_ADVICE}")


def version(connection: Connection, path: Path) -> str:
    """Return the revision that a store says it is at.

    Raises:
        StoreError: it says none, several, or one that is not written as ours are.
    """
    if not connection.exec_driver_sql(f"PRAGMA table_info({VERSIONS})").all():
        raise StoreError(f"'{path}' has no table '{VERSIONS}', which says its schema: {_ADVICE}")
    rows = connection.exec_driver_sql(f"SELECT version_num FROM {VERSIONS}").scalars().all()
    if len(rows) != 1:
        found = f"has {len(rows)} rows" if rows else "is empty"
        raise StoreError(f"'{path}': table '{VERSIONS}', which says its schema, {found}: {_ADVICE}")
    if not isinstance(rows[0], str) or not re.fullmatch("[0-9]{4}", rows[0]):
        raise StoreError(
            f"'{path}': table '{VERSIONS}' says the schema {said(rows[0])}, which no benchbox has: {_ADVICE}"
        )
    return rows[0]
