"""How selectors that ask in rounds cut what they ask."""

from __future__ import annotations


def seed_size(k: int, share: float, classes: int) -> int:
    """Return how many of k are asked before the first round: a share, at least one a class."""
    return min(k, max(classes, round(share * k)))


def even_sizes(total: int, rounds: int) -> list[int]:
    """Return sizes of up to ``rounds`` rounds, as even as can be, none of them empty."""
    rounds = min(rounds, total)
    return [total * (i + 1) // rounds - total * i // rounds for i in range(rounds)]
