"""What a method's own notes say of its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COMMONEST = "commonest"
"""The note that generators keep of every round: the share of its answers that are of the commonest class."""
COLLAPSED = 0.95
ROUNDS = 3


def collapses(notes: pd.DataFrame) -> dict[str, dict[int, int]]:
    """Return which runs collapsed: over 95 % of the answers of three rounds in a row were of one class.

    Args:
        notes: of one scenario, as ``store.diagnostics(name=COMMONEST)`` gives them.

    Returns:
        By label and seed, the queries spent at the end of the third such round.
    """
    found: dict[str, dict[int, int]] = {}
    for label, seed, points in zip(notes["label"], notes["seed"], notes["points"], strict=True):
        spent = _collapse(points)
        if spent is not None:
            found.setdefault(str(label), {})[int(seed)] = spent
    return found


def _collapse(points: Sequence[tuple[int, float]]) -> int | None:
    run = 0
    for spent, share in points:
        run = run + 1 if share > COLLAPSED else 0
        if run == ROUNDS:
            return int(spent)
    return None
