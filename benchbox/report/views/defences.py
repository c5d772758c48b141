"""What a defence, or a poorer answer, takes from each thief, and what it costs honest clients: the numbers of a heat map."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchbox.contracts import Access
from benchbox.report.statistics import Difference, Interval, group_intervals, paired
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
_COLUMNS = ["suite", "dataset", "scenario", "position", "label", "seed", "metric", "budget", "value", "n", "cell"]
"""What is read of measurements, which have as many columns more."""
_NO_PROPORTION = ("honest_calibration", "bare_calibration", "honest_distance")


class Run(NamedTuple):
    """What an attacker reached in one replicate, and what was ``drawn`` there: its target, and the attacker's version."""

    drawn: Hashable
    value: float


class Loss(NamedTuple):
    """What a defence took in the mean over attackers, from so many replicates of each."""

    attackers: tuple[str, ...]
    replicates: int
    points: Difference


@dataclass(frozen=True)
class Defended:
    """One row of a matrix: the scenarios with one defence, or one rung of the ladder of answers.

    Attributes:
        name: the defence as the scenario's name tells it; empty for the bare target. Or the rung.
        scenario: the first of them.
        reached: by attacker, what it reached at the last budget.
        runs: by attacker, that by seed.
        first_alarm: by attacker, the query that raised the first alarm, mean over the replicates that had one.
        costs: by metric of ``COSTS``; of the bare target those that are known from beside a defence.
    """

    name: str
    scenario: str
    reached: Mapping[str, Interval]
    runs: Mapping[str, Mapping[int, Run]]
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
        """Return what a defence took from an attacker, in the metric's unit; NaN where not the same replicates played both."""
        taken = self._taken(row, attacker)
        return sum(taken.values()) / len(taken) if taken else math.nan

    def lost_in_the_mean(self, row: Defended) -> Loss | None:
        """Return the mean of that over the attackers of whom it is known; None where none of them share a replicate.

        The intervals of all defences hold together.
        """
        known = {who: taken for who in self.attackers if (taken := self._taken(row, who))}
        seeds = sorted(set.intersection(*map(set, known.values()))) if known else []
        if not seeds:
            return None
        each = np.array([[taken[seed] for seed in seeds] for taken in known.values()])
        return Loss(tuple(known), len(seeds), paired(each.mean(0), len(self.rows) - 1))

    def _taken(self, row: Defended, attacker: str) -> dict[int, float]:
        """Return what a defence took from an attacker, by seed; nothing where not the same replicates played both."""
        bare, held = self.rows[0].runs.get(attacker, {}), row.runs.get(attacker, {})
        if {seed: run.drawn for seed, run in bare.items()} != {seed: run.drawn for seed, run in held.items()}:
            return {}
        return {seed: run.value - held[seed].value for seed, run in bare.items()}


def versions_of(cells: pd.DataFrame) -> dict[str, Hashable]:
    """Return by cell the versions of its method and its trainer, as which it was played; ``cells`` as the store has them."""
    columns = cells[["cell", "version", "trainer_version"]].itertuples(index=False)
    return {cell: (method, trainer) for cell, method, trainer in columns}


def defence_matrices(
    measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], versions: Mapping[str, Hashable]
) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each game that was played bare and before a defence.

    Args:
        measurements: the store's, of any suites and data sets.
        rules: by cell, the identity of its scenario's rules; the same object for cells of one scenario.
        versions: by cell, see ``versions_of``.
    """
    return _matrices(measurements, rules, versions, ("defence", "blocked"), "")


def without_bare(
    matrices: Iterable[DefenceMatrix], measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return suite and data set of the games before a defence that stand in none of ``matrices``: nobody played them bare."""
    shown = {(matrix.suite, matrix.dataset, row.scenario) for matrix in matrices for row in matrix.rows}
    cells = measurements.drop_duplicates("cell")
    places = zip(cells.cell, cells.suite, cells.dataset, cells.scenario, strict=True)
    left = {
        (str(suite), str(dataset)): None
        for cell, suite, dataset, scenario in places
        if rules[cell].get("defence") and (suite, dataset, scenario) not in shown
    }
    return list(left)


def rung_matrices(
    measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], versions: Mapping[str, Hashable]
) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each game that was played with whole probabilities and with poorer answers; see above."""
    return _matrices(measurements, rules, versions, ("access",), Access.PROBABILITIES)


def _matrices(
    measurements: pd.DataFrame,
    rules: Mapping[str, Mapping[str, Any]],
    versions: Mapping[str, Hashable],
    apart: Sequence[str],
    bare: str,
) -> Iterator[DefenceMatrix]:
    """Yield a matrix for each group of scenarios that differ in the keys ``apart`` alone, and in what a replicate draws.

    The first row is of the scenarios whose keys are ``bare``, or unset. Selectors and generators stand in scenarios of their
    own, and in one row.
    """
    base = json.dumps([bare or None] * len(apart))
    frame = _both_ways(measurements, rules, apart, base)
    for (suite, dataset, _), group in frame.groupby(["suite", "dataset", "game"], observed=True, sort=False):
        ordered = group.sort_values("differs", key=lambda differs: differs != base, kind="stable")
        first, others = group[group.differs == base], group[group.differs != base]
        if first.empty or others.empty:
            continue
        what = next(name for name in REACHED if (group.metric == name).any())
        last = group[group.budget == group.groupby("differs").budget.transform("max")]
        reached, alarms = (_means(last[last.metric == each], "label") for each in (what, "first_alarm"))
        costs = _means(last[last.metric.isin(COSTS)], "metric")
        runs = _runs(last[last.metric == what], rules, versions)
        rows = []
        for differs, scenario in ordered.drop_duplicates("differs")[["differs", "scenario"]].itertuples(index=False):
            # a list of defences writes at the end of its scenarios' names which one each is of
            name = json.loads(differs)[0] if bare else "" if differs == base else str(scenario).rpartition(", ")[2]
            held, alarmed, cost = (found.get(differs, {}) for found in (reached, alarms, costs))
            rows.append(Defended(name, str(scenario), held, runs.get(differs, {}), alarmed, cost))
        beside = others[others.metric.isin(_UNDEFENDED.values())].assign(differs=base)
        undefended = _means(beside, "metric").get(base, {})
        known = {cost: undefended[name] for cost, name in _UNDEFENDED.items() if name in undefended}
        rows[0] = replace(rows[0], costs=known, first_alarm={})
        games = dict.fromkeys(str(name).removesuffix(f", {bare or 'bare'}") for name in first.scenario.unique())
        order = ordered.drop_duplicates("label").sort_values(["scenario", "position"]).label
        budget = int(first.budget.max())
        yield DefenceMatrix(
            str(suite), str(dataset), " and ".join(games), what, budget, tuple(map(str, order)), tuple(rows)
        )


def _both_ways(
    measurements: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], apart: Sequence[str], base: str
) -> pd.DataFrame:
    """Return the measurements of the games that were played bare and otherwise, with ``game`` and how each ``differs``."""
    each = {id(of): of for of in rules.values()}  # cells of one scenario share theirs
    game = {key: json.dumps(_shared(of, apart), sort_keys=True) for key, of in each.items()}
    differs = {key: json.dumps([of.get(name) for name in apart], sort_keys=True) for key, of in each.items()}
    ways: dict[str, set[bool]] = {}
    for key in each:
        ways.setdefault(game[key], set()).add(differs[key] == base)
    cells = {cell: id(of) for cell, of in rules.items() if len(ways[game[id(of)]]) > 1}
    frame = measurements.loc[measurements.cell.isin(cells), _COLUMNS]
    keys = [cells[cell] for cell in frame.cell]
    return frame.assign(game=[game[key] for key in keys], differs=[differs[key] for key in keys])


def _shared(rules: Mapping[str, Any], apart: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in pooled(rules).items() if key not in (*apart, "target")}


def _runs(
    rows: pd.DataFrame, rules: Mapping[str, Mapping[str, Any]], versions: Mapping[str, Hashable]
) -> dict[str, dict[str, dict[int, Run]]]:
    """Return each replicate by how a game ``differs``, attacker and seed."""
    found: dict[str, dict[str, dict[int, Run]]] = {}
    columns = rows.dropna(subset=["value"])[["differs", "label", "seed", "cell", "value"]]
    for differs, label, seed, cell, value in columns.itertuples(index=False):
        run = Run((rules[cell].get("target"), versions.get(cell)), float(value))
        found.setdefault(differs, {}).setdefault(str(label), {})[int(seed)] = run
    return found


def _means(rows: pd.DataFrame, by: str) -> dict[str, dict[str, Interval]]:
    """Return means over replicates by how a game ``differs`` and a column."""
    known = rows.dropna(subset=["value"])
    if known.empty:
        return {}
    if by == "metric":  # the cells of one replicate measured the same honest client
        known = known.drop_duplicates(["differs", "metric", "seed"])
    groups = known.groupby(["differs", by], observed=True, sort=False)
    size, names = groups.n.mean(), groups.metric.first()
    share = np.array([metric(str(name)).unit is SHARE for name in names])
    trials = np.where(share & ~names.isin(_NO_PROPORTION), size, math.nan)
    intervals = group_intervals(known.value.to_numpy(), groups.ngroup().to_numpy(), len(size), trials, share)
    found: dict[str, dict[str, Interval]] = {}
    for (differs, name), interval in zip(size.index, intervals.each(), strict=True):
        found.setdefault(differs, {})[str(name)] = interval
    return found
