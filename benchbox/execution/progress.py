"""Reading how far running cells are, from the small files that they write."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchbox.execution.events import CellProgress
from benchbox.suites import Planned


class ProgressFiles:
    """Progress files under a scratch folder: ``<cell id>/progress.json`` with spent, budget and accuracy.

    A file that is missing, half written or left by an earlier run tells nothing.
    """

    def __init__(self, scratch: Path | None) -> None:
        self._scratch = scratch
        self._seen: dict[str, int] = {}

    def start(self, cell_id: str) -> None:
        """Forget what an earlier run left of this cell's progress; its resume files stay."""
        if self._scratch is not None:
            (self._scratch / cell_id / "progress.json").unlink(missing_ok=True)

    def changed(self, running: Iterable[Planned]) -> Iterator[CellProgress]:
        """Yield the progress of the cells whose file changed since the last call."""
        for planned in running:
            assert planned.cell is not None
            progress = self._read(planned, planned.cell.id)
            if progress is not None:
                yield progress

    def remove(self, cell_id: str) -> None:
        """Remove all that a finished cell left in the scratch folder."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch / cell_id, ignore_errors=True)

    def _read(self, planned: Planned, cell_id: str) -> CellProgress | None:
        if self._scratch is None:
            return None
        path = self._scratch / cell_id / "progress.json"
        try:
            changed = path.stat().st_mtime_ns
            if self._seen.get(cell_id) == changed:
                return None
            data = json.loads(path.read_text(encoding="utf-8"))
            progress = CellProgress(planned, int(data["spent"]), int(data["budget"]), data.get("accuracy"))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._seen[cell_id] = changed
        return progress
