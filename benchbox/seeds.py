"""Random streams: each derives from a hash of (suite seed, what it is for), so methods under one seed are paired."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STREAMS = ("substitute", "method", "attacked images")
"""What the core's own streams of a cell are for, attacks aside."""


def stream_seed(seed: int, purpose: str) -> int:
    """Return the 63-bit seed of the stream for ``purpose`` under a suite's seed."""
    digest = hashlib.sha256(f"benchbox/{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def reseed(seed: int) -> None:
    """Seed the global generators of torch, numpy and Python."""
    import numpy as np
    import torch

    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


@contextmanager
def seeding_noticed() -> Iterator[list[str]]:
    """Yield a list that names, after the block, the packages whose global generator was seeded within it.

    Drawing from a global generator is no offence here (a dropout layer has no other); a seed would pair what is not, and
    make two runs alike that should differ. Torch's generator tells its seed itself; it counts as seeded if another is
    there after the block, so that ``torch.random.fork_rng`` may seed.
    """
    import numpy as np
    import torch

    seeded: list[str] = []
    homes: dict[str, Any] = {"numpy": np.random, "random": random}
    originals = {name: home.seed for name, home in homes.items()}

    def noticing(name: str) -> Any:
        def seed(*args: Any, **kwargs: Any) -> None:
            seeded.append(name)
            originals[name](*args, **kwargs)

        return seed

    before = torch.initial_seed()
    for name, home in homes.items():
        home.seed = noticing(name)
    try:
        yield seeded
    finally:
        for name, home in homes.items():
            home.seed = originals[name]
        if torch.initial_seed() != before:
            seeded.append("torch")
