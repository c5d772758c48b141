"""How selectors that ask in rounds cut what they ask."""

from __future__ import annotations


def even_sizes(total: int, rounds: int) -> list[int]:
    """Return sizes of up to ``rounds`` rounds, as even as can be, none of them empty."""
    rounds = min(rounds, total)
    return [total * (i + 1) // rounds - total * i // rounds for i in range(rounds)]
