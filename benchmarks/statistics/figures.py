"""What recomputations of the leaderboard share: the store's values, and the formulas of docs/leaderboard.md.

It imports nothing of benchbox.
"""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

QUERY = """
SELECT place.suite, place.dataset, place.scenario, place.label, cells.seed, cells.identity, metrics.name, attacks.name,
       measured.budget, measured.spent, measured.value, measured.n, scenarios.target_sha256
FROM suite_cells AS place
JOIN cells ON cells.number = place.cell
JOIN scenarios ON scenarios.number = cells.scenario
JOIN measurements AS measured ON measured.cell = cells.number
JOIN metrics ON metrics.number = measured.metric
JOIN attacks ON attacks.number = measured.attack
WHERE cells.status = 'done' AND measured.value IS NOT NULL
"""
Row = dict[str, str]
Key = tuple[str, ...]
Scores = NDArray[np.float64]
Store = dict[Key, dict[int, "Values"]]


@dataclass
class Values:
    """The values of one curve at one budget: by seed the value, and what was spent and how many images counted."""

    by_seed: dict[int, float] = field(default_factory=dict)
    spent: list[int] = field(default_factory=list)
    n: list[int] = field(default_factory=list)
    targets: set[str] = field(default_factory=set)

    @property
    def list(self) -> list[float]:
        return list(self.by_seed.values())


class Check:
    """Counts what agrees, and keeps what does not."""

    def __init__(self) -> None:
        self.agree: Counter[str] = Counter()
        self.wrong: list[str] = []

    def number(self, what: str, where: Any, printed: str, mine: float | None) -> None:
        """Hold a printed number, six digits, against the recomputed one; empty stands for none."""
        if printed == "" or mine is None or math.isnan(mine):
            same = printed == "" and (mine is None or math.isnan(mine))
        else:
            same = float(printed) == mine or math.isclose(float(printed), mine, rel_tol=1e-5, abs_tol=1e-7)
        self.that(what, where, same, f"printed {printed or 'nothing'}, recomputed {mine}")

    def that(self, what: str, where: Any, same: bool, said: str) -> None:
        """Count what holds."""
        if same:
            self.agree[what] += 1
        else:
            self.wrong.append(f"{what} of {' | '.join(map(str, where))}: {said}")


def read(store: Path) -> Store:
    """Return the values by (suite, dataset, scenario, method, metric, attack) and budget; superseded scorings are left out."""
    with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
        rows = connection.execute(QUERY).fetchall()
    versions = [json.loads(row[5])["scoring_version"] for row in rows]
    newest: dict[Key, int] = defaultdict(int)
    for row, version in zip(rows, versions, strict=True):
        newest[row[:3]] = max(newest[row[:3]], version)
    found: Store = defaultdict(lambda: defaultdict(Values))
    for row, version in zip(rows, versions, strict=True):
        suite, dataset, scenario, label, seed, _, metric, attack, budget, spent, value, n, target = row
        if version == newest[suite, dataset, scenario]:
            values = found[suite, dataset, scenario, label, metric, attack][budget]
            values.by_seed[seed] = value
            values.spent.append(spent)
            values.n.append(n)
            values.targets.add(target)
    return found


def interval(values: list[float], n: float, *, share: bool) -> tuple[float, float, float, str]:
    """Return mean, lower and upper end of the 95 % interval, and how it was made."""
    mean = float(np.mean(values))
    if len(values) == 1:
        if share and n > 0:
            return (mean, *wilson(min(max(mean, 0), 1), n), "wilson")
        return mean, math.nan, math.nan, "none"
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / math.sqrt(len(values)))
    if share and 0 < mean < 1:
        centre, reach = math.log(mean / (1 - mean)), half / (mean * (1 - mean))
        low, high = (1 / (1 + math.exp(-np.clip(centre + sign * reach, -700, 700))) for sign in (-1, 1))
        return mean, low, high, "logit"
    return mean, mean - half, mean + half, "t"


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's score interval of a proportion of n."""
    z = float(stats.norm.ppf(0.975))
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def reach(means: list[tuple[int, float]], level: float) -> float | None:
    """Return at how many queries a mean curve first reaches a level."""
    before: tuple[int, float] | None = None
    for budget, mean in means:
        if mean >= level:
            if before is None:
                return float(budget)
            share = (level - before[1]) / (mean - before[1])
            return math.exp(math.log(before[0]) + share * (math.log(budget) - math.log(before[0])))
        before = budget, mean
    return math.inf if means else None


def in_common(scores: list[dict[int, float]]) -> Scores:
    """Return the scores of the replicates that all methods have, (methods, replicates)."""
    seeds = sorted(set.intersection(*map(set, scores)))
    return np.array([[mine[seed] for seed in seeds] for mine in scores])


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
    return float(stats.t.ppf(1 - 0.05 / (methods * (methods - 1)), freedom))


def place(row: Row) -> Key:
    return row["suite"], row["dataset"], row["scenario"]


def rows_of(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def is_plain(row: Row) -> bool:
    """Return whether a line is that of the method which the others are held against.

    Nothing differs from itself, and no interval is left; a method that only has the same mean keeps one.
    """
    ends = [row[f"over_plainest{end}"] for end in ("", "_low", "_high")]
    return "" not in ends and not any(map(float, ends))
