"""One plot of a store, as a user asks for it: a scenario, a metric, methods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from benchbox.errors import OptionError, UnknownNameError
from benchbox.registry import Catalogue
from benchbox.report.page import read_pages
from benchbox.report.plots.spec import Plot, scenario_plot, total_plot
from benchbox.report.views import ScenarioView

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
        OptionError: there are several, and none is named; or the store holds no such curve.
    """
    pages = read_pages(store, catalogue, [suite])
    page = _one("dataset", dataset, {page.dataset: page for page in pages}, suite)
    view = _one("scenario", scenario, {view.name: view for view in page.scenarios}, suite)
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
    metrics = sorted({name for _, name, of in view.at})
    if metric and metric not in metrics:
        raise UnknownNameError("metric", metric, metrics, f"'{view.name}'")
    attacks = sorted({of for _, name, of in view.at if of and name == metric})
    if attack and attack not in attacks:
        raise UnknownNameError("attack", attack, attacks, f"'{view.name}'")
    if attacks and not attack and not any(name == metric and not of for _, name, of in view.at):
        raise OptionError(f"'{metric}' is of an attack; name one of {', '.join(map(repr, attacks))} with --attack")
