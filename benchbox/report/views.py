"""Views: pure functions from the store's frames to tables of numbers; Markdown, terminal and plots print the same ones.

A frame of cells or measurements here is that of one suite and data set; see ``benchbox.store`` for the columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd

from benchbox.report.statistics import (
    Interval,
    Rank,
    area_over_log_budget,
    front,
    half_widths,
    mean_interval,
    queries_to_reach,
    tie_ranks,
    wilson,
)

LEVELS = (0.80, 0.90, 0.95)
POINT = ["label", "metric", "attack", "budget"]


@dataclass(frozen=True)
class Standing:
    """How far a method has come in a scenario.

    Attributes:
        state: ``complete``; ``incomplete`` (some seeds lack a result); ``other rules`` (played under other budgets,
            attacks or weights than the rest); or, where no seed has a result, ``failed``, ``interrupted``,
            ``not applicable`` or ``missing``.
        privileged: whether it was granted more than a black box.
        seeds: the seeds with a result.
        wanted: the seeds that the scenario plays.
        position: its place in the suite file.
        seconds: mean seconds of a run; NaN without results.
    """

    label: str
    spec: str
    kind: str
    state: str
    privileged: bool
    seeds: tuple[int, ...]
    wanted: tuple[int, ...]
    position: int
    seconds: float

    @property
    def ranked(self) -> bool:
        """Whether it takes part in the ranking."""
        return self.state == "complete" and not self.privileged


@dataclass(frozen=True)
class Summary:
    """A method's line in the main table.

    Attributes:
        rank: None where it is not ranked.
        area: mean accuracy over log-budget, over seeds; None where it has no complete curve.
        last: accuracy at the largest budget, over seeds.
        sampling: half-width of Wilson's interval at that accuracy: what the finite test set adds, seeds aside.
        reach: queries to reach each of ``LEVELS`` on the mean curve; infinity where it is not reached.
    """

    standing: Standing
    rank: Rank | None
    area: Interval | None
    last: Interval | None
    sampling: float
    reach: dict[float, float]


class Point(NamedTuple):
    """A point of a curve; fields as the columns of ``points``."""

    mean: float
    half: float
    seeds: int
    spent_low: int
    spent_high: int


@dataclass(frozen=True)
class ScenarioView:
    """All that a page says of one scenario.

    Attributes:
        standings: by label, in the order of the suite file.
        points: a row a label, metric, attack and budget; see ``points``.
        summaries: ranked methods first, best first.
        leaders: by budget, the best method in accuracy and those that cannot be told apart from it.
        front: the same by area.
        unfinished: the rows of the cells frame that have no result.
    """

    name: str
    access: str
    substitute: str
    target: str
    target_sha256: str
    budgets: tuple[int, ...]
    example: str
    standings: dict[str, Standing]
    points: pd.DataFrame
    summaries: list[Summary]
    leaders: dict[int, frozenset[str]]
    front: frozenset[str]
    unfinished: pd.DataFrame

    @cached_property
    def at(self) -> dict[tuple[str, str, str], dict[int, Point]]:
        """The points by (label, metric, attack) and budget."""
        found: dict[tuple[str, str, str], dict[int, Point]] = {}
        for label, metric, attack, budget, *values in self.points[[*POINT, *Point._fields]].itertuples(index=False):
            found.setdefault((label, metric, attack), {})[int(budget)] = Point(*values)
        return found


def points(measurements: pd.DataFrame) -> pd.DataFrame:
    """Return the curves: mean over seeds at every budget, with intervals.

    Returns:
        Rows sorted by label, metric, attack, budget; columns ``mean``, ``sd``, ``seeds`` (how many values), ``half``
        (95 % t-interval over seeds; NaN for one seed), ``n`` (mean sample size), ``sampling`` (half-width of Wilson's
        interval of one run of that size; only for proportions), ``spent_low`` and ``spent_high`` (queries paid, over
        seeds).
    """
    known = measurements[measurements["value"].notna()]
    grouped = known.groupby(POINT, sort=True, observed=True)
    found = grouped.agg(
        mean=("value", "mean"),
        sd=("value", "std"),
        seeds=("value", "count"),
        n=("n", "mean"),
        spent_low=("spent", "min"),
        spent_high=("spent", "max"),
    ).reset_index()
    found["half"] = half_widths(found["sd"], found["seeds"])
    low, high = wilson(found["mean"].clip(0, 1), found["n"])
    proportion = ~found["metric"].str.contains("seconds")
    found["sampling"] = np.where(proportion, (high - low) / 2, np.nan)
    return found


def standings(cells: pd.DataFrame) -> dict[str, Standing]:
    """Return how far each method of one scenario has come, in the order of the suite file."""
    wanted = tuple(sorted(int(seed) for seed in cells["seed"].unique()))
    fair = cells[~cells["privileged"].astype(bool) & (cells["status"] == "done")]
    rules = main_rules(fair)
    made = [_standing(label, rows, wanted, rules) for label, rows in cells.groupby("label", sort=False, observed=True)]
    return {standing.label: standing for standing in sorted(made, key=lambda s: (s.position, s.label))}


def main_rules(cells: pd.DataFrame) -> str:
    """Return the hash of the rules that most cells were played under; the first by text among equals."""
    counts = cells["rules"].value_counts()
    return min((rules for rules in counts.index if counts[rules] == counts.max()), default="")


def _standing(label: Any, rows: pd.DataFrame, wanted: tuple[int, ...], rules: str) -> Standing:
    done = rows[rows["status"] == "done"]
    privileged = bool(rows["privileged"].any())
    first = rows.iloc[0]
    return Standing(
        label=str(label),
        spec=str(first["spec"]),
        kind=str(first["kind"]),
        state=_state(rows, done, wanted, "" if privileged else rules),
        privileged=privileged,
        seeds=tuple(sorted(int(seed) for seed in done["seed"])),
        wanted=wanted,
        position=int(rows["position"].min()),
        seconds=float(done["seconds"].mean()) if len(done) else float("nan"),
    )


def _state(rows: pd.DataFrame, done: pd.DataFrame, wanted: tuple[int, ...], rules: str) -> str:
    if rules and (done["rules"] != rules).any():
        return "other rules"
    if len(done):
        return "complete" if len(done) == len(wanted) else "incomplete"
    for status in ("failed", "interrupted", "not-applicable"):
        if (rows["status"] == status).any():
            return status.replace("-", " ")
    return "missing"


def scenario_view(name: str, cells: pd.DataFrame, measurements: pd.DataFrame) -> ScenarioView:
    """Return the view of one scenario from its cells and their measurements."""
    found = standings(cells)
    accuracy = measurements[(measurements["metric"] == "accuracy") & measurements["value"].notna()]
    curves = points(measurements)
    budgets = tuple(sorted(int(budget) for budget in accuracy["budget"].unique()))
    by_seed = accuracy.pivot_table(index=["label", "seed"], columns="budget", values="value", observed=True)
    area = areas(by_seed) if len(by_seed) else pd.Series(dtype=float)
    first = cells[cells["status"] == "done"].head(1) if (cells["status"] == "done").any() else cells.head(1)
    game = first.iloc[0]
    return ScenarioView(
        name=name,
        access=str(game["access"]),
        substitute=str(game["substitute"]),
        target=str(game["target"]),
        target_sha256=str(game["target_sha256"]),
        budgets=budgets,
        example=str(game["cell"]),
        standings=found,
        points=curves,
        summaries=_summaries(found, area, by_seed, curves),
        leaders={budget: front(_comparable(found, by_seed[budget])) for budget in budgets},
        front=front(_comparable(found, area)),
        unfinished=cells[cells["status"] != "done"],
    )


def areas(by_seed: pd.DataFrame) -> pd.Series[float]:
    """Return the area under accuracy over log-budget by (label, seed), complete curves only.

    With one budget it is the accuracy there.

    Args:
        by_seed: accuracy, rows (label, seed), columns budgets.
    """
    whole = by_seed.dropna()
    budgets = [float(budget) for budget in whole.columns]
    if len(budgets) == 1:
        return whole.iloc[:, 0]
    values = [area_over_log_budget(budgets, row.tolist()) for row in whole.to_numpy()]
    return pd.Series(values, index=whole.index, dtype=float)


def _comparable(found: dict[str, Standing], values: pd.Series[float]) -> dict[str, dict[int, float]]:
    """Return the values by label and seed of the ranked methods that have one for every seed."""
    scores: dict[str, dict[int, float]] = {}
    for key, value in values.dropna().items():
        label, seed = cast(tuple[str, int], key)
        if found[label].ranked:
            scores.setdefault(label, {})[int(seed)] = float(value)
    return {label: seeds for label, seeds in scores.items() if len(seeds) == len(found[label].wanted)}


def _summaries(
    found: dict[str, Standing], area: pd.Series[float], by_seed: pd.DataFrame, curves: pd.DataFrame
) -> list[Summary]:
    ranks = tie_ranks(_comparable(found, area))
    lines = [_summary(standing, ranks.get(label), area, by_seed, curves) for label, standing in found.items()]
    return sorted(lines, key=_order)


def _order(line: Summary) -> tuple[int, float, float, int, str]:
    ranked = 0 if line.rank else 1 if line.last and not line.standing.privileged else 2 if line.last else 3
    place = line.rank.rank if line.rank else 0
    return ranked, place, -(line.area.mean if line.area else 0.0), line.standing.position, line.standing.label


def _summary(
    standing: Standing, rank: Rank | None, area: pd.Series[float], by_seed: pd.DataFrame, curves: pd.DataFrame
) -> Summary:
    curve = curves[(curves["label"] == standing.label) & (curves["metric"] == "accuracy")]
    last = curve[curve["budget"] == by_seed.columns.max()] if len(by_seed) else curve.head(0)
    budgets, means = curve["budget"].tolist(), curve["mean"].tolist()
    return Summary(
        standing=standing,
        rank=rank,
        area=_over_seeds(area, standing.label),
        last=_over_seeds(by_seed[by_seed.columns.max()].dropna(), standing.label) if len(last) else None,
        sampling=float(last["sampling"].iloc[0]) if len(last) else float("nan"),
        reach={level: queries_to_reach(budgets, means, level) for level in LEVELS} if budgets else {},
    )


def _over_seeds(values: pd.Series[float], label: str) -> Interval | None:
    if not len(values) or label not in values.index.get_level_values("label"):
        return None
    return mean_interval(values.xs(label, level="label").to_numpy())
