"""Whoever follows the matches of the tests, and what two playings of one cell have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from benchbox.execution.executor import Told
from benchbox.records import CellResult
from benchbox.suites import Planned


class Silence:
    """Watches a match and takes note of nothing."""

    due = False

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        pass

    def save(self, state: dict[str, Any]) -> None:
        raise AssertionError("nothing was due")

    def load(self) -> dict[str, Any] | None:
        return None


class AnyCell(Told):
    """What slots tell of cells that no plan holds."""

    def __init__(self) -> None:
        super().__init__(_Anything())

    def texts(self) -> str:
        return "".join(event.text for event in self.events() if hasattr(event, "text"))


class _Anything(Mapping[str, Planned]):
    def __getitem__(self, cell_id: str) -> Planned:
        return None  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def numbers(result: CellResult) -> CellResult:
    """Return a result without what differs from run to run: times, and where it was played."""
    kept = [m for m in result.measurements if "seconds" not in m.metric]
    return replace(result, measurements=kept, timings={}, started="", sealed=None, output="", environment={})
