"""States that killed cells go on from: kept by the coordinator, where no player sees them."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from benchbox.paths import write_whole


class States(Protocol):
    """Keeps what cells could go on from."""

    def load(self, cell_id: str) -> bytes | None:
        """Return what was kept of a cell, or None."""

    def save(self, cell_id: str, state: bytes) -> None:
        """Keep a state, in place of an earlier one."""


class ResumeFiles:
    """One file a cell, written whole or not at all.

    Args:
        folder: where they lie; None keeps none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, cell_id: str) -> bytes | None:
        """Return what was kept of a cell, or None. What is in it is read by its referee alone."""
        if self._folder is None:
            return None
        try:
            return self._path(cell_id).read_bytes()
        except OSError:
            return None

    def save(self, cell_id: str, state: bytes) -> None:
        """Keep a state, in place of an earlier one. A full disk costs the state, not the cell."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(cell_id), state)

    def remove(self, cell_id: str) -> None:
        """Forget a cell that has its result, and the folder where it was the last."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._path(cell_id).unlink()
        with suppress(OSError):
            self._folder.rmdir()

    def _path(self, cell_id: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{cell_id}.resume"
