"""The points of every curve: means over seeds, with what is uncertain about them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchbox.report.statistics import Interval, group_intervals
from benchbox.scoring.metrics import SHARE, metric
from benchbox.suites.plans import read_label

if TYPE_CHECKING:
    import pandas as pd

GAME = ["suite", "dataset", "scenario"]
POINT = ["label", "metric", "attack", "budget"]


@dataclass(frozen=True)
class Point(Interval):
    """A point of a curve: its mean and interval over seeds, and what stands behind them.

    Attributes:
        spent_low, spent_high: queries paid, over seeds.
        trials: mean sample size of one run.
        sampling: half-width of Wilson's interval of one run of that size; NaN for what is no proportion.
        by_seed: each replicate's value.
    """

    spent_low: int
    spent_high: int
    trials: float
    sampling: float
    by_seed: Mapping[int, float]


Game = tuple[str, str, str]
"""A suite, a data set, and a scenario of it."""
Curves = dict[tuple[str, str, str], dict[int, Point]]
"""The points by (label, metric, attack) and budget, in that order."""


def rows(frame: pd.DataFrame, *names: str) -> Iterator[tuple[Any, ...]]:
    """Return rows of a frame: the game, and these columns."""
    games = zip(*(frame[name].tolist() for name in GAME), strict=True)
    return zip(games, *(frame[name].tolist() for name in names), strict=True)


def points(measurements: pd.DataFrame) -> dict[Game, Curves]:
    """Return the curves of every method, metric and attack, by game; measurements without a value are left out."""
    known = measurements[measurements["value"].notna()]
    if known.empty:
        return {}
    groups = known.groupby([*GAME, *POINT], observed=True, sort=False)
    spent, size = groups["spent"].agg(["min", "max"]), groups["n"].mean().to_numpy()
    keys = spent.index.to_list()
    share = np.array([metric(name).unit is SHARE for *_, name, _, _ in keys], dtype=bool)
    trials = np.where(share, size, math.nan)
    group = groups.ngroup().to_numpy()
    found = group_intervals(known["value"].to_numpy(), group, len(keys), trials, share)
    runs: list[dict[int, float]] = [{} for _ in keys]
    for i, seed, value in zip(group.tolist(), known["seed"].tolist(), known["value"].tolist(), strict=True):
        runs[i][seed] = value
    ends = (spent["min"].to_numpy(), spent["max"].to_numpy())
    numbers = (found.mean, found.low, found.high, found.seeds, found.kind, *ends, size, found.sampling)
    each = zip(keys, zip(*(column.tolist() for column in numbers), runs, strict=True), strict=True)
    curves: dict[Game, Curves] = {}
    for (suite, dataset, scenario, label, name, attack, budget), values in sorted(each, key=lambda row: row[0]):
        mine = curves.setdefault((suite, dataset, scenario), {}).setdefault((label, name, attack), {})
        mine[budget] = Point(*values)
    return curves


class Success(NamedTuple):
    """An attack plan's label, and the success definition that is shown of it."""

    attack: str
    metric: str


def main_attacks(at: Curves) -> dict[str, Success]:
    """Return, for ``untargeted`` and ``targeted``, the attack that the main table shows; the same for every method.

    It is the one measured at the most budgets; among equals the last by name, by the first of its definitions by name.
    """
    budgets: dict[Success, set[int]] = {}
    for (_, name, attack), curve in at.items():
        if attack and metric(name).unit is SHARE:
            budgets.setdefault(Success(attack, name), set()).update(curve)
    found: dict[str, Success] = {}
    plans = sorted(sorted(budgets, key=lambda plan: plan.metric), key=lambda plan: plan.attack, reverse=True)
    for plan in sorted(plans, key=lambda plan: -len(budgets[plan])):
        found.setdefault("untargeted" if read_label(plan.attack).goal == "untargeted" else "targeted", plan)
    return dict(sorted(found.items(), reverse=True))


def few(budgets: Sequence[int], most: int = 6) -> list[int]:
    """Return up to ``most`` of ascending budgets: the ends, and some between. The exports have all."""
    if len(budgets) <= most:
        return list(budgets)
    return [budgets[round(i * (len(budgets) - 1) / (most - 1))] for i in range(most)]
