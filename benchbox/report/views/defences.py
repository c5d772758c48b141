"""What a defence, or a poorer answer, takes from each thief, and what it costs honest clients: the numbers of a heat map."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

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
_NO_PROPORTION = ("honest_calibration", "bare_calibration", "honest_distance")
_RUNG, _DEFENCE = ("access",), ("defence", "blocked")
"""What differs between scenarios that are held against each other, beside what a replicate draws."""
_COLUMNS = ["suite", "dataset", "scenario", "position", "label", "seed", "metric", "budget", "value", "n"]
"""What is read of measurements, which have twenty columns more."""
_Measured = tuple[str, str, int, float, int]
"""Metric, label, seed, value, and of how many examples."""


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
    for suite, dataset, bare, others in _games(measurements, rules, _DEFENCE, _BARE):
        undefended = _means(_measured(others), _UNDEFENDED.values(), "metric")
        costs = {cost: undefended[name] for cost, name in _UNDEFENDED.items() if name in undefended}
        parts = [(table, _end(table)) for _, table in others.groupby("differs", sort=False)]
        yield _matrix(suite, dataset, [(bare, ""), *parts], ", bare", costs)


def rung_matrices(measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each game that was played with whole probabilities and with poorer answers; see above."""
    for suite, dataset, whole, others in _games(measurements, rules, _RUNG, _WHOLE):
        parts = [(table, json.loads(str(rung))[0]) for rung, table in others.groupby("differs", sort=False)]
        yield _matrix(suite, dataset, [(whole, Access.PROBABILITIES), *parts], f", {Access.PROBABILITIES}")


def _games(
    measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], apart: Sequence[str], first: str
) -> Iterator[tuple[str, str, pd.DataFrame, pd.DataFrame]]:
    """Yield suite, data set, the rows of the ``first`` kind and the others, of scenarios that differ in nothing else."""
    # once a cell, not once a measurement of it
    same, differs = ({cell: of(rules[cell], apart) for cell in measurements.cell.unique()} for of in (_same, _differs))
    frame = measurements[_COLUMNS].assign(
        game=[same[cell] for cell in measurements.cell], differs=[differs[cell] for cell in measurements.cell]
    )
    for (suite, dataset, _), group in frame.groupby(["suite", "dataset", "game"], observed=True, sort=False):
        base = group.differs == first
        if base.any() and not base.all():
            yield str(suite), str(dataset), group[base], group[~base]


def _same(rules: Mapping[str, Any], apart: Sequence[str]) -> str:
    """Return what scenarios have in common that differ in some keys, or in what a replicate draws."""
    return json.dumps({k: value for k, value in pooled(rules).items() if k not in (*apart, "target")}, sort_keys=True)


def _differs(rules: Mapping[str, Any], apart: Sequence[str]) -> str:
    return json.dumps([rules.get(key) for key in apart], sort_keys=True)


_BARE, _WHOLE = _differs({}, _DEFENCE), _differs({"access": Access.PROBABILITIES}, _RUNG)


def _end(rows: pd.DataFrame) -> str:
    """Return the end of a scenario's name, where a list of defences writes which one it is."""
    return str(rows.scenario.iat[0]).rpartition(", ")[2]


def _matrix(
    suite: str,
    dataset: str,
    parts: Sequence[tuple[pd.DataFrame, str]],
    end: str,
    costs: Mapping[str, Interval] | None = None,
) -> DefenceMatrix:
    """Return the matrix of one game: selectors and generators stand in scenarios of their own, and in one row.

    Args:
        suite, dataset: where it stands.
        parts: the measurements of each row, and its name.
        end: what a list writes behind the names of the first row's scenarios.
        costs: of the first row.
    """
    import pandas as pd

    first, known = parts[0][0], {str(each) for rows, _ in parts for each in rows.metric.unique()}
    what = next(name for name in REACHED if name in known)
    rows = [_row(table, name, what) for table, name in parts]
    rows[0] = replace(rows[0], costs=costs or {}, first_alarm={})
    names = dict.fromkeys(str(name).removesuffix(end) for name in first.scenario)
    order = pd.concat([rows for rows, _ in parts]).drop_duplicates("label").sort_values(["scenario", "position"]).label
    budget = int(first.budget.max())
    return DefenceMatrix(suite, dataset, " and ".join(names), what, budget, tuple(map(str, order)), tuple(rows))


def _row(rows: pd.DataFrame, name: str, what: str) -> Defended:
    last = rows[rows.budget == rows.budget.max()]
    measured = _measured(last)
    reached, first = (_means(measured, (each,), "label") for each in (what, "first_alarm"))
    return Defended(name, str(rows.scenario.iat[0]), reached, first, _means(measured, COSTS, "metric"))


def _measured(rows: pd.DataFrame) -> list[_Measured]:
    return list(zip(*(rows[name] for name in ("metric", "label", "seed", "value", "n")), strict=True))


def _means(measured: Iterable[_Measured], metrics: Collection[str], by: str) -> dict[str, Interval]:
    """Return means of metrics over replicates, by a column; the cells of one replicate measured the same honest client."""
    values: dict[str, dict[int, tuple[float, int]]] = {}
    share: dict[str, bool] = {}
    for row, (of, label, seed, value, n) in enumerate(measured):
        if of in metrics and not math.isnan(value):
            name, replicate = (of, seed) if by == "metric" else (label, row)
            values.setdefault(name, {}).setdefault(replicate, (value, n))
            share.setdefault(name, metric(of).unit is SHARE)
    found: dict[str, Interval] = {}
    for name, each in values.items():
        counts = share[name] and name not in _NO_PROPORTION
        trials = sum(n for _, n in each.values()) / len(each) if counts else math.nan
        found[name] = mean_interval(np.array([value for value, _ in each.values()]), trials=trials, share=share[name])
    return found
