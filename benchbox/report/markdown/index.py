"""The index, which fits a screen, how to read the pages, and the page of a suite over all its data sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchbox.report import prose, tables
from benchbox.report.markdown.escape import HEAD, name, paragraph, render_table, words
from benchbox.report.paths import PICTURE, READING, page_path, suite_path
from benchbox.report.plots import Plot
from benchbox.report.suite import Grid, Headline, SuiteView, papers
from benchbox.report.tables import Name, Ready, Table, Words


def render_index(suites: Sequence[SuiteView], picture: Plot | None = None, told: Sequence[str] = ()) -> str:
    """Return the index: a picture, who is first in the first suite, and a line a suite.

    Args:
        suites: in the order in which they are told of.
        picture: what the picture beside it shows.
        told: sentences about where the results come from.
    """
    if not suites:
        return f"{HEAD}\n\n# Leaderboards\n\nThe store holds no results yet.\n"
    parts = [HEAD, "# Leaderboards", prose.INDEX]
    if picture:
        parts[-1] += f" The best of each family on {words(picture.title)}, where an answer is a label:"
        parts.append(
            f"![{picture.y}, over {picture.x}: the best of each family; the tables hold every point]({PICTURE})"
        )
    first = suites[0]
    parts += [f"{prose.FIRST} {tables.sealing(first.sealing)}".strip()] * bool(first.grids)
    parts += [*(_grid(first, grid) for grid in first.grids), render_table(_suites(suites))]
    counted = [f"{words(paper)} ({_counts(found)})" for paper, found in papers(suites).items()]
    parts += [f"Figures that papers print, beside measured ones: {'; '.join(counted)}."] * bool(counted)
    links = f"[How to read these pages]({READING}) · one page to open: `index.html` · [CSV and JSON](data/README.md)"
    parts.append(" ".join((*map(words, told), links)))
    return "\n\n".join(parts) + "\n"


def render_reading() -> str:
    """Return how to read the pages."""
    return "\n\n".join((HEAD, prose.READING, prose.REPORTED, prose.CLAIMS, prose.AGAIN)) + "\n"


def _suites(suites: Iterable[SuiteView]) -> Table:
    rows: list[list[str]] = [[Ready(_link(suite)), Ready(_pages(suite)), Ready(_finding(suite))] for suite in suites]
    return Table(["suite", "pages", "what it finds"], rows, left=3)


def _link(suite: SuiteView) -> str:
    return f"[{words(suite.suite)}]({suite_path(suite.suite).as_posix()})"


def _pages(suite: SuiteView, up: str = "") -> str:
    pages = ((page, page_path(page.suite, page.dataset).as_posix()) for page in suite.pages)
    return ", ".join(f"[{words(page.dataset)}]({up}{path})" for page, path in pages)


def _finding(suite: SuiteView) -> str:
    return "".join(name(part, cell=True) if isinstance(part, Name) else part for part in tables.finding(suite))


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in sorted(found.items()))


def _grid(suite: SuiteView, grid: Grid) -> str:
    """Return who is first in each of the scenarios, at each of the budgets."""
    mixed = tables.mixed(suite.sealing)
    rows: list[list[str]] = [
        [
            Ready(f"{words(headline.page.dataset)}, {words(headline.view.name)}"),
            *(Ready(_first(headline, budget, mixed)) for budget in grid.budgets),
        ]
        for headline in grid.headlines
    ]
    return render_table(Table(["first at", *(f"{budget:,}" for budget in grid.budgets)], rows, left=9))


def _first(of: Headline, budget: int, mixed: bool) -> str:
    lead = of.leads.get(budget)
    if lead is None:
        return ""
    title = tables.title(of.view.standings[lead.first])
    sealed = f", {lead.sealed}" if mixed else ""
    return f"{name(title, cell=True)} {tables.percent(lead.best.mean)}, {tables.leading(lead)}{sealed}"


def render_suite(suite: SuiteView) -> str:
    """Return the page of a suite: what it finds, who is first, and what papers print for them."""
    parts = [HEAD, f"# {words(suite.suite)}", prose.LINKS]
    parts += [paragraph(suite.description)] * bool(suite.description)
    parts += [_finding(suite).replace("\\|", "|"), f"Pages: {_pages(suite, '../')}."]
    found = [headline for headline in suite.headlines if headline.leads]
    above = (tables.sealing(suite.sealing), paragraph(tables.outdated(suite.outdated)))
    parts += filter(None, above)
    if found:
        parts += [prose.HEADLINES, render_table(_headlines(suite, found))]
    if suite.alone:
        rows = [[Name(of.page.dataset), Name(of.view.name), tables.alone(of)] for of in suite.alone]
        parts += ["Nobody is ranked in:", render_table(Table(["data set", "scenario", "why"], rows, left=3))]
    return "\n\n".join(parts) + "\n"


def _headlines(suite: SuiteView, found: Iterable[Headline]) -> Table:
    """Return who is first at the ends of each scenario; how far players were sealed, where leaders differ."""
    mixed = tables.mixed(suite.sealing)
    head = ["scenario", "queries", "first", suite.measured, "told", "over the plainest", "the paper prints"]
    rows = []
    for of in found:
        titles = {label: tables.title(standing) for label, standing in of.view.standings.items()}
        for lead in of.ends:
            sealed = f", {lead.sealed}" if mixed else ""
            rows.append(
                [
                    Ready(f"{name(of.page.dataset, cell=True)}, {name(of.view.name, cell=True)}"),
                    f"{lead.budget:,}",
                    Ready(name(titles[lead.first], cell=True) + sealed),
                    tables.figure(lead.best, lead.best.n),
                    tables.lead([name(titles[label], cell=True) for label in lead.open]),
                    tables.gain(lead) if not lead.plainest else "itself",
                    Words(tables.in_paper(lead, of.page.comparisons[of.view.name]) or "–"),
                ]
            )
    return Table(head, rows, left=1, words=(2, 4, 5, 6))
