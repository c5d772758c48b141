"""What a database's errors, and foreign values, mean to a person."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from benchbox.errors import StoreError
from benchbox.store.faults import ForeignValueError

if TYPE_CHECKING:
    from benchbox.store.dialects import Dialect

_FROM_VALUES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError, zlib.error)
"""What reading a value that no benchbox wrote may raise. A bug of ours may, too: the store is looked through to tell."""


@contextmanager
def sentences(dialect: Dialect) -> Iterator[None]:
    """Turn a database's errors, and those that foreign values cause, into one sentence each.

    Raises:
        StoreError: always in place of the driver's error; in place of another where the store holds a value that no benchbox
            wrote.

    """
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_sentence(dialect, error.orig or error)) from error
    except dialect.errors as error:
        raise StoreError(_sentence(dialect, error)) from error
    except ForeignValueError as error:
        raise StoreError(_foreign(dialect, error)) from error
    except _FROM_VALUES as error:
        fault = look_through(dialect)
        if fault is None:
            raise
        raise StoreError(_foreign(dialect, fault)) from error


def look_through(dialect: Dialect) -> ForeignValueError | None:
    """Return the first value in a store that no benchbox wrote, or the first damage; None where all is well."""
    try:
        with dialect.reader.connect() as connection:
            dialect.look_through(connection)
    except ForeignValueError as fault:
        return fault
    except (DBAPIError, dialect.errors):
        return None  # the store cannot be opened, which the first error says better
    return None


def _sentence(dialect: Dialect, error: BaseException) -> str:
    said = dialect.sentence(error)
    if said:
        return said
    fault = look_through(dialect)
    return _foreign(dialect, fault) if fault else dialect.otherwise(error)


def _foreign(dialect: Dialect, fault: ForeignValueError) -> str:
    return f"'{dialect.address}' is damaged, or another program wrote to it: {fault}; restore it from a copy"
