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
_NO_PROPORTION = ("honest_calibration", "bare_calibration", "honest_distance")
_RUNG, _DEFENCE = ("access",), ("defence", "blocked")
"""What differs between scenarios that are held against each other, beside what a replicate draws."""


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
        undefended = _means(others[others.metric.isin(_UNDEFENDED.values())], "metric")
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
    cells = [rules[cell] for cell in measurements.cell]
    frame = measurements.assign(
        game=[_same(each, apart) for each in cells], differs=[_differs(each, apart) for each in cells]
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
