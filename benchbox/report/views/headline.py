"""The headline of a scenario: who is first at the smallest and the largest budget, how far, against what."""

from __future__ import annotations

from dataclasses import dataclass

from benchbox.report.statistics import Contest, Difference, Interval
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing


@dataclass(frozen=True)
class Lead:
    """Who is first at a budget.

    Attributes:
        sealed: how far the first's players were sealed.
        first: the method of the highest mean.
        open: the methods that the data do not tell from it, best mean first; it leads where there is none.
        main: the metric that decides.
        best: its value for the first, over seeds.
        yardstick: the scenario's plainest method; None where it is not ranked here, or first itself.
        plainest: whether it is first itself.
        gain: how far the first is ahead of the yardstick.
    """

    budget: int
    sealed: str
    first: str
    open: tuple[str, ...]
    main: str
    best: Interval
    yardstick: str | None
    plainest: bool
    gain: Difference | None


def yardstick(view: ScenarioView) -> Standing | None:
    """Return the method that the others are held against: the first ranked one of the suite file, as ``random``."""
    first = next(iter(view.standings.values()), None)
    return first if first and first.ranked else None


def leads(view: ScenarioView) -> list[Lead]:
    """Return who is first at the smallest and at the largest budget; empty where nobody can be ranked."""
    ends = dict.fromkeys((view.budgets[0], view.budgets[-1])) if view.budgets else {}
    return [_lead(view, budget, view.contests[budget]) for budget in ends if budget in view.contests]


def _lead(view: ScenarioView, budget: int, held: Contest) -> Lead:
    first, plain = held.names[0], yardstick(view)
    itself = plain is not None and plain.label == first
    against = plain.label if plain and plain.label in held.names and not itself else None
    return Lead(
        budget=budget,
        sealed=view.standings[first].sealed,
        first=first,
        open=held.open,
        main=view.main,
        best=view.at[first, view.main, ""][budget].interval,
        yardstick=against,
        plainest=itself,
        gain=held.difference(first, against) if against else None,
    )
