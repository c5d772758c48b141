"""States to resume from, as bytes: packed by the referee, kept by the coordinator, which does not read them."""

from __future__ import annotations

import hashlib
import io
import time
from typing import Any

from benchbox.isolation.channel import Garbled, read_file, write_file

EVERY = 15.0
"""Least seconds between two states; where one takes long to keep, twenty times as long as it took."""

_DIGEST = 32  # bytes: damage to a tensor would go unnoticed otherwise, and change the result


class Due:
    """When the next state is to be kept."""

    def __init__(self) -> None:
        self._last, self._pause = time.monotonic(), EVERY

    @property
    def now(self) -> bool:
        """Whether it is time."""
        return time.monotonic() - self._last >= self._pause

    def took(self, seconds: float) -> None:
        """Take note that a state was kept, and how long that took."""
        self._last, self._pause = time.monotonic(), max(EVERY, 20 * seconds)


def packed(state: dict[str, Any]) -> bytes:
    """Return a state (plain data with tensors) as bytes."""
    file = io.BytesIO()
    write_file(file, "state", state)
    return hashlib.sha256(file.getvalue()).digest() + file.getvalue()


def unpacked(kept: bytes | None) -> dict[str, Any] | None:
    """Return what was packed. A damaged state is none: it costs the time that it would have saved, nothing else."""
    if kept is None or hashlib.sha256(kept[_DIGEST:]).digest() != kept[:_DIGEST]:
        return None
    try:
        _, state = read_file(io.BytesIO(kept[_DIGEST:]))
    except Garbled:
        return None
    return state if isinstance(state, dict) else None
