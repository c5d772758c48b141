"""What the coordinator needs of a store, and keeping its claims alive while cells run."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Collection, Iterable, Mapping
from types import TracebackType
from typing import Any, Protocol

from benchbox.errors import StoreError
from benchbox.records import CellResult, Status
from benchbox.suites import Cell

HEARTBEAT = 5.0
"""Seconds between two heartbeats; claims lapse after a minute without one."""


class Results(Protocol):
    """The store, as the coordinator uses it; see ``benchbox.store``."""

    def statuses(self, ids: Iterable[str]) -> Mapping[str, Status]:
        """Return how cells ended, those that have a result."""

    def finished(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return when results were stored, of those cells that have one."""

    def claim(self, cell_id: str, owner: str, over: Collection[Status]) -> bool:
        """Reserve a cell; False where another owner has it, or it has a result other than ``over``."""

    def heartbeat(self, owner: str) -> None:
        """Keep this owner's claims from lapsing."""

    def release(self, owner: str, ids: Iterable[str] | None = None) -> None:
        """Give claims back."""

    def claimed_by_others(self, ids: Iterable[str], owner: str) -> Collection[str]:
        """Return the cells among ``ids`` that another owner holds a live claim on."""

    def record(
        self,
        cell: Cell,
        result: CellResult,
        target: Any = None,
        package: str = "",
        package_version: str = "",
        *,
        again: bool = False,
    ) -> bool:
        """Keep a result and release the claim."""


class Claims:
    """The claims of one run, kept alive by a thread while the context is open and released when it closes."""

    def __init__(self, store: Results) -> None:
        self._store = store
        self._owner = str(uuid.uuid4())
        self._held: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def take(self, cell_id: str, over: Collection[Status]) -> bool:
        """Claim a cell; False where another run has it, or it has a result other than ``over``."""
        taken = self._store.claim(cell_id, self._owner, over)
        if taken:
            self._held.add(cell_id)
        return taken

    def recorded(self, cell_id: str) -> None:
        """Take note that the store released a cell when it recorded it."""
        self._held.discard(cell_id)

    def others(self, ids: Iterable[str]) -> Collection[str]:
        """Return the cells that another run holds."""
        return self._store.claimed_by_others(ids, self._owner)

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            try:
                self._store.heartbeat(self._owner)
            except StoreError:  # a store that is ill is reported where a result is recorded
                continue

    def __enter__(self) -> Claims:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        if self._held:
            self._store.release(self._owner, sorted(self._held))
