"""Accuracy over queries as SVG: the same bytes from the same view, colours that the colour-blind can tell apart."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import warnings
from typing import TYPE_CHECKING, Any

from benchbox.report.views import ScenarioView

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARK = "made by 'benchbox leaderboard'"

# Okabe and Ito's palette without its yellow, which is too pale for lines on white
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_MARKERS = "osD^vPX"
_DASHES: tuple[Any, ...] = ("solid", "dashed", "dotted", "dashdot")
_SETTINGS: Any = {
    "svg.hashsalt": "benchbox",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "path.simplify": False,
}


def accuracy_plot(view: ScenarioView, target_accuracy: float | None) -> bytes:
    """Return the plot of a scenario.

    Args:
        view: what is drawn: every method with a result; the band is the 95 % interval over seeds.
        target_accuracy: drawn as a line, a share; None where it is not known.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # a user's own matplotlibrc must not change the bytes
        mpl.rcParams.update(_SETTINGS)
        warnings.simplefilter("ignore", UserWarning)  # a name with letters that the font lacks
        shown = [line.standing for line in view.summaries if (line.standing.label, "accuracy", "") in view.at]
        figure = Figure(figsize=(8.0, max(3.6, 1.2 + 0.22 * len(shown))), layout="constrained", facecolor="white")
        axes = figure.add_subplot()
        for i, standing in enumerate(shown):
            _draw(axes, view, standing.label, i)
        if target_accuracy is not None:
            axes.axhline(100 * target_accuracy, color="#666666", linewidth=1, linestyle=(0, (1, 2)))
        _frame(axes, view)
        _legend(axes, [_short(f"{s.label}{' (privileged)' if s.privileged else ''}") for s in shown], target_accuracy)
        out = io.BytesIO()
        about = f"matplotlib {mpl.__version__}, data {_digest(view, target_accuracy)}"
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": MARK, "Description": about})
        return out.getvalue()


def same_plot(one: bytes, other: bytes) -> bool:
    """Whether two plots show the same: the same bytes, or the same data where two versions of matplotlib drew them."""
    drawn = [re.search(rb"matplotlib (\S+), data ([0-9a-f]{64})", svg) for svg in (one, other)]
    if drawn[0] and drawn[1] and drawn[0][1] != drawn[1][1]:
        return drawn[0][2] == drawn[1][2]
    return one == other


def _digest(view: ScenarioView, target_accuracy: float | None) -> str:
    curves = [
        [label, [[budget, f"{point.mean:.6g}", f"{point.half:.6g}"] for budget, point in points.items()]]
        for (label, metric, attack), points in sorted(view.at.items())
        if (metric, attack) == ("accuracy", "")
    ]
    return hashlib.sha256(json.dumps([curves, target_accuracy]).encode()).hexdigest()


def _draw(axes: Axes, view: ScenarioView, label: str, i: int) -> None:
    points = view.at[label, "accuracy", ""]
    x = list(points)
    mean = [100 * point.mean for point in points.values()]
    half = [0.0 if math.isnan(point.half) else 100 * point.half for point in points.values()]
    colour = _COLOURS[i % len(_COLOURS)]
    axes.plot(
        x,
        mean,
        color=colour,
        marker=_MARKERS[i % len(_MARKERS)],
        markersize=4.5,
        linewidth=1.6,
        linestyle=_DASHES[i // len(_COLOURS) % len(_DASHES)],
    )
    low = [m - h for m, h in zip(mean, half, strict=True)]
    high = [m + h for m, h in zip(mean, half, strict=True)]
    axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)


def _frame(axes: Axes, view: ScenarioView) -> None:
    axes.set_xscale("log")
    axes.set_xticks(
        view.budgets, [f"{budget:,}" for budget in view.budgets], rotation=30 if len(view.budgets) > 6 else 0
    )
    axes.set_xticks([], minor=True)
    axes.set_xlabel("queries")
    axes.set_ylabel("accuracy on test images, %")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    low, high = axes.get_ylim()
    axes.set_ylim(max(low, 0.0), min(high, 100.0))


def _legend(axes: Axes, names: list[str], target_accuracy: float | None) -> None:
    # handed over as placeholders: matplotlib drops entries whose text starts with an underscore
    handles = list(axes.get_lines())
    texts = names + (["the target"] if target_accuracy is not None else [])
    legend = axes.legend(handles, [str(i) for i in range(len(handles))], loc="center left", bbox_to_anchor=(1.01, 0.5))
    legend.set_frame_on(False)
    for entry, text in zip(legend.get_texts(), texts, strict=True):
        entry.set_parse_math(False)
        entry.set_text(text)


def _short(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean if len(clean) <= 40 else f"{clean[:38]}…"
