"""Accuracy over queries laid out: where lines, areas and ticks stand; the file and the HTML page dress it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchbox.report.plots.curves import Curve, CurvePlot

_WIDTH, _HEIGHT = 518.4, 259.2
_LEFT, _RIGHT, _TOP, _BOTTOM = 38.88, 513.216, 7.776, 225.504
"""The axes, with room for labels left of them and below."""
_SIDE = 0.04
"""The share of the axes' range that is left empty at either end."""
_STEPS = 8
"""The most steps between ticks."""
Place = Callable[[float], float]


@dataclass(frozen=True)
class Label:
    """A text and the point from which its grid line starts."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """A method's curve.

    Attributes:
        band: the path of its interval; empty where there is none.
        path: its own; empty where it is one point.
        points: where its points lie, by budget.
    """

    band: str
    path: str
    points: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Layout:
    """The drawing; every path is what a path's ``d`` holds, in units with one decimal.

    Attributes:
        width, height: of all that is drawn.
        upright, level: the grid's lines, from the bottom up and from left to right.
        budgets, ticks: the labels of these lines; a budget that would stand on the one before is left out.
        target: the line at the target's accuracy; empty where it is not known.
        lines: in the order of the methods.
    """

    width: float
    height: float
    upright: str
    level: str
    budgets: tuple[Label, ...]
    ticks: tuple[Label, ...]
    target: str
    lines: tuple[Line, ...]


def lay_out(plot: CurvePlot) -> Layout:
    """Lay the plot out: budgets on a logarithmic axis, 95 % intervals over seeds as bands."""
    low, high = _limits(plot)
    whole = math.log(plot.budgets[-1] / plot.budgets[0])

    def across(budget: float) -> float:
        share = (math.log(budget / plot.budgets[0]) / whole + _SIDE) / (1 + 2 * _SIDE)
        return _LEFT + (_RIGHT - _LEFT) * share

    def up(accuracy: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (accuracy - low) / (high - low)

    ticks = _ticks(low, high)
    upright = [_path([(across(budget), _BOTTOM), (across(budget), _TOP)]) for budget in plot.budgets]
    level = [_level(up(tick)) for tick in ticks]
    return Layout(
        _WIDTH,
        _HEIGHT,
        " ".join(upright),
        " ".join(level),
        tuple(_apart(_labels(upright, [f"{budget:,}" for budget in plot.budgets]))),
        tuple(_labels(level, [f"{tick:g}" for tick in ticks])),
        "" if plot.target is None else _level(up(plot.target)),
        tuple(_line(curve, across, up) for curve in plot.curves),
    )


def _limits(plot: CurvePlot) -> tuple[float, float]:
    """Return the ends of the axis of accuracy, around all intervals."""
    ends = [end for curve in plot.curves for _, *values in curve.points for end in values]
    ends += [] if plot.target is None else [plot.target]
    room = _SIDE * (max(ends) - min(ends)) or 1.0
    return max(0.0, min(ends) - room), max(ends) + room


def _ticks(low: float, high: float) -> list[float]:
    """Return the multiples of 1, 2 or 5 times a power of ten between two numbers."""
    least = (high - low) / _STEPS
    power = 10.0 ** math.floor(math.log10(least))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= least)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _line(curve: Curve, across: Place, up: Place) -> Line:
    x = [across(budget) for budget, *_ in curve.points]
    means, lows, highs = ([up(point[i]) for point in curve.points] for i in (1, 2, 3))
    mean = list(zip(x, means, strict=True))
    around = [*zip(x, lows, strict=True), *zip(x[::-1], highs[::-1], strict=True)]
    around = around[:-1] if around[-1] == around[0] else around  # it is closed as it is
    return Line(
        band=f"{_path(around)} z" if lows != highs else "",
        path=_path(mean) if len(mean) > 1 else "",
        points=tuple((_number(a), _number(b)) for a, b in mean),
    )


def _level(y: float) -> str:
    return _path([(_LEFT, y), (_RIGHT, y)])


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M " + " L ".join(f"{_number(x)} {_number(y)}" for x, y in points)


def _number(value: float) -> str:
    """Return a coordinate with one decimal; six first, so that another machine's last bit does not round it the other way."""
    return f"{round(value, 6):.1f}".removesuffix(".0")


def _labels(lines: Sequence[str], texts: Sequence[str]) -> list[Label]:
    """Return a label for each line of a grid, ``M x y L x y``."""
    starts = (line.split()[1:3] for line in lines)
    return [Label(float(x), float(y), text) for (x, y), text in zip(starts, texts, strict=True)]


def _apart(labels: Sequence[Label]) -> list[Label]:
    apart: list[Label] = []
    for label in labels:
        if label.x - (apart[-1].x if apart else -math.inf) >= 7 * len(label.text) + 4:
            apart.append(label)
    return apart
