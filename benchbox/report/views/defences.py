"""What each defence takes from each thief, and what it costs honest clients: the numbers of a heat map."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
_NO_PROPORTION = ("honest_calibration", "bare_calibration", "honest_distance")
_OF_THE_GAME = ("defence", "blocked", "target")  # what may differ between scenarios that are held against each other


@dataclass(frozen=True)
class Defended:
    """One row of a matrix: the scenarios with one defence.

    Attributes:
        name: the defence as the scenario's name tells it; empty for the bare target.
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
    """Scenarios that differ in their defence alone.

    Attributes:
        suite, dataset: where they stand.
        game: the bare scenarios' names.
        metric: what is reached.
        attackers: the labels of the methods, in the order of the suite.
        rows: the bare target first, then the defences in the order of the frame.
    """

    suite: str
    dataset: str
    game: str
    metric: str
    attackers: tuple[str, ...]
    rows: tuple[Defended, ...]

    def lost(self, row: Defended, attacker: str) -> float:
        """Return what a defence took from an attacker, in the metric's unit; NaN where either was not played."""
        bare, held = self.rows[0].reached.get(attacker), row.reached.get(attacker)
        return math.nan if bare is None or held is None else bare.mean - held.mean


def defence_matrices(measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> list[DefenceMatrix]:
    """Return a matrix for each game that was played bare and before a defence.

    Args:
        measurements: the store's, of any suites and data sets.
        rules: by cell, the identity of its scenario's rules.
    """
    found: list[DefenceMatrix] = []
    cells = [rules[cell] for cell in measurements.cell]
    frame = measurements.assign(game=[_game(each) for each in cells], defence=[_defence(each) for each in cells])
    for (suite, dataset, _), group in frame.groupby(["suite", "dataset", "game"], observed=True, sort=False):
        if group.defence.nunique() > 1 and (group.defence == _BARE).any():
            found.append(_matrix(str(suite), str(dataset), group))
    return found


def _game(rules: Mapping[str, Any]) -> str:
    """Return what scenarios have in common that differ in the defence, or in what a replicate draws."""
    return json.dumps({key: value for key, value in pooled(rules).items() if key not in _OF_THE_GAME}, sort_keys=True)


def _defence(rules: Mapping[str, Any]) -> str:
    return json.dumps([rules.get("defence"), rules.get("blocked")], sort_keys=True)


_BARE = _defence({})


def _matrix(suite: str, dataset: str, group: pd.DataFrame) -> DefenceMatrix:
    """Return the matrix of one game: selectors and generators stand in scenarios of their own, and in one row."""
    what = next(name for name in REACHED if name in set(group.metric))
    tables = dict(iter(group.groupby("defence", sort=False)))
    bare = tables.pop(_BARE)
    undefended = _means(group[group.metric.isin(_UNDEFENDED.values())], "metric")
    costs = {cost: undefended[name] for cost, name in _UNDEFENDED.items() if name in undefended}
    first = _row(bare, "", what)
    rows = [Defended("", first.scenario, first.reached, {}, costs)]
    rows += [_row(table, str(table.scenario.iat[0]).rpartition(", ")[2], what) for table in tables.values()]
    names = dict.fromkeys(str(name).removesuffix(", bare") for name in bare.scenario)  # as a list of defences names it
    order = group.drop_duplicates("label").sort_values(["scenario", "position"]).label
    return DefenceMatrix(suite, dataset, " and ".join(names), what, tuple(map(str, order)), tuple(rows))


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
