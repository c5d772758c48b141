"""Column types that keep a store small, and mean the same in either database."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator

MOST_BYTES = 64 << 20
"""The longest JSON that is deflated into one value: a confusion matrix of 2,000 classes takes half of it."""

Text = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its code points, which is SQLite's; PostgreSQL would sort it by its server's language."""

Whole = Integer().with_variant(BigInteger(), "postgresql")
"""A whole number of 64 bits, as every one of SQLite's is."""


def dumps(value: Any) -> str:
    """Return compact JSON with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def inflate(packed: bytes) -> Any:
    """Return deflated JSON; a few bytes that would unpack to gigabytes are refused before memory is taken.

    Raises:
        ValueError: it is cut off, too long, or not JSON.
        zlib.error: it is not deflated.
    """
    stream = zlib.decompressobj()
    text = stream.decompress(packed, MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError(f"it unpacks to more than {MOST_BYTES >> 20} MiB")
    if not stream.eof:
        raise ValueError("it is cut off")
    return json.loads(text.decode())  # bytes would be searched for their encoding first


class PackedJSON(TypeDecorator[Any]):
    """JSON, deflated: for matrices and curves, which nobody reads in the raw table."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Deflate."""
        if value is None:
            return None
        text = dumps(value).encode()
        if len(text) > MOST_BYTES:  # nobody could read it again
            raise ValueError(f"a matrix or curve of over {MOST_BYTES >> 20} MiB as text cannot be stored")
        return zlib.compress(text, 9)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Inflate."""
        return None if value is None else inflate(value)


class Hex(TypeDecorator[str]):
    """A digest: hex digits outside, half as many bytes in the file."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Pack the digits."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Return the digits."""
        return None if value is None else bytes(value).hex()
