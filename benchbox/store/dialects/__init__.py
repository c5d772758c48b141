"""What SQLite and PostgreSQL do each in its own way; every other statement of the store is said once, for both."""

from __future__ import annotations

from pathlib import Path

from benchbox.store.address import Address
from benchbox.store.dialects.dialect import Dialect


def dialect_of(place: str | Path | Address) -> Dialect:
    """Return what a store's database needs; nothing is opened yet.

    Raises:
        StoreError: ``place`` is no store's, or the driver of its database is not installed.
    """
    address = Address.of(place)
    if address.file is not None:
        from benchbox.store.dialects.sqlite import SQLite

        return SQLite(address.file)
    from benchbox.store.dialects.postgresql import PostgreSQL

    return PostgreSQL(address)


__all__ = ["Dialect", "dialect_of"]
