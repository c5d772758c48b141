"""What an audit found: each method's curve of agreement with the target, and what fools it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchbox.contracts import Access, Threat
from benchbox.records import Status
from benchbox.report.statistics import Interval, mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store
    from benchbox.suites import ScenarioTable

AGREES = 0.9
"""The share of test images on which a copy must agree with the model to count as one."""


FOOLED = "asr_untargeted"
"""Of the images that the model classifies rightly, the share that it no longer does."""


SEARCHED = "query_success"
"""Of the images that the model classifies rightly, the share that a query attack has turned wrong."""


@dataclass(frozen=True)
class Figure:
    """One number, and where it comes from.

    Attributes:
        value: mean over the seeds, with its interval; of one seed, the test sample's.
        cells: the cells that it was measured in, a seed each.
        n: test images, or adversarial examples, in each.
    """

    value: Interval
    cells: tuple[str, ...]
    n: int


@dataclass(frozen=True)
class Thief:
    """One method in one scenario.

    Attributes:
        scenario, label: where it stands in the suite.
        access: what it was answered.
        owns: whether it has images of its own of the model's kind.
        agreement: share of test images on which copy and model agree, by budget, ascending.
        fooled: by attack, the share of rightly classified test images that it turned wrong with its last copy.
    """

    scenario: str
    label: str
    access: Access
    owns: bool
    agreement: Mapping[int, Figure]
    fooled: Mapping[str, Figure]

    @property
    def cost(self) -> int | None:
        """The least budget measured at which the copy agrees often enough; None where it never does."""
        return next((budget for budget, figure in self.agreement.items() if figure.value.mean >= AGREES), None)

    @property
    def best(self) -> Figure:
        """The agreement at that budget, or, where it is never enough, after the most queries."""
        return self.agreement[self.cost or max(self.agreement)]


@dataclass(frozen=True)
class Searcher:
    """One query attack: it changes images one by one, and asks the model while it does.

    Attributes:
        scenario, label, access: as of a thief.
        threat: how far its images may lie from those that it started from.
        success: share of rightly classified test images that it turned wrong, by questions an image, ascending.
    """

    scenario: str
    label: str
    access: Access
    threat: Threat
    success: Mapping[int, Figure]


@dataclass(frozen=True)
class Unplayed:
    """A cell without a result, and why."""

    cell: str
    scenario: str
    label: str
    seed: int
    status: str
    why: str


@dataclass(frozen=True)
class Findings:
    """All of them; thieves and searchers in the order of the suite."""

    thieves: tuple[Thief, ...]
    searchers: tuple[Searcher, ...]
    unplayed: tuple[Unplayed, ...]

    def of(self, access: Access) -> list[Thief]:
        """Return those that were answered so, the cheapest first; of those that cost the same or never succeed, the nearest."""
        mine = [thief for thief in self.thieves if thief.access is access]
        return sorted(mine, key=lambda thief: (thief.cost or math.inf, -thief.best.value.mean))


def find(store: Store, suite: str, dataset: str, scenarios: Iterable[ScenarioTable]) -> Findings:
    """Read what a store holds of an audit's scenarios; what was not played is told of all of them.

    Args:
        store: the results.
        suite: the suite's name in it.
        dataset: the owner's data set.
        scenarios: those to read.
    """
    frame = store.measurements(suite=suite, dataset=dataset, metric=["fidelity", FOOLED, SEARCHED])
    places = store.cells(suite=suite, dataset=dataset)
    found = [
        _searcher(frame, scenario, label) if scenario.searches else _thief(frame, scenario, label)
        for scenario in scenarios
        for label in dict.fromkeys(places[places.scenario == scenario.name].sort_values("position").label)
    ]
    thieves = tuple(one for one in found if isinstance(one, Thief))
    searchers = tuple(one for one in found if isinstance(one, Searcher))
    columns = zip(
        *(places[name].tolist() for name in ("cell", "scenario", "label", "seed", "status", "error")), strict=True
    )
    unplayed = [
        Unplayed(cell, where, label, seed, status, why or "it was not played yet")
        for cell, where, label, seed, status, why in columns
        if status != Status.DONE
    ]
    return Findings(thieves, searchers, tuple(unplayed))


def _thief(frame: pd.DataFrame, scenario: ScenarioTable, label: str) -> Thief | None:
    mine = frame[(frame.scenario == scenario.name) & (frame.label == label)]
    copies = mine[mine.metric == "fidelity"]
    if copies.empty:
        return None
    last = copies.budget.max()
    attacks = mine[(mine.metric != "fidelity") & (mine.budget == last)]
    return Thief(
        scenario.name,
        label,
        scenario.access.form,
        scenario.plays == "selector",
        {budget: figure_of(copies[copies.budget == budget]) for budget in sorted(set(copies.budget.tolist()))},
        {
            str(attack): figure_of(rows)
            for attack, rows in attacks.groupby("attack", observed=True)
            if len(rows.dropna())
        },
    )


def _searcher(frame: pd.DataFrame, scenario: ScenarioTable, label: str) -> Searcher | None:
    mine = frame[(frame.scenario == scenario.name) & (frame.label == label) & (frame.metric == SEARCHED)].dropna()
    if mine.empty or scenario.threat is None:
        return None
    success = {budget: figure_of(mine[mine.budget == budget]) for budget in sorted(set(mine.budget.tolist()))}
    return Searcher(scenario.name, label, scenario.access.form, scenario.threat.threat, success)


def figure_of(rows: pd.DataFrame) -> Figure:
    """Return the mean of a frame's values over its seeds, with the cells that it comes from."""
    rows = rows.dropna(subset=["value"]).sort_values("seed")
    n = int(rows.n.iloc[0])
    return Figure(mean_interval(rows.value.to_numpy(), trials=n), tuple(rows.cell), n)
