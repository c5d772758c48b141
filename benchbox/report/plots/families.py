"""The picture of the overview: how well the best method of each family does for the queries that it spends in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from benchbox.report.page import PageView
from benchbox.report.plots.spec import MOST, Curve, Plot, scenario_plot, total_plot
from benchbox.report.suite import SuiteView
from benchbox.report.views import ScenarioView, Summary

DATASET, ACCESS = "mnist", "label"
_FURTHER = 10
"""A family has a second curve where another scenario goes on to as many times the queries."""
_Candidate = tuple[tuple[str, ...], ScenarioView, Summary, float | None]


def families(suites: Iterable[SuiteView]) -> Plot | None:
    """Return accuracy over queries in all, of the best of each family where answers are labels; None without such a scenario.

    A family is a kind of method and what it uses of a scenario's grants. Suites come in the order given, which decides whose
    best is shown. Of query attacks it shows the share of examples that they solve. All are on MNIST, or where the
    store holds none of it, on the first data set that there is.
    """
    pages = [page for suite in suites for page in suite.pages]
    named = [page.dataset for page in pages if any(view.access == ACCESS for view in page.scenarios)]
    if not named:
        return None
    dataset = DATASET if DATASET in named else named[0]
    found = list(_chosen(c for page in pages if page.dataset == dataset for c in _candidates(page)))
    curves = [curve for _, view, line, _ in found if (curve := _of(view, line))]
    target = next((accuracy for *_, accuracy in found if accuracy is not None), None)
    searched = any(view.searched for _, view, *_ in found)
    y = "accuracy, %; of query attacks, solved examples, %" if searched else "accuracy on test images, %"
    shown = tuple(_apart(curves))[:MOST]
    plot = Plot(shown, "queries in all, log scale", y, None if target is None else 100 * target, dataset)
    return plot if len(plot.ticks) > 1 else None


def _candidates(page: PageView) -> Iterator[_Candidate]:
    """Yield the best method of each family of a page's scenarios; the lines of a scenario are the best first."""
    for view in page.scenarios:
        seen: set[tuple[str, ...]] = set()
        for line in view.summaries if view.access == ACCESS and len(view.budgets) > 1 else ():
            family = (line.standing.kind, *line.standing.granted)
            if line.standing.ranked and family not in seen:
                seen.add(family)
                yield family, view, line, page.accuracy(view)


def _chosen(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    last: dict[tuple[str, ...], int] = {}
    for candidate in candidates:
        family, view = candidate[0], candidate[1]
        if view.budgets[-1] >= _FURTHER * last.get(family, 0):
            last[family] = view.budgets[-1]
            yield candidate


def _of(view: ScenarioView, line: Summary) -> Curve | None:
    plot = total_plot(view) if view.searched else scenario_plot(view, None)
    found = next((curve for curve in plot.curves if curve.label == line.standing.label), None)
    word = {"generator": "invents images", "query-attack": "query attack"}.get(line.standing.kind, "")
    return found and replace(found, marks=(*filter(None, (word,)), *found.marks))


def _apart(curves: Iterable[Curve]) -> Iterator[Curve]:
    """Yield curves of different names: a method that comes twice says for how many queries."""
    taken: set[str] = set()
    for curve in curves:
        label = curve.label if curve.label not in taken else f"{curve.label}, to {curve.points[-1][0]:,.0f}"
        taken.add(label)
        yield replace(curve, label=label)
