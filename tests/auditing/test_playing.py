"""What the same audit would still play."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from benchbox.auditing.playing import open_cells
from benchbox.records import Status


def test_what_never_ended_or_lost_its_worker_is_open_and_what_failed_is_not() -> None:
    ended: dict[str, Status] = {
        "a": Status.DONE,
        "b": Status.FAILED,
        "c": Status.INTERRUPTED,
        "d": Status.NOT_APPLICABLE,
    }
    cells = [SimpleNamespace(cell=SimpleNamespace(id=cell), reason="") for cell in "abcde"]
    made: Any = SimpleNamespace(cells=[*cells, SimpleNamespace(cell=None, reason="no images")])
    store: Any = SimpleNamespace(statuses=lambda ids: {cell: ended[cell] for cell in ids if cell in ended})
    assert open_cells(made, store) == {"c", "e"}
