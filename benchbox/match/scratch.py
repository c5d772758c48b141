"""A cell's scratch folder: how far it is, for whoever watches, and where to go on after a kill."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import torch

PROGRESS = "progress.json"
_RESUME = "resume.pt"
_PROGRESS_EVERY = 0.5
_RESUME_EVERY = 15.0


class Scratch:
    """Progress and resume files of one cell; does nothing where there is no folder.

    Args:
        folder: the scratch folder of all cells, or None.
        cell_id: the cell.
    """

    def __init__(self, folder: Path | None, cell_id: str) -> None:
        self._folder = None if folder is None else folder / cell_id
        self._told = self._saved = 0.0
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._saved = time.monotonic()

    def tell(self, *, spent: int, budget: int, accuracy: float | None) -> None:
        """Write how far the cell is, at most twice a second."""
        if self._folder is None or time.monotonic() - self._told < _PROGRESS_EVERY:
            return
        self._told = time.monotonic()
        text = json.dumps({"spent": spent, "budget": budget, "accuracy": accuracy, "updated": time.time()})
        self._replace(PROGRESS, lambda path: path.write_text(text, encoding="utf-8"))

    @property
    def due(self) -> bool:
        """Whether it is time to save a state to resume from."""
        return self._folder is not None and time.monotonic() - self._saved >= _RESUME_EVERY

    def save(self, state: dict[str, Any]) -> None:
        """Save a state, whole or not at all."""
        self._replace(_RESUME, lambda path: torch.save(state, path))
        self._saved = time.monotonic()

    def load(self) -> dict[str, Any] | None:
        """Return the saved state, or None where there is none that can be read."""
        if self._folder is None or not (self._folder / _RESUME).is_file():
            return None
        try:
            state: dict[str, Any] = torch.load(self._folder / _RESUME, weights_only=True)
        except Exception:  # a damaged file costs the time it would have saved, nothing else
            return None
        return state

    def _replace(self, name: str, write: Any) -> None:
        assert self._folder is not None
        fresh = self._folder / f".{name}.{os.getpid()}"
        write(fresh)
        fresh.replace(self._folder / name)
