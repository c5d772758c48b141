"""The query ledger: per phase a count and a running digest, cut at the budget points."""

from __future__ import annotations

import hashlib
from typing import Any

from torch import Tensor

from benchbox.records import LedgerRow


class Ledger:
    """Counts what was asked, by phase, and digests images and answers.

    The digest of a phase chains: each paid request hashes the digest before it with its images and answers, so that two
    runs with equal digests asked the same images in the same order and read the same answers.
    """

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._clipped: dict[str, int] = {}
        self._digests: dict[str, str] = {}

    def enter(self, phase: str, images: Tensor, answers: Tensor, clipped: int) -> None:
        """Add one answered request."""
        self._counts[phase] = self._counts.get(phase, 0) + len(images)
        self._clipped[phase] = self._clipped.get(phase, 0) + clipped
        chain = hashlib.sha256(self._digests.get(phase, "").encode())
        for tensor in (images, answers):
            chain.update(tensor.detach().cpu().contiguous().numpy().data)
        self._digests[phase] = chain.hexdigest()

    def rows(self, budget: int) -> list[LedgerRow]:
        """Return the state of every phase as rows at ``budget``."""
        return [
            LedgerRow(budget, phase, count, self._clipped[phase], self._digests[phase])
            for phase, count in self._counts.items()
        ]

    def state_dict(self) -> dict[str, Any]:
        """Return the ledger as plain data."""
        return {"counts": dict(self._counts), "clipped": dict(self._clipped), "digests": dict(self._digests)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up what ``state_dict`` returned."""
        self._counts, self._clipped, self._digests = (
            dict(state["counts"]),
            dict(state["clipped"]),
            dict(state["digests"]),
        )
