"""The headline of a scenario: who leads at the smallest and the largest budget, how far, against what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchbox.report.statistics import Interval, mean_interval
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing


@dataclass(frozen=True)
class Lead:
    """Who leads at a budget.

    Attributes:
        sealed: how far the first's players were sealed.
        leaders: best mean first; no ranked method is significantly better than any of them.
        main: the metric that decides.
        best: its value for the first, over seeds.
        yardstick: the scenario's plainest method; None where it is not ranked here, or leads itself.
        plainest: whether it leads itself.
        gain: the first's value less the yardstick's, over common seeds.
    """

    budget: int
    sealed: str
    leaders: tuple[str, ...]
    main: str
    best: Interval
    yardstick: str | None
    plainest: bool
    gain: Interval | None

    @property
    def tied(self) -> bool:
        """Whether the best cannot be told apart from another method."""
        return len(self.leaders) > 1


def yardstick(view: ScenarioView) -> Standing | None:
    """Return the method that the others are held against: the first ranked one of the suite file, as ``random``."""
    first = next(iter(view.standings.values()), None)
    return first if first and first.ranked else None


def leads(view: ScenarioView) -> list[Lead]:
    """Return who leads at the smallest and at the largest budget; empty where nobody can be ranked."""
    ends = dict.fromkeys((view.budgets[0], view.budgets[-1])) if view.budgets else {}
    return [_lead(view, budget) for budget in ends if view.leaders[budget]]


def _lead(view: ScenarioView, budget: int) -> Lead:
    scores = view.accuracies[budget]
    means = {label: float(np.mean(list(scores[label].values()))) for label in view.leaders[budget]}
    leaders = tuple(sorted(means, key=lambda label: (-means[label], label)))
    best = scores[leaders[0]]
    plain = yardstick(view)
    leads_itself = plain is not None and plain.label == leaders[0]
    against = plain.label if plain and plain.label in scores and not leads_itself else None
    gain = mean_interval([best[seed] - scores[against][seed] for seed in sorted(best)]) if against else None
    return Lead(
        budget,
        view.standings[leaders[0]].sealed,
        leaders,
        view.main,
        mean_interval([best[seed] for seed in sorted(best)]),
        against,
        leads_itself,
        gain,
    )
