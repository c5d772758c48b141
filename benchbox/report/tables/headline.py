"""Who is first in a scenario at a budget, how far, against what; what a suite finds."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from benchbox.report.comparison import Comparison
from benchbox.report.page import PageView
from benchbox.report.paths import page_path, suite_route
from benchbox.report.statistics import Contest, Difference
from benchbox.report.suite import Grid, Headline, SuiteView
from benchbox.report.tables.sentences import mixed
from benchbox.report.tables.words import Aside, Best, Cell, Link, Method, Name, Table, Words, amount, figure
from benchbox.report.views import Lead, ScenarioView

_NAMED = 3  # methods that are not told from the first are named up to here; the rest is counted


def page_link(page: PageView) -> Link:
    """Return a page's data set, which leads there."""
    return Link(page.dataset, suite_route(page.suite, page.dataset), page_path(page.suite, page.dataset))


def scenario_link(page: PageView, view: ScenarioView) -> Cell:
    """Return a scenario's data set, which leads to it, and its name."""
    route = suite_route(page.suite, page.dataset, view.name)
    return (Link(page.dataset, route, page_path(page.suite, page.dataset)), Aside(view.name))


def firsts(suite: SuiteView, grid: Grid) -> Table:
    """Return who is first in each of the scenarios, at each of the budgets."""
    many = mixed(suite.sealing)
    rows = [[scenario_link(of.page, of.view), *(_first(of, at, many) for at in grid.budgets)] for of in grid.headlines]
    head = ["first at", *(f"{budget:,}" for budget in grid.budgets)]
    return Table(head, rows, range(len(head)), "", [_facts(of) for of in grid.headlines])


def _first(of: Headline, budget: int, many: bool) -> Cell:
    lead = of.leads.get(budget)
    if lead is None:
        return ""
    mean, told = amount(lead.best.mean), leading(lead) + (f", {lead.standing.sealed}" if many else "")
    return (Method(lead.standing), " ", mean if lead.open else Best(mean), Aside(told))


def headlines(suite: SuiteView, limit: int | None = None) -> Table:
    """Return who is first at the ends of each scenario; how far players were sealed, where leaders differ."""
    many = mixed(suite.sealing)
    rows: list[list[Cell]] = []
    found = [of for of in suite.headlines if of.leads][:limit]
    for of in found:
        for at in of.ends:
            rows.append(
                [
                    scenario_link(of.page, of.view),
                    f"{at.budget:,}",
                    (Method(at.standing), *([Aside(at.standing.sealed)] if many else [])),
                    figure(at.best, at.best.n),
                    Words(lead(list(map(Method, at.open)))),
                    "itself" if at.plainest else ahead(at.gain) if at.gain else "–",
                    Words(in_paper(at, of.page.comparisons[of.view.name]) or "–"),
                ]
            )
    head = ["scenario", "queries", "first", suite.measured, "told", "over the plainest", "the paper prints"]
    return Table(head, rows, (0, 2, 4, 5, 6), "", [_facts(of) for of in found for _ in of.ends])


def unranked(suite: SuiteView) -> Table | None:
    """Return the scenarios in which nobody is ranked, and why; None where there is none."""
    rows: list[list[Cell]] = [[scenario_link(of.page, of.view), alone(of)] for of in suite.alone]
    return Table(["nobody is ranked in", "why"], rows, range(2)) if rows else None


def _facts(of: Headline) -> dict[str, str]:
    return {"dataset": of.page.dataset, "access": of.view.access}


def lead(open_to: Sequence[str]) -> str:
    """Return whether the first leads, or from whom it is not told; ``open_to``: those, as they are to be named."""
    if not open_to:
        return "leads"
    rest = f" and {len(open_to) - _NAMED} more" * (len(open_to) > _NAMED)
    return f"not told from {', '.join(open_to[:_NAMED])}{rest}"


def leading(found: Lead) -> str:
    """Return how far the first is ahead of the second, and whether that is told: ``leads by 3.1``."""
    ahead = amount(found.ahead.mean)
    return f"first by {ahead}, not told from {len(found.open)}" if found.open else f"leads by {ahead}"


def ahead(difference: Difference) -> str:
    """Return a difference in points with its interval, ``+5.2 (3.0 to 7.4)``."""
    return f"{100 * difference.mean:+.1f} ({100 * difference.low:.1f} to {100 * difference.high:.1f})"


def to_first(held: Contest, name: str) -> str:
    """Return how a method stands to the first: ``leads``, ``behind by 3.1 (1.2 to 5.0)``, ``not told from the first (±4)``."""
    if name == held.names[0]:
        return "first" if held.open else "leads"
    behind = held.difference(held.names[0], name)
    if not behind.told:
        return f"not told from the first (±{100 * behind.half:.1f})"
    return f"behind by {100 * behind.mean:.1f} ({100 * behind.low:.1f} to {100 * behind.high:.1f})"


def in_paper(found: Lead, printed: Iterable[Comparison]) -> str:
    """Return what a paper prints for the first at that budget, and what was measured here; empty where none does."""
    for c in printed:
        if (c.label, c.budget, c.figure.metric) == (found.first, found.budget, found.view.main):
            figure = f"{c.figure.qualifier} {c.figure.value:g}".strip()
            difference = "" if math.isnan(c.difference) else f", {c.difference:+.1f} here"
            return f"{c.figure.paper} {figure}{difference}: {c.verdict}"
    return ""


def finding(suite: SuiteView) -> tuple[str, ...]:
    """Return what a suite finds in one sentence, in parts, of which names are ``Name``."""
    leads = [lead for headline in suite.headlines for lead in headline.leads.values()]
    if not leads and (taken := [part for page in suite.pages for part in _taken(page)]):
        return (taken[0].lstrip(), *taken[1:])
    if not leads:
        return ("Nobody is ranked: all its scenarios have one method, or fewer than five replicates.",)
    wins = Counter(lead.first for lead in leads if not lead.open).most_common()
    places = f"{len(leads)} {'budget' if len(leads) == 1 else 'budgets'}"
    if not wins:
        return (f"At none of {places} is the first told from the next.",)
    (best, count), *others = wins
    over = max((lead for lead in leads if lead.first == best and lead.gain and not lead.open), key=_gain, default=None)
    parts: list[str] = [Name(best), f" leads at {count} of {places}"]
    if over is not None and over.yardstick:
        parts += [f", by up to {amount(_gain(over))} points over ", Name(over.yardstick)]
    for name, times in others[:2]:
        parts += ["; ", Name(name), f" at {times}"]
    rest = len(leads) - sum(times for _, times in wins)
    return (*parts, f"; at {rest} the first is not told from the next." if rest else ".")


def _taken(page: PageView) -> Iterator[str]:
    """Yield behind which defence the mean loss is largest, game by game."""
    for matrix in page.defences:
        lost = {row.name: each for row in matrix.rows[1:] if not math.isnan(each := matrix.lost_in_the_mean(row))}
        if lost:
            most = max(lost, key=lambda name: lost[name])
            many = len(matrix.attackers)
            whose = f"over {many} attackers" if many > 1 else f"of {matrix.attackers[0]}"
            among = f"of {len(lost)} defences " * (len(lost) > 1)
            yield f" {page.dataset}, {matrix.game or matrix.suite}: {among}the mean loss is largest behind "
            yield Name(most)
            yield f", {amount(lost[most])} points {whose}."


def command(page: PageView) -> tuple[str, ...]:
    """Return a sentence with the command that plays a page's suite, or what is missing of it; none of a narrowed suite."""
    if "[" in page.suite:
        return ()
    run = f"benchbox run --suite {shlex.quote(page.suite)} --dataset {shlex.quote(page.dataset)}"
    return ("To play it, or what is missing of it: ", Name(run), ".")


def _gain(lead: Lead) -> float:
    return lead.gain.mean if lead.gain else -math.inf


def alone(headline: Headline) -> str:
    """Return why nobody is ranked in a scenario."""
    played = [standing for standing in headline.view.standings.values() if standing.seeds]
    if len(played) == 1:
        return "one method"
    most = max((len(standing.seeds) for standing in played), default=0)
    return f"{most} replicate{'s' * (most != 1)}" if played else "no result yet"
