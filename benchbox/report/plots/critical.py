"""The critical-difference diagram: methods on an axis of mean ranks, bars over those that cannot be told apart."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from benchbox.report.paths import MARK
from benchbox.report.plots.drawing import FONTS, about, short
from benchbox.report.statistics import Critical

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_INK = "#222222"
_BAR = "#0072B2"
_ROW = 0.24  # inches
_SETTINGS: Any = {
    "svg.hashsalt": "benchbox",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": list(FONTS),
    "font.size": 9.0,
    "path.simplify": False,
}
Key = TypeVar("Key")


def draw_diagrams(found: Mapping[Key, Critical]) -> dict[Key, bytes]:
    """Return Demšar's diagrams as SVG: rank 1, the best, at the left; half the methods named on either side."""
    if not found:
        return {}  # and matplotlib is not imported
    with _settings():
        return {key: _svg(one) for key, one in found.items()}


@contextmanager
def _settings() -> Iterator[None]:
    """Draw with our settings, whatever the user's own are."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the bytes
        mpl.rcParams.update(_SETTINGS)
        warnings.simplefilter("ignore", UserWarning)  # a name with letters that the font lacks
        yield


def _svg(found: Critical) -> bytes:
    data = [[[name, f"{rank:.6g}"] for name, rank in found.ranks.items()], f"{found.difference:.6g}", found.cliques]
    out = io.BytesIO()
    metadata = {"Date": None, "Creator": MARK, "Description": about(data)}
    _figure(found).savefig(out, format="svg", metadata=metadata)
    return out.getvalue()


def _figure(found: Critical) -> Figure:
    from matplotlib.figure import Figure

    names = list(found.ranks)
    rows = math.ceil(len(names) / 2) + len(found.cliques)
    figure = Figure(figsize=(9.0, 1.1 + _ROW * rows), facecolor="white")
    axes = figure.add_axes((0.34, 0.03, 0.32, 0.94))
    axes.axis("off")
    _axis(axes, len(names), found.difference)
    depth = _cliques(axes, found)
    _names(axes, found, depth)
    axes.set_ylim(depth + math.ceil(len(names) / 2) + 0.3, -3.2)
    axes.set_xlim(1, len(names))
    return figure


def _axis(axes: Axes, methods: int, difference: float) -> None:
    axes.plot([1, methods], [0, 0], color=_INK, linewidth=1.2, clip_on=False)
    for rank in range(1, methods + 1):
        axes.plot([rank, rank], [0, -0.3], color=_INK, linewidth=1, clip_on=False)
        axes.text(rank, -0.45, str(rank), ha="center", va="bottom", color=_INK)
    end = min(1 + difference, methods)
    axes.plot([1, end], [-2, -2], color=_INK, linewidth=1.6, marker="|", markersize=7, clip_on=False)
    axes.text((1 + end) / 2, -2.2, f"critical difference {difference:.2f}", ha="center", va="bottom", color=_INK)


def _cliques(axes: Axes, found: Critical) -> float:
    """Draw the bars; return the depth below which names may stand."""
    for i, clique in enumerate(found.cliques):
        ends = [found.ranks[clique[0]] - 0.06, found.ranks[clique[-1]] + 0.06]
        axes.plot(ends, [i + 0.6] * 2, color=_BAR, linewidth=4, solid_capstyle="butt", clip_on=False)
    return len(found.cliques) + 0.4


def _names(axes: Axes, found: Critical, depth: float) -> None:
    names = list(found.ranks)
    left = math.ceil(len(names) / 2)
    for i, name in enumerate(names):
        rank = found.ranks[name]
        first = i < left
        y = depth + (i if first else len(names) - 1 - i) + 0.5
        edge = 1 - 0.02 * len(names) if first else len(names) + 0.02 * len(names)
        axes.plot([rank, rank, edge], [0, y, y], color=_INK, linewidth=0.8, clip_on=False)
        at = edge + 0.02 * len(names) * (-1 if first else 1)
        _literal(axes.text(at, y, "", ha="right" if first else "left", va="center", color=_INK), name, rank, first)


def _literal(text: Text, name: str, rank: float, first: bool) -> None:
    text.set_parse_math(False)
    pair = [short(name, 34), f"{rank:.2f}"]
    text.set_text("\u2002".join(pair if first else pair[::-1]))  # an en space, which stays; spaces fall together
