"""Comparing a store's results with a baseline, metric by metric."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from benchbox.distribution import version
from benchbox.errors import BaselineError
from benchbox.records import Status
from benchbox.regression.band import WIDEST, difference
from benchbox.regression.baseline import Baseline, Figure, Group
from benchbox.regression.freeze import figures, identity, one_line_up, quality, targets_of
from benchbox.regression.rules import another_trainer, changes, fixed_differences, trainer_changes, trainer_of
from benchbox.regression.soundness import LEAST_SEEDS
from benchbox.report.statistics import Interval, mean_interval
from benchbox.scoring.metrics import Metric, metric

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store


class Verdict(StrEnum):
    """What is said of a metric."""

    WORSE = "worse"
    MISSING = "missing"
    RULES = "rules differ"
    UNJUDGED = "cannot judge"
    BETTER = "better"
    SAME = "same"

    @property
    def red(self) -> bool:
        """Whether it turns the gate red."""
        return self in (Verdict.WORSE, Verdict.MISSING, Verdict.RULES, Verdict.UNJUDGED)


@dataclass(frozen=True)
class Compared:
    """One metric, before and now. Values are as stored: shares in [0, 1].

    Attributes:
        before: the baseline's mean with its 95 % interval; over the common seeds, where the difference is paired.
        now: the same of the store; None where it is missing or not comparable.
        difference: now minus before; NaN where there is none.
        band: beyond which a difference is more than noise: half the corrected interval, at least the floor.
        pairs: over how many common seeds the difference is paired; 0 where none is common.
        reason: why it is missing, not comparable or not judged.
    """

    dataset: str
    scenario: str
    label: str
    metric: str
    attack: str
    budget: int
    before: Interval
    now: Interval | None
    difference: float
    band: float
    pairs: int
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """Everything that was compared.

    Attributes:
        suite: the suite's name.
        rows: a row a metric, in the baseline's order.
        notes: what changed beside the numbers, a sentence each.
    """

    suite: str
    rows: tuple[Compared, ...]
    notes: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether a metric is worse, missing, not comparable or not judged; or nothing was compared."""
        return not self.rows or any(row.verdict.red for row in self.rows)

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many rows have each verdict; verdicts that none has are left out."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict if found[verdict]}


def compare(baseline: Baseline, store: Store, *, floor: float | None = None) -> Comparison:
    """Compare what a store holds of a baseline's suite with the baseline.

    Args:
        baseline: what is compared with.
        store: the results of now. Run the suite into a fresh one: results that are there already are not run again.
        floor: smallest difference that counts, as a proportion, in place of each metric's own.

    Raises:
        BaselineError: the floor is no number from 0 to ``WIDEST``: no difference would count.
    """
    if floor is not None and not 0 <= floor <= WIDEST:
        raise BaselineError(f"a floor of {100 * floor:g} points judges nothing: give one from 0 to {100 * WIDEST:g}")
    cells, numbers = store.cells(suite=baseline.suite), quality(store.measurements(suite=baseline.suite))
    notes: dict[str, None] = {}
    rows: list[Compared] = []
    newest = ""
    for group in baseline.groups:
        mine = _at(cells, group)
        verdict, reason = _state(store, baseline, group, mine, notes)
        newest = max([newest, *mine.finished.dropna()])
        found = figures(_at(numbers, group))
        for figure in group.figures:
            now = found.get(figure.key, {})
            rows.append(_compared(group, figure, now, verdict, reason, baseline.count, floor))
    return Comparison(baseline.suite, tuple(rows), (*notes, *_general(baseline, newest, rows)))


def _at(frame: pd.DataFrame, group: Group) -> pd.DataFrame:
    dataset, scenario, label = group.place
    return frame[(frame.dataset == dataset) & (frame.scenario == scenario) & (frame.label == label)]


def _state(
    store: Store, baseline: Baseline, group: Group, cells: pd.DataFrame, notes: dict[str, None]
) -> tuple[Verdict, str]:
    """Return ``SAME`` where a group can be compared, else what is wrong with it and why; note what else changed."""
    if cells.empty:
        return Verdict.MISSING, f"the store has no such cell of suite '{baseline.suite}'"
    undone = cells[cells.status != Status.DONE.value]
    if len(undone):
        first = undone.iloc[0]
        return Verdict.MISSING, f"seed {first.seed}: {first.error or 'not run'} ({first.status})"
    if not one_line_up(cells):
        return Verdict.RULES, "its seeds were played by different rules, versions or trainers"
    rules, method, named = identity(store, cells.cell.iloc[0])
    before, now = trainer_of(group.method, group.trainer), trainer_of(method, named)
    wrong = [*fixed_differences(baseline.rules[group.rules], rules), *another_trainer(before, now)]
    if wrong:
        return Verdict.RULES, f"another {', '.join(wrong)}"
    retrained = [seed for seed, sha256 in targets_of(cells).items() if group.target_of.get(seed, sha256) != sha256]
    if retrained:
        return Verdict.RULES, f"the target of seed {retrained[0]} has other weights"
    notes |= dict.fromkeys(changes(f"{group.dataset}, {group.scenario}", baseline.rules[group.rules], rules))
    where = f"{group.dataset}, {group.scenario}, {group.label}"
    notes |= dict.fromkeys([*changes(where, group.method, method), *trainer_changes(where, before, now)])
    return Verdict.SAME, ""


def _compared(
    group: Group,
    figure: Figure,
    now: Mapping[int, float | None],
    verdict: Verdict,
    reason: str,
    comparisons: int,
    floor: float | None,
) -> Compared:
    before = {seed: v for seed, v in zip(group.seeds, figure.values, strict=True) if v is not None}
    values = {seed: v for seed, v in now.items() if v is not None}
    what = metric(figure.metric)
    if verdict is Verdict.SAME:
        verdict, reason = _missing(what, before, now, values)
    if verdict is Verdict.SAME:
        verdict, reason = _beyond(what, before, values)
    if verdict is not Verdict.SAME:
        bare = mean_interval(list(before.values()))
        return Compared(*group.place, *figure.key, bare, None, math.nan, math.nan, 0, verdict, reason)
    found = difference(before, values, comparisons)
    if found.pairs:
        common = before.keys() & values.keys()
        before, values = ({seed: d[seed] for seed in sorted(common)} for d in (before, values))
    band = float(np.maximum(found.half, floor if floor is not None else what.floor or 0.0))  # NaN stays NaN
    verdict, reason = _judged(found.mean, band, what)
    old, new = mean_interval(list(before.values())), mean_interval(list(values.values()))
    return Compared(*group.place, *figure.key, old, new, found.mean, band, found.pairs, verdict, reason)


def _judged(mean: float, band: float, what: Metric) -> tuple[Verdict, str]:
    """Return the verdict of a difference. What is beyond even a wide band is told; what is within one says nothing."""
    if abs(mean) > band:
        return (Verdict.BETTER if (mean > 0) == (what.better == "higher") else Verdict.WORSE), ""
    if band <= WIDEST and math.isfinite(mean):
        return Verdict.SAME, ""
    return Verdict.UNJUDGED, f"its noise band is wider than {100 * WIDEST:g} points; more seeds narrow it"


def _missing(
    what: Metric, before: Mapping[int, float], now: Mapping[int, float | None], values: Mapping[int, float]
) -> tuple[Verdict, str]:
    if what.floor is None:
        return Verdict.MISSING, "this benchbox does not judge it"
    if not values:
        return Verdict.MISSING, "nothing counted in it" if now else "it was not measured"
    lost = [seed for seed in before if seed in now and now[seed] is None]
    if lost:
        return Verdict.MISSING, f"nothing counted in it at seed {lost[0]}"
    return Verdict.SAME, ""


def _beyond(what: Metric, *found: Mapping[int, float]) -> tuple[Verdict, str]:
    """Return ``UNJUDGED`` where a value is none of the metric's, else ``SAME``."""
    for seed, value in (item for values in found for item in values.items()):
        if not what.unit.holds(value):
            return Verdict.UNJUDGED, f"{value:g} at seed {seed} is not {what.unit.range}"
    if len(found[0]) < LEAST_SEEDS:
        return Verdict.UNJUDGED, f"the baseline has fewer than {LEAST_SEEDS} values of it"
    return Verdict.SAME, ""


def _general(baseline: Baseline, newest: str, rows: list[Compared]) -> list[str]:
    notes = []
    if baseline.benchbox != version():
        notes.append(f"the baseline is of benchbox {baseline.benchbox}, this is {version()}")
    if newest and newest <= baseline.newest:
        notes.append(
            "these results are as old as the baseline; to compare other code, run the suite into a fresh store (--db)"
        )
    unpaired = sum(row.now is not None and row.pairs == 0 for row in rows)
    if unpaired:
        notes.append(f"{unpaired} metrics have no seed in common with the baseline: their bands are wider")
    return notes
