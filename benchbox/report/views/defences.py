"""What a defence, or a poorer answer, takes from each thief, and what it costs honest clients: the numbers of a heat map."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchbox.contracts import Access
from benchbox.report.statistics import Interval, mean_interval
from benchbox.scoring.metrics import SHARE, metric
from benchbox.store.games import pooled

if TYPE_CHECKING:
    import pandas as pd

REACHED = ("fidelity", "query_success")
"""What thieves and query attacks reach: agreement with the bare target, and solved examples."""
COSTS = (
    "honest_accuracy",
    "honest_changed",
    "honest_calibration",
    "honest_distance",
    "false_alarms",
    "false_first_alarm",
)
"""What a defence costs, by metric."""
_UNDEFENDED = {"honest_accuracy": "bare_accuracy", "honest_calibration": "bare_calibration"}
_COLUMNS = ["suite", "dataset", "scenario", "position", "label", "seed", "metric", "budget", "value", "n"]
"""What is read of measurements, which have twenty columns more."""
_NO_PROPORTION = ("honest_calibration", "bare_calibration", "honest_distance")


@dataclass(frozen=True)
class Defended:
    """One row of a matrix: the scenarios with one defence, or one rung of the ladder of answers.

    Attributes:
        name: the defence as the scenario's name tells it; empty for the bare target. Or the rung.
        scenario: the first of them.
        reached: by attacker, what it reached at the last budget.
        first_alarm: by attacker, the query that raised the first alarm, mean over the replicates that had one.
        costs: by metric of ``COSTS``; of the bare target those that are known from beside a defence.
    """

    name: str
    scenario: str
    reached: Mapping[str, Interval]
    first_alarm: Mapping[str, Interval]
    costs: Mapping[str, Interval]


@dataclass(frozen=True)
class DefenceMatrix:
    """Scenarios that differ in their defence alone, or in what an answer holds.

    Attributes:
        suite, dataset: where they stand.
        game: the names of the scenarios without a defence, or with the whole answer.
        metric: what is reached.
        budget: queries, or queries an example, by which it is.
        attackers: the labels of the methods, in the order of the suite.
        rows: the bare target first, or whole probabilities; then the others in the order of the frame.
    """

    suite: str
    dataset: str
    game: str
    metric: str
    budget: int
    attackers: tuple[str, ...]
    rows: tuple[Defended, ...]

    def lost(self, row: Defended, attacker: str) -> float:
        """Return what a defence took from an attacker, in the metric's unit; NaN where either was not played."""
        bare, held = self.rows[0].reached.get(attacker), row.reached.get(attacker)
        return math.nan if bare is None or held is None else bare.mean - held.mean

    def lost_in_the_mean(self, row: Defended) -> float:
        """Return the mean of that over the attackers of whom both are known; NaN where there is none."""
        known = [lost for who in self.attackers if not math.isnan(lost := self.lost(row, who))]
        return sum(known) / len(known) if known else math.nan


def defence_matrices(measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each game that was played bare and before a defence.

    Args:
        measurements: the store's, of any suites and data sets.
        rules: by cell, the identity of its scenario's rules.
    """
    return _matrices(measurements, rules, ("defence", "blocked"), "")


def rung_matrices(measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each game that was played with whole probabilities and with poorer answers; see above."""
    return _matrices(measurements, rules, ("access",), Access.PROBABILITIES)


def _matrices(
    measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], apart: Sequence[str], bare: str
) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each group of scenarios that differ in the keys ``apart`` alone, and in what a replicate draws.

    The first row is of the scenarios whose keys are ``bare``, or unset. Selectors and generators stand in scenarios of their
    own, and in one row.
    """
    import pandas as pd

    game, differs = {}, {}
    for cell in measurements.cell.unique():
        same = {key: value for key, value in pooled(rules[cell]).items() if key not in (*apart, "target")}
        game[cell] = json.dumps(same, sort_keys=True)
        differs[cell] = json.dumps([rules[cell].get(key) for key in apart], sort_keys=True)
    of = {"game": [game[cell] for cell in measurements.cell], "differs": [differs[cell] for cell in measurements.cell]}
    frame = measurements[_COLUMNS].assign(**of)
    for (suite, dataset, _), group in frame.groupby(["suite", "dataset", "game"], observed=True, sort=False):
        base = group.differs == json.dumps([bare or None] * len(apart))
        first, others = group[base], group[~base]
        if first.empty or others.empty:
            continue
        parts = [(bare, first)]
        for key, table in others.groupby("differs", sort=False):
            # a list of defences writes at the end of its scenarios' names which one each is of
            name = json.loads(str(key))[0] if bare else str(table.scenario.iat[0]).rpartition(", ")[2]
            parts.append((name, table))
        what = next(name for name in REACHED if (group.metric == name).any())
        rows = [_row(table, name, what) for name, table in parts]
        undefended = _means(others[others.metric.isin(_UNDEFENDED.values())], "metric")
        costs = {cost: undefended[name] for cost, name in _UNDEFENDED.items() if name in undefended}
        rows[0] = replace(rows[0], costs=costs, first_alarm={})
        games = dict.fromkeys(str(name).removesuffix(f", {bare or 'bare'}") for name in first.scenario)
        order = (
            pd.concat([table for _, table in parts])
            .drop_duplicates("label")
            .sort_values(["scenario", "position"])
            .label
        )
        budget = int(first.budget.max())
        yield DefenceMatrix(
            str(suite), str(dataset), " and ".join(games), what, budget, tuple(map(str, order)), tuple(rows)
        )


def _row(rows: pd.DataFrame, name: str, what: str) -> Defended:
    last = rows[rows.budget == rows.budget.max()]
    reached, first = (_means(last[last.metric == each], "label") for each in (what, "first_alarm"))
    costs = _means(last[last.metric.isin(COSTS)], "metric")
    return Defended(name, str(rows.scenario.iat[0]), reached, first, costs)


def _means(rows: pd.DataFrame, by: str) -> dict[str, Interval]:
    """Return means over replicates by a column; the cells of one replicate measured the same honest client."""
    known = rows.dropna(subset=["value"])
    columns = [by, "seed"] if by == "metric" else [by]
    found: dict[str, Interval] = {}
    for name, group in known.groupby(by, observed=True, sort=False):
        each = group.drop_duplicates(columns) if by == "metric" else group
        share = metric(str(each.metric.iat[0])).unit is SHARE
        trials = float(each.n.mean()) if share and name not in _NO_PROPORTION else math.nan
        found[str(name)] = mean_interval(each.value.to_numpy(), trials=trials, share=share)
    return found
