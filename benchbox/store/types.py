"""Column types that keep the file small."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator


def dumps(value: Any) -> str:
    """Return compact JSON with sorted keys: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class PackedJSON(TypeDecorator[Any]):
    """JSON, deflated: for matrices and curves, which nobody reads in the raw table."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Deflate."""
        return None if value is None else zlib.compress(dumps(value).encode(), 9)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Inflate."""
        return None if value is None else json.loads(zlib.decompress(value))


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
