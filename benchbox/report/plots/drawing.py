"""What every plot shares: settings that give the same bytes everywhere, and what a plot says of its data."""

from __future__ import annotations

import hashlib
import io
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchbox.report.paths import MARK

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG = "{http://www.w3.org/2000/svg}"
FONTS = ("DejaVu Sans", "Verdana")
"""What texts are set in where there is one of them; they are wide, so that others find room."""
_SETTINGS: Any = {
    "svg.hashsalt": "benchbox",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": list(FONTS),
    "font.size": 9.0,
    "path.simplify": False,
}
_NUMBER = re.compile(r"-?\d+\.\d+")


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with our settings, whatever the user's own are."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the bytes
        mpl.rcParams.update(_SETTINGS)
        warnings.simplefilter("ignore", UserWarning)  # a name with letters that the font lacks
        yield


def svg(figure: Figure, data: Any) -> bytes:
    """Return a figure's SVG; it names the version of matplotlib, and a hash of ``data``, what it shows."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": MARK, "Description": about(data)})
    return out.getvalue()


def about(data: Any) -> str:
    """Return what a plot says of itself: the version of matplotlib, and a hash of ``data``, what it shows."""
    import matplotlib as mpl

    return f"matplotlib {mpl.__version__}, data {hashlib.sha256(json.dumps(data).encode()).hexdigest()}"


def bare_svg(figure: Figure) -> bytes:
    """Return a figure's SVG on a transparent ground, saying nothing of itself."""
    out = io.BytesIO()
    metadata = dict.fromkeys(("Date", "Creator", "Type", "Format"))
    figure.savefig(out, format="svg", transparent=True, metadata=metadata)
    return out.getvalue()


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


def short_numbers(text: str) -> str:
    """Return coordinates with one decimal, on one line."""
    rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), text)
    return " ".join(rounded.split())
