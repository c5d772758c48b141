"""The meter of a query attack: it counts example by example."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from benchbox.errors import BudgetExceeded, PluginError
from benchbox.target.meter import MeteredOracle


class Answered(NamedTuple):
    """What came of one request.

    Attributes:
        kept: bool (n,): which images were answered, on the CPU.
        paid: bool (n,): which were paid for, those that a defence blocked included.
        places: of those, which query of its example each was, from 1, int64 (m,), on the CPU.
        answers: the answers to them.
        labels: the target's own class of each of them, int64 (m,), whatever the answer says.
    """

    kept: Tensor
    paid: Tensor
    places: Tensor
    answers: Tensor
    labels: Tensor


class ExampleMeter:
    """Stands in front of a metered oracle. A row over its budget is refused, the others of the batch are answered.

    Args:
        oracle: answers, counts in all, and keeps the ledger.
        examples: how many there are.
        budget: queries that may be spent on each.

    Attributes:
        counts: queries spent on each, int64 (examples,), on the CPU.
    """

    def __init__(self, oracle: MeteredOracle, examples: int, budget: int) -> None:
        self.oracle, self._budget = oracle, budget
        self.counts = torch.zeros(examples, dtype=torch.int64)

    def ask(self, rows: Tensor, images: Tensor, phase: str) -> Answered:
        """Answer what the rows can pay for, reserved before it is answered.

        Args:
            rows: int64 (n,), the example that each image is asked for.
            images: (n, *shape).
            phase: names the queries in the ledger.

        Raises:
            BudgetExceeded: no row can pay for anything, or a block ended the game before.
            PluginError: rows or images have the wrong form.
        """
        rows = self._checked(rows, images)
        places = self.counts[rows] + _occurrences(rows)
        paid = places < self._budget
        if len(rows) and not bool(paid.any()):
            self.oracle.refused = BudgetExceeded(len(rows), 0)
            raise BudgetExceeded(len(rows), 0)
        self._charge(rows[paid], 1)
        try:
            served = self.oracle.serve(images if bool(paid.all()) else images[paid.to(images.device)], phase=phase)
        except BudgetExceeded:  # an earlier block ended the game: nothing was answered
            self._charge(rows[paid], -1)
            raise
        kept = paid.clone()
        kept[paid] = served.kept
        if self.oracle.banned:  # what the block that ended the game left unanswered is not paid for
            self._charge(rows[paid & ~kept], -1)
        return Answered(kept, kept if self.oracle.banned else paid, places[kept] + 1, served.answers, served.labels)

    def _charge(self, rows: Tensor, price: int) -> None:
        self.counts.index_add_(0, rows, torch.full_like(rows, price))

    def _checked(self, rows: Tensor, images: Tensor) -> Tensor:
        who, n = self.oracle.asker, len(self.counts)
        whole = isinstance(rows, Tensor) and not rows.is_floating_point() and not rows.is_complex()
        if not whole or rows.dtype == torch.bool or rows.ndim != 1 or images.shape[:1] != rows.shape:
            raise PluginError(
                f"{who} asked for rows {rows.dtype} of shape {tuple(rows.shape)} with images of shape "
                f"{tuple(images.shape)}; expected a whole number for each image"
            )
        rows = rows.long().cpu()
        beyond = rows[(rows < 0) | (rows >= n)]
        if len(beyond):
            raise PluginError(f"{who} asked for row {int(beyond[0])}; its examples are rows 0 to {n - 1}")
        return rows


def _occurrences(rows: Tensor) -> Tensor:
    """Return how often each row came before in the same request, int64 (n,)."""
    ordered, order = rows.sort(stable=True)
    before = torch.arange(len(rows)) - torch.searchsorted(ordered, ordered)
    return torch.empty_like(before).scatter_(0, order, before)
