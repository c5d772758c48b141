"""The index, and the page of a suite over all its data sets: headlines, and which methods differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchbox.report import prose, tables
from benchbox.report.comparison import Comparison
from benchbox.report.markdown.escape import HEAD, name, paragraph, render_table, words
from benchbox.report.paths import critical_path, page_path, suite_path
from benchbox.report.suite import Family, Headline, SuiteView
from benchbox.report.tables import Name, Table, Words
from benchbox.report.views import Lead, ScenarioView


def render_index(suites: Sequence[SuiteView]) -> str:
    """Return the index: the headline of every suite."""
    parts = [HEAD, "# Leaderboards", prose.INDEX]
    for suite in suites:
        title = f"## [{words(suite.suite)}]({suite_path(suite.suite).as_posix()})"
        parts += [title, *_headlines(suite), _links(suite, up="")]
        parts += _over_all(suite)
    if not suites:
        parts.append("The store holds no results yet.")
    parts += [prose.READING, prose.REPORTED, prose.CLAIMS, prose.AGAIN]
    return "\n\n".join(parts) + "\n"


def _links(suite: SuiteView, up: str) -> str:
    links = [
        f"[{words(page.suite)} on {words(page.dataset)}]({up}{page_path(page.suite, page.dataset).as_posix()})"
        for page in suite.pages
    ]
    return "\n".join(f"- {link}" for link in links)


def _headlines(suite: SuiteView) -> list[str]:
    """Return the table of who leads; above it how far players were sealed, where all agree, and other versions than now's."""
    head = ["data set", "scenario", "ranked", "queries", "leads", suite.measured, "tied with", "against", "difference"]
    head += ["the paper prints"] + [tables.SEALED] * tables.mixed(suite.sealing)
    rows = [row[: len(head)] for headline in suite.headlines for row in _headline(headline)]
    table = render_table(Table(head, rows, left=2, words=(4, 6, 7, 9, 10)))
    return [*filter(None, (tables.sealing(suite.sealing), paragraph(tables.outdated(suite.outdated)), table))]


def _headline(of: Headline) -> list[list[str]]:
    """Return a row for the smallest budget and one for the largest."""
    start = [Name(of.page.dataset), Name(of.view.name), tables.ranked(of.view)]
    if not of.leads:
        return [[*start, "–", "nothing to rank yet", *["–"] * 6]]
    return [[*start, *_lead(lead, of.view, of.page.comparisons[of.view.name])] for lead in of.leads]


def _lead(lead: Lead, view: ScenarioView, printed: Sequence[Comparison]) -> list[str]:
    first, *others = (tables.title(view.standings[label]) for label in lead.leaders)
    against = tables.title(view.standings[lead.yardstick]) if lead.yardstick else "itself" if lead.plainest else "–"
    return [
        f"{lead.budget:,}",
        first,
        tables.figure(lead.best, lead.best.n),
        tables.tied([name(other, cell=True) for other in others]) or "–",
        against,
        tables.gain(lead),
        Words(tables.in_paper(lead, printed) or "–"),
        lead.sealed,
    ]


def _over_all(suite: SuiteView) -> list[str]:
    """Return what the suite comes to: how printed figures fare, and who ranks first."""
    verdicts = Counter(c.verdict for page in suite.pages for found in page.comparisons.values() for c in found)
    lines = []
    if verdicts:
        counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        lines.append(f"- Printed figures beside measured ones: {counted}.")
    for family in suite.families:
        if family.found:
            first, rank = next(iter(family.found.ranks.items()))
            tied = " (not alone)" * any(first in clique for clique in family.found.cliques)
            who = name(family.titles[first])
            lines.append(
                f"- {words(family.name)}: {who} ranks first{tied} of {len(family.methods)}, mean rank {rank:.2f}"
                f" over {family.found.blocks} blocks; [the diagram]({suite_path(suite.suite).as_posix()})."
            )
    return ["\n".join(lines)] if lines else []


def render_suite(suite: SuiteView) -> str:
    """Return the page of a suite: its headlines, and which methods differ over all its data sets."""
    parts = [HEAD, f"# {words(suite.suite)}", prose.LINKS]
    if suite.description:
        parts.append(paragraph(suite.description))
    parts += [*_headlines(suite), _links(suite, up="../"), "## Which methods differ", prose.CRITICAL]
    for number, family in enumerate(suite.families, 1):
        parts += _family(suite, family, number)
    return "\n\n".join(parts) + "\n"


def _family(suite: SuiteView, family: Family, number: int) -> list[str]:
    games = ", ".join(f"{name(dataset)} ({words(scenario)})" for dataset, scenario in family.games)
    parts = [f"### {words(family.name)}", f"On {games}."]
    if family.left_out:
        parts.append(f"Left out, not ranked everywhere: {', '.join(name(label) for label in family.left_out)}.")
    if not family.found:
        return [*parts, f"No diagram: {family.why_not}."]
    found = family.found
    told = f"Friedman's test: p = {found.p:.2g} over {found.blocks} blocks, {len(found.ranks)} methods"
    if found.p >= 0.05:
        told += "; it finds no difference at all, so that all belong to one group"
    parts += [
        f"![Mean ranks; the table below holds them]({critical_path(suite.suite, number).name})",
        f"{told}. Critical difference: {found.difference:.2f} ranks.",
        render_table(tables.mean_ranks(found, family.titles)),
    ]
    return parts
