"""Who is first in a scenario at a budget, how far, and against what."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Sequence

from benchbox.report.comparison import Comparison
from benchbox.report.page import PageView
from benchbox.report.paths import page_path, suite_route
from benchbox.report.statistics import Contest, Difference
from benchbox.report.suite import Grid, Headline, SuiteView
from benchbox.report.tables.sentences import alone, best_by_mean, named, played_by, to_play
from benchbox.report.tables.words import (
    LESS,
    Aside,
    Best,
    Cell,
    Link,
    Method,
    Name,
    Table,
    Words,
    amount,
    figure,
    joined,
    margin,
)
from benchbox.report.views.scenario import Lead, ScenarioView
from benchbox.suites import Suite


def page_link(page: PageView) -> Link:
    """Return a page's data set, which leads there."""
    return Link(page.dataset, suite_route(page.suite, page.dataset), page_path(page.suite, page.dataset))


def scenario_link(page: PageView, view: ScenarioView) -> Cell:
    """Return a scenario's data set, which leads to it, and its name."""
    route = suite_route(page.suite, page.dataset, view.name)
    return (Link(page.dataset, route, page_path(page.suite, page.dataset)), Aside(view.name))


def firsts(grid: Grid) -> Table:
    """Return who is first in each of the scenarios, at each of the budgets."""
    rows = [[scenario_link(of.page, of.view), *(_first(of, at) for at in grid.budgets)] for of in grid.headlines]
    unit = "queries an example" if grid.headlines[0].view.searched else "queries"
    head = [f"first, by {unit}", *(f"{budget:,}" for budget in grid.budgets)]
    return Table(head, rows, range(len(head)), "", [_facts(of) for of in grid.headlines])


def _first(of: Headline, budget: int) -> Cell:
    found = of.leads.get(budget)
    if found is None:
        return ""
    mean, ahead = amount(found.best.mean), margin(found.ahead.mean)
    if found.equal:
        told = equal([standing.label for standing in found.equal], [standing.label for standing in found.open])
    elif found.open:
        told = f"first by {ahead}, {lead([standing.label for standing in found.open])}"
    else:
        told = f"leads by {ahead}"
    return (Method(found.standing), " ", mean if found.open else Best(mean), Aside(told))


def headlines(suite: SuiteView, limit: int | None = None) -> Table:
    """Return who is first at the ends of each scenario."""
    rows: list[list[Cell]] = []
    found = [of for of in suite.headlines if of.leads][:limit]
    for of in found:
        for at in of.ends:
            rows.append(
                [
                    scenario_link(of.page, of.view),
                    f"{at.budget:,}",
                    Method(at.standing),
                    figure(at.best, at.best.n),
                    Words(equal(list(map(Method, at.equal)), list(map(Method, at.open)))),
                    "–" if at.over is None else "itself" if at.over[0] == at.first else ahead(at.over[1]),
                    Words(in_paper(at, of.page.comparisons[of.view.name]) or "–"),
                ]
            )
    head = ["scenario", "queries", "first", suite.measured, "told", "over the plainest", "the paper prints"]
    return Table(head, rows, (0, 2, 4, 5, 6), "", [_facts(of) for of in found for _ in of.ends])


def unranked(suite: SuiteView) -> Table | None:
    """Return the scenarios in which nobody is ranked, why, and the best mean; None where there is none."""
    found = [(of, best_by_mean(of.view) or "–") for of in suite.alone]
    rows: list[list[Cell]] = [[scenario_link(of.page, of.view), alone(of), best] for of, best in found]
    return Table(["not ranked", "why", "best by mean"], rows, range(3)) if rows else None


def waiting(suites: Iterable[Suite]) -> Table:
    """Return suites that nobody has played, each with the command that does."""
    rows: list[list[Cell]] = [
        [Name(of.name), Words(of.title), Name(f"benchbox run --suite {shlex.quote(of.name)}")] for of in suites
    ]
    return Table(["not played yet", "what it is", "to play it"], rows, range(3))


def _facts(of: Headline) -> dict[str, str]:
    return {"dataset": of.page.dataset, "access": of.view.access}


def lead(open_to: Sequence[str]) -> str:
    """Return whether the first leads, or from whom it is not told; ``open_to``: those, as they are to be named."""
    return f"not told from {named(open_to, 2)}" if open_to else "leads"


def equal(equal_to: Sequence[str], open_to: Sequence[str]) -> str:
    """Return with whom the first shares its place, and whether it leads or from whom else it is not told."""
    others = [name for name in open_to if name not in equal_to]
    if not equal_to:
        return lead(open_to)
    return f"first with {named(equal_to, 2)}" + (f", {lead(others)}" if others else "")


def ahead(difference: Difference) -> str:
    """Return a difference in points with its interval, ``+5.2 (3.0 to 7.4)``; where all replicates are equal, in words."""
    if difference.none:
        return "equal in every run"
    return f"{100 * difference.mean:+z.1f} ({100 * difference.low:z.1f} to {100 * difference.high:z.1f})"


def to_first(held: Contest, name: str) -> str:
    """Return how a method stands to the first: ``leads``, ``behind by 3.1 (1.2 to 5.0)``, ``not told from the first (±4)``."""
    if name == held.names[0]:
        return "first" if held.open else "leads"
    behind = held.difference(held.names[0], name)
    if behind.none:
        return "equal to the first in every run"
    ends = f"{100 * behind.low:z.1f} to {100 * behind.high:z.1f}"
    if behind.told:
        by = margin(behind.mean)
        return f"behind by {by}{f' ({ends})' * (by != LESS)}"
    around = ends if behind.cut else f"±{100 * behind.half:.1f}"
    return f"not told from the first ({around})"


def in_paper(found: Lead, printed: Iterable[Comparison]) -> str:
    """Return what a paper prints for the first at that budget, and what was measured here; empty where none does."""
    for c in printed:
        if (c.label, c.budget, c.figure.metric) == (found.first, found.budget, found.view.main):
            figure = f"{c.figure.qualifier} {c.figure.value:g}".strip()
            difference = "" if math.isnan(c.difference) else f", {c.difference:+z.1f} here"
            return f"{c.figure.paper} {figure}{difference}: {c.verdict}"
    return ""


def command(page: PageView) -> tuple[str, ...]:
    """Return a sentence with the command that plays a page's suite, or what is missing of it; none where none is known."""
    run = to_play(page)
    return ("To play it, or what is missing of it: ", Name(run), ".") if run else ()


def lacking(page: PageView) -> Table | None:
    """Return what of the suite file stands on the page with no cell: methods by scenario; None where everything does."""
    played = {view.name for view in page.scenarios}
    rows: list[list[Cell]] = [
        [Name(name), joined(", ", ([Name(label)] for label in missing)) if name in played else Words("all methods")]
        for name, missing in page.unplayed
    ]
    return Table(["not played yet, scenario", "methods"], rows, range(2)) if rows else None


def elsewhere(suite: SuiteView) -> tuple[str, ...]:
    """Return a sentence on the data sets of the suite file that nobody has played, with the commands; empty where none is."""
    rest = sorted(set(suite.pages[0].datasets) - {page.dataset for page in suite.pages})
    runs = [run for dataset in rest if (run := played_by(suite.suite, dataset))]
    return ("Not played yet: ", *joined(", ", ([Name(run)] for run in runs)), ".") if runs else ()
