"""Random streams: each derives from a hash of (suite seed, what it is for), so methods under one seed are paired."""

from __future__ import annotations

import hashlib


def stream_seed(seed: int, purpose: str) -> int:
    """Return the 63-bit seed of the stream for ``purpose`` under a suite's seed."""
    digest = hashlib.sha256(f"benchbox/{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
