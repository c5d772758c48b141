"""The headline of a scenario: who is first at every budget, how far ahead of whom."""

from __future__ import annotations

from dataclasses import dataclass

from benchbox.report.statistics import Contest, Difference, Interval
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing


@dataclass(frozen=True)
class Lead:
    """Who is first at a budget.

    Attributes:
        first: the method of the highest mean.
        sealed: how far its players were sealed.
        open: the methods that the data do not tell from it, best mean first; it leads where there is none.
        main: the metric that decides.
        best: its value for the first, over seeds.
        ahead: how far the first is ahead of the second.
        yardstick: the scenario's plainest method; None where it is not ranked here, or first itself.
        plainest: whether it is first itself.
        gain: how far the first is ahead of the yardstick.
    """

    budget: int
    first: str
    sealed: str
    open: tuple[str, ...]
    main: str
    best: Interval
    ahead: Difference
    yardstick: str | None
    plainest: bool
    gain: Difference | None


def yardstick(view: ScenarioView) -> Standing | None:
    """Return the method that the others are held against: the first ranked one of the suite file, as ``random``."""
    first = next(iter(view.standings.values()), None)
    return first if first and first.ranked else None


def leads(view: ScenarioView) -> dict[int, Lead]:
    """Return who is first by budget, ascending; empty where nobody can be ranked."""
    return {budget: _lead(view, budget, held) for budget, held in sorted(view.contests.items())}


def _lead(view: ScenarioView, budget: int, held: Contest) -> Lead:
    (first, second, *_), plain = held.names, yardstick(view)
    itself = plain is not None and plain.label == first
    against = plain.label if plain and plain.label in held.names and not itself else None
    return Lead(
        budget=budget,
        first=first,
        sealed=view.standings[first].sealed,
        open=held.open,
        main=view.main,
        best=view.at[first, view.main, ""][budget].interval,
        ahead=held.difference(first, second),
        yardstick=against,
        plainest=itself,
        gain=held.difference(first, against) if against else None,
    )
