"""Plots of more than a scenario's table: one as a user asks for it, and the overview's, of the best of each family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from benchbox.errors import OptionError, UnknownNameError
from benchbox.registry import Catalogue
from benchbox.report.page import PageView, read_pages
from benchbox.report.plots.spec import IN_ALL, MOST_CURVES, UNRANKED, Curve, Plot, scenario_plot, total_plot
from benchbox.report.suite import SuiteView
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.summary import Summary

if TYPE_CHECKING:
    from benchbox.store import Store

Thing = TypeVar("Thing")


def chosen_plot(
    store: Store,
    catalogue: Catalogue,
    suite: str,
    dataset: str = "",
    scenario: str = "",
    *,
    methods: Sequence[str] = (),
    metric: str = "",
    attack: str = "",
    in_all: bool = False,
) -> Plot:
    """Return a plot of a scenario.

    Args:
        store, catalogue: what is drawn, and what says what it is.
        suite: the suite's name.
        dataset, scenario: may be left out where there is one.
        methods: labels, in the order of their colours; all, best first, where none is named.
        metric: the one that methods are ranked by where it is left out.
        attack: the attack that the metric is of.
        in_all: success of query attacks over the queries of a whole run.

    Raises:
        UnknownNameError: the store holds nothing of that name.
        OptionError: there are several, and none is named; an attack stands without a metric, or ``in_all`` beside one; or the
            store holds no such curve.
    """
    pages = read_pages(store, catalogue, [suite])
    page = _one("dataset", dataset, {page.dataset: page for page in pages}, suite)
    view = _one("scenario", scenario, {view.name: view for view in page.scenarios}, suite)
    if in_all and (metric or attack):
        raise OptionError("--in-all draws the solved examples; leave out --metric and --attack")
    _check(view, metric, attack)
    plot = total_plot(view) if in_all else scenario_plot(view, page.accuracy(view), metric, attack)
    if methods:
        curves = {curve.label: curve for curve in plot.curves}
        plot = replace(plot, curves=tuple(_one("method", name, curves, view.name) for name in methods))
    if not plot.curves:
        raise OptionError(f"'{view.name}' of '{suite}' on '{page.dataset}' holds no such curve")
    return replace(plot, title=f"{page.suite} on {page.dataset}: {view.name}")


def _one(what: str, name: str, found: dict[str, Thing], where: str) -> Thing:
    if name:
        if name not in found:
            raise UnknownNameError(what, name, found, f"'{where}'")
        return found[name]
    if len(found) > 1:
        raise OptionError(f"'{where}' has several of --{what}; name one of {', '.join(map(repr, found))}")
    return next(iter(found.values()))


def _check(view: ScenarioView, metric: str, attack: str) -> None:
    if attack and not metric:
        raise OptionError(f"--attack '{attack}' says what a metric is of; name the metric with --metric")
    metrics = sorted({name for _, name, of in view.at})
    if metric and metric not in metrics:
        raise UnknownNameError("metric", metric, metrics, f"'{view.name}'")
    attacks = sorted({of for _, name, of in view.at if of and name == metric})
    if attack and attack not in attacks:
        raise UnknownNameError("attack", attack, attacks, f"'{view.name}'")
    if attacks and not attack and not any(name == metric and not of for _, name, of in view.at):
        raise OptionError(f"'{metric}' is of an attack; name one of {', '.join(map(repr, attacks))} with --attack")


DATASET, ACCESS = "mnist", "label"
_FURTHER = 10
"""A family has a second curve where another scenario goes on to as many times the queries."""


def families(suites: Iterable[SuiteView]) -> Plot | None:
    """Return accuracy over queries in all, of the best of each family where answers are labels; None without such a scenario.

    A family is a kind of method and what it uses of a scenario's grants. Suites come in the order given, which decides whose
    best is shown; scenarios in which nobody is ranked come last, and are drawn hollow. Of query attacks it shows the share of
    examples that they solve. All are on MNIST, or where the store holds none of it, on the first data set that there is.
    """
    pages = [page for suite in suites for page in suite.pages]
    named = [page.dataset for page in pages if any(view.access == ACCESS for view in page.scenarios)]
    if not named:
        return None
    dataset = DATASET if DATASET in named else named[0]
    found = list(_best([page for page in pages if page.dataset == dataset]))
    curves = [curve for page, view, line in found if (curve := _of(page, view, line))]
    target = next((accuracy for page, view, _ in found if (accuracy := page.accuracy(view)) is not None), None)
    searched = any(view.searched for _, view, _ in found)
    y = "accuracy, %; of query attacks, solved examples, %" if searched else "accuracy on test images, %"
    shown = tuple(_apart(curves))[:MOST_CURVES]
    plot = Plot(shown, IN_ALL, y, None if target is None else 100 * target, dataset)
    return plot if len(plot.ticks) > 1 else None


def _best(pages: Iterable[PageView]) -> Iterator[tuple[PageView, ScenarioView, Summary]]:
    """Yield the best method of each family in each scenario; again where a scenario goes on to many more queries."""
    last: dict[tuple[str, ...], int] = {}
    views = [(of, view) for of in pages for view in of.scenarios if view.access == ACCESS and view.has_curves]
    for page, view in sorted(views, key=lambda each: not each[1].contests):
        best: dict[tuple[str, ...], Summary] = {}
        for line in view.summaries:
            if line.standing.ranked:
                best.setdefault((line.standing.kind, *line.standing.granted), line)
        for family, line in best.items():
            further = view.budgets[-1] >= _FURTHER * last.get(family, 0)
            if further if view.contests else family not in last:
                last[family] = view.budgets[-1]
                yield page, view, line


def _of(page: PageView, view: ScenarioView, line: Summary) -> Curve | None:
    plot = total_plot(view) if view.searched else scenario_plot(view, None)
    found = next((curve for curve in plot.curves if curve.label == line.standing.label), None)
    word = {"generator": "invents images", "query-attack": "query attack"}.get(line.standing.kind, "")
    marks = (word, *found.marks, "" if view.contests else UNRANKED) if found else ()
    copied = "" if view.searched else f" ({view.substitute} copies {view.target.rpartition('/')[2]})"
    where = f"{page.suite}, {view.name}{copied}"
    return found and replace(found, marks=tuple(filter(None, marks)), where=where)


def _apart(curves: Iterable[Curve]) -> Iterator[Curve]:
    """Yield curves of different names: a method that comes twice says for how many queries."""
    taken: set[str] = set()
    for curve in curves:
        label = curve.label if curve.label not in taken else f"{curve.label}, to {curve.points[-1][0]:,.0f}"
        taken.add(label)
        yield replace(curve, label=label)
