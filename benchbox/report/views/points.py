"""The points of every curve: means over seeds, with what is uncertain about them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchbox.report.statistics import group_intervals, wilson

POINT = ["label", "metric", "attack", "budget"]


class Point(NamedTuple):
    """A point of a curve; fields as the columns of ``points``."""

    mean: float
    half: float
    seeds: int
    spent_low: int
    spent_high: int
    low: float
    high: float
    kind: str
    n: float
    sampling: float


def unit(metric: str) -> str:
    """Return the unit of a metric's values: ``s``, ``nats``, or ``%`` for proportions (stored as shares)."""
    if "seconds" in metric:
        return "s"
    return "nats" if metric.endswith("_loss") else "%"


def points(measurements: pd.DataFrame) -> pd.DataFrame:
    """Return the curves: mean over seeds at every budget, with intervals.

    Returns:
        Rows sorted by label, metric, attack, budget; columns ``mean``, ``sd``, ``seeds`` (how many values), ``low``,
        ``high`` and ``kind`` of the 95 % interval (see ``Interval``), ``half`` (half its width where it is over seeds,
        else NaN), ``n`` (mean sample size), ``sampling`` (half-width of Wilson's interval of one run of that size; only
        for proportions), ``spent_low`` and ``spent_high`` (queries paid, over seeds).
    """
    known = measurements[measurements["value"].notna()]
    grouped = known.groupby(POINT, sort=True, observed=True)
    found = grouped.agg(n=("n", "mean"), spent_low=("spent", "min"), spent_high=("spent", "max")).reset_index()
    metrics = {metric: unit(metric) == "%" for metric in known["metric"].unique()}
    proportion = found["metric"].map(metrics).to_numpy(dtype=bool)
    trials = np.where(proportion, found["n"].to_numpy(dtype=float), math.nan)
    values = np.asarray(known["value"], dtype=float)
    intervals = group_intervals(values, grouped.ngroup().to_numpy(), len(found), trials)
    found = pd.concat([found, intervals], axis=1)
    found["half"] = ((found["high"] - found["low"]) / 2).where(found["seeds"] > 1)
    low, high = wilson(found["mean"].clip(0, 1), trials)
    found["sampling"] = (high - low) / 2
    # a frame's texts may be categories, whose order is not that of the alphabet
    found = found.astype(dict.fromkeys(POINT[:3], object))
    return found.sort_values(POINT, ignore_index=True)


def by_curve(points: pd.DataFrame) -> dict[tuple[str, str, str], dict[int, Point]]:
    """Return the points by (label, metric, attack) and budget."""
    found: dict[tuple[str, str, str], dict[int, Point]] = {}
    columns = [points[name].tolist() for name in (*POINT, *Point._fields)]
    for label, metric, attack, budget, *values in zip(*columns, strict=True):
        found.setdefault((label, metric, attack), {})[int(budget)] = Point(*values)
    return found
