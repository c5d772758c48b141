"""The pages: the index, which fits a screen, how to read them, a suite over all its data sets, a suite on one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchbox.report import prose
from benchbox.report.markdown.escape import HEAD, folded, inner, paragraph, render_table, words
from benchbox.report.page import PageView
from benchbox.report.paths import PICTURE, READING, plot_path, slug, suite_path, suite_route
from benchbox.report.plots import Plot, scenario_plots
from benchbox.report.suite import SuiteView, papers
from benchbox.report.tables.defences import matrix_tables, reached
from benchbox.report.tables.headline import command, elsewhere, firsts, headlines, lacking, page_link, unranked, waiting
from benchbox.report.tables.parts import parts
from benchbox.report.tables.printed import near, why
from benchbox.report.tables.rules import rules, targets
from benchbox.report.tables.scenario import columns, ranking
from benchbox.report.tables.sentences import above, finding, left_out, outdated, sealing
from benchbox.report.tables.words import Cell, Link, Name, Table, joined
from benchbox.report.views.defences import DefenceMatrix
from benchbox.report.views.points import few
from benchbox.report.views.scenario import ScenarioView
from benchbox.suites import Suite


def _joined(parts: Iterable[str]) -> str:
    """Return parts of a page as one text; empty ones are left out."""
    return "\n\n".join(filter(None, (HEAD, *parts))) + "\n"


def render_index(
    suites: Sequence[SuiteView],
    picture: Plot | None = None,
    told: Sequence[str] = (),
    unplayed: Sequence[Suite] = (),
) -> str:
    """Return the index: a picture, who is first in the first suite, and a line a suite.

    ``suites`` are told of in that order, ``picture`` stands beside the page, ``told`` says where results come from;
    ``unplayed`` suites come last.
    """
    if not suites:
        return _joined(["# Leaderboards", "The store holds no results yet."])
    parts, first = ["# Leaderboards", prose.INDEX], suites[0]
    if picture:
        parts[-1] += f" The best of each family on {words(picture.title)}, where an answer is a label:"
        parts.append(
            f"![{picture.y}, over {picture.x}: the best of each family; the CSV files in data/ have every point]({PICTURE})"
        )
        parts.append(paragraph(picture.sources))
    parts += [f"{prose.FIRST.format(words(first.suite))} {words(sealing(first.views))}"] * bool(first.grids)
    parts += [render_table(firsts(grid), "") for grid in first.grids]
    parts += [prose.BUDGETS] * any(grid.some for grid in first.grids)
    rows: list[list[Cell]] = [
        [Link(of.suite, suite_route(of.suite), suite_path(of.suite)), _pages(of), finding(of)] for of in suites
    ]
    parts.append(render_table(Table(["suite", "pages", "what it finds"], rows, range(3)), ""))
    parts += [*_papers(suites), render_table(waiting(unplayed), "") if unplayed else ""]
    links = f"[How to read these pages]({READING}) · one page to open: `index.html` · [CSV and JSON](data/README.md)"
    return _joined([*parts, " ".join((*map(words, told), links))])


def _pages(suite: SuiteView) -> tuple[str, ...]:
    return joined(", ", ([page_link(page)] for page in suite.pages))


def render_reading() -> str:
    """Return how to read the pages."""
    return _joined([prose.reading().rstrip()])


def render_suite(suite: SuiteView) -> str:
    """Return the page of a suite: what it finds, who is first, and what papers print for them."""
    parts = [f"# {words(suite.suite)}", prose.LINKS, paragraph(suite.description)]
    parts += [inner(finding(suite)), f"Pages: {inner(_pages(suite))}.", inner(elsewhere(suite))]
    parts += [paragraph(sealing(suite.views)), paragraph(outdated(suite.outdated))]
    found = headlines(suite)
    parts += [prose.HEADLINES, render_table(found)] if found.rows else []
    rest = unranked(suite)
    return _joined([*parts, render_table(rest) if rest else "", *_papers([suite])])


def _papers(suites: Sequence[SuiteView]) -> Iterator[str]:
    for paper, found in papers(suites).items():
        verdicts = Counter(c.verdict for c in found)
        counted = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
        yield paragraph(f"{paper}: {near(found)} Verdicts: {counted}. {why(found)}")


def render_page(page: PageView) -> str:
    """Return the page of a suite on a data set."""
    whole = f" · [{words(page.suite)} on all data sets]({suite_path(page.suite).name})"
    parts = [f"# {words(page.suite)} on {words(page.dataset)}", prose.LINKS + whole, paragraph(page.description)]
    parts.append(inner(command(page)))
    parts += [render_table(rest)] if (rest := lacking(page)) else []
    parts += ["## Targets", render_table(targets(page)) if page.targets else "None has been attacked yet."]
    for matrix in page.defences:
        parts += [f"## Defences: {words(matrix.game or matrix.suite)}", prose.DEFENCES, _reached(matrix)]
        parts += map(render_table, matrix_tables(matrix))
    for matrix in page.rungs:
        parts += [f"## Answers: {words(matrix.game)}", prose.RUNGS, _reached(matrix)]
        parts += map(render_table, matrix_tables(matrix))
    for view in page.scenarios:
        parts += _scenario(page, view)
    return _joined(parts)


def _reached(matrix: DefenceMatrix) -> str:
    return f"The figures: {words(reached(matrix))}."


def _scenario(page: PageView, view: ScenarioView) -> Iterator[str]:
    yield f"## Scenario: {words(view.name)}"
    yield "\n".join(f"- {term}: {_harmless(text)}." for term, text in rules(page, view))
    for end, plot in scenario_plots(view, page.accuracy(view)).items():
        file = plot_path(page.suite, page.dataset, view.name, end).name
        yield f"![{view.word.capitalize()}, %, over {plot.x}; the CSV file in data/ has every point]({file})"
    for text in above(page, view):
        yield paragraph(text) if isinstance(text, str) else inner(text)
    yield render_table(ranking(view))
    yield _meanings(columns(view, page.short))
    yield inner(left_out(view))
    more = f", and all {len(view.budgets)} budgets, of which the tables show some"
    csv = f"../data/{slug(page.suite)}/{slug(page.dataset)}.csv"
    yield f"[The CSV]({csv}) has every replicate's value{more if len(view.budgets) > len(few(view.budgets)) else ''}."
    for part in parts(page, view):
        yield f"### {part.title}"
        yield part.before
        yield from map(render_table, part.tables)
        yield _meanings(part.meanings)
        for title, items in part.notes.items():
            yield f"{title}:"
            yield "\n".join(folded(f"{i}. {words(item)}") for i, item in enumerate(items, 1))


def _meanings(found: Mapping[str, str]) -> str:
    return "\n".join(f"- *{title}*: {_harmless(text)}." for title, text in found.items())


def _harmless(text: Cell) -> str:
    return inner(text) if isinstance(text, tuple | Name) else words(text)
