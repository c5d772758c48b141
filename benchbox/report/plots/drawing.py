"""What every plot shares: its fonts, its names, and what it says of its data."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from importlib.metadata import version
from typing import Any

SVG = "{http://www.w3.org/2000/svg}"
FONTS = ("DejaVu Sans", "Verdana")
"""What texts are set in where there is one of them; they are wide, so that others find room."""


@cache
def drawn_by() -> str:
    """Return the version of matplotlib, which draws diagrams, without the time that importing it takes."""
    return f"matplotlib {version('matplotlib')}"


def about(data: Any) -> str:
    """Return what a plot says of itself: the version of matplotlib, and a hash of ``data``, what it shows."""
    return f"{drawn_by()}, data {hashlib.sha256(json.dumps(data).encode()).hexdigest()}"


def same_plot(one: bytes, other: bytes) -> bool:
    """Whether two plots show the same: the same bytes, or the same data where two versions of matplotlib drew them."""
    drawn = [re.search(rb"matplotlib (\S+), data ([0-9a-f]{64})", svg) for svg in (one, other)]
    if drawn[0] and drawn[1] and drawn[0][1] != drawn[1][1]:
        return drawn[0][2] == drawn[1][2]
    return one == other


def short(text: str, length: int = 40) -> str:
    """Return a name as it is drawn, cut to ``length``."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= length else f"{clean[: length - 1]}…"
