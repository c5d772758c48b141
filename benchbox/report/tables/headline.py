"""The texts of a headline: who leads a scenario at a budget, how far, against what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from benchbox.report.comparison import Comparison
from benchbox.report.views import Lead, ScenarioView

_NAMED = 3  # methods of a tie that are named; the rest is counted


def ranked(view: ScenarioView) -> str:
    """Return how many of a scenario's methods are ranked."""
    return f"{sum(1 for line in view.summaries if line.rank)} of {len(view.standings)}"


def tied(others: Sequence[str]) -> str:
    """Return the methods, as they are to be named, that cannot be told apart from the first; empty where it is alone."""
    return ", ".join(others[:_NAMED]) + f" and {len(others) - _NAMED} more" * (len(others) > _NAMED)


def gain(lead: Lead) -> str:
    """Return how many points the first is ahead of the scenario's plainest method, or a dash."""
    return f"{100 * lead.gain.mean:+.1f} ± {100 * lead.gain.half:.1f}" if lead.gain else "–"


def in_paper(lead: Lead, printed: Iterable[Comparison]) -> str:
    """Return what a paper prints for the first at that budget, and what was measured here; empty where none does."""
    for c in printed:
        if (c.label, c.budget, c.metric) == (lead.leaders[0], lead.budget, lead.main):
            figure = f"{c.figure.qualifier} {c.figure.value:g}".strip()
            difference = "" if math.isnan(c.difference) else f", {c.difference:+.1f} here"
            return f"{c.figure.paper} {figure}{difference}: {c.verdict}"
    return ""
