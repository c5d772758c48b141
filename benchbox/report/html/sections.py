"""What the page says, section by section, from the views that the Markdown prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchbox.registry import Registry
from benchbox.report import markdown, prose, tables
from benchbox.report.html.curves import Plot, accuracy_curves
from benchbox.report.html.grids import Grid, grid
from benchbox.report.html.routes import suite_route
from benchbox.report.page import PageView
from benchbox.report.views import ScenarioView

if TYPE_CHECKING:
    from benchbox.store import Store


@dataclass(frozen=True)
class Part:
    """A titled grid of a scenario; ``open`` is shown at first, others on demand."""

    title: str
    grids: tuple[Grid, ...]
    open: bool = False
    before: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScenarioSection:
    """One scenario of a page."""

    route: str
    view: ScenarioView
    headline: Headline
    rules: tuple[tuple[str, str], ...]
    plot: Plot | None
    ranking: Grid
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Headline:
    """A scenario in one line: who leads, how far, at which budget."""

    leaders: tuple[str, ...]
    accuracy: str
    budget: str
    target: str
    ranked: int
    methods: int


@dataclass(frozen=True)
class PageSection:
    """One suite on one data set."""

    route: str
    page: PageView
    scenarios: tuple[ScenarioSection, ...]
    targets: Grid | None


@dataclass(frozen=True)
class Site:
    """The whole page."""

    pages: tuple[PageSection, ...]
    choices: dict[str, list[str]]


def read_site(store: Store, registry: Registry, pages: Sequence[PageView]) -> Site:
    """Return everything that the page says."""
    cells = store.cells()
    cells = cells[cells["suite"] != ""]
    sections = tuple(_page(page, cells, i) for i, page in enumerate(pages))
    return Site(sections, _choices(pages))


def _choices(pages: Sequence[PageView]) -> dict[str, list[str]]:
    """Return what each filter can be set to."""
    standings = [s for page in pages for view in page.scenarios for s in view.standings.values()]
    views = [view for page in pages for view in page.scenarios]
    return {
        "method": sorted({s.label for s in standings}),
        "kind": sorted({s.kind for s in standings}),
        "access": sorted({view.access for view in views}),
        "dataset": sorted({page.dataset for page in pages}),
        "budget": [str(budget) for budget in sorted({budget for view in views for budget in view.budgets})],
    }


def _page(page: PageView, cells: pd.DataFrame, number: int) -> PageSection:
    mine = cells[(cells["suite"] == page.suite) & (cells["dataset"] == page.dataset)]
    methods = {name: _methods(rows) for name, rows in mine.groupby("scenario", observed=True)}
    made = tuple(
        _scenario(page, view, methods.get(view.name, {}), f"p{number}-{i}") for i, view in enumerate(page.scenarios)
    )
    found = grid(tables.targets(page), "Targets") if page.targets else None
    return PageSection(suite_route(page.suite, page.dataset), page, made, found)


def _methods(rows: pd.DataFrame) -> dict[str, str]:
    return dict(zip(rows["label"], rows["method"], strict=True))


def _scenario(page: PageView, view: ScenarioView, methods: Mapping[str, str], ident: str) -> ScenarioSection:
    target = page.targets.get(view.target_sha256)
    accuracy = float(target["accuracy"]) if target else None
    return ScenarioSection(
        route=suite_route(page.suite, page.dataset, view.name),
        view=view,
        headline=headline(page, view),
        rules=_rules(page, view),
        plot=accuracy_curves(view, accuracy, ident) if view.budgets else None,
        ranking=grid(tables.ranking(view), "Ranking", view, methods),
        parts=tuple(_parts(page, view, methods)),
    )


def headline(page: PageView, view: ScenarioView) -> Headline:
    """Return a scenario in one line."""
    first = [line for line in view.summaries if line.standing.label in view.front]
    target = page.targets.get(view.target_sha256)
    last = first[0].last if first else None
    return Headline(
        leaders=tuple(line.standing.label for line in first),
        accuracy=tables.with_half(last.mean, last.half, last.n, last.n) if last else "–",
        budget=f"{view.budgets[-1]:,}" if view.budgets else "–",
        target=tables.percent(float(target["accuracy"])) if target else "–",
        ranked=sum(1 for line in view.summaries if line.rank),
        methods=len(view.standings),
    )


def _rules(page: PageView, view: ScenarioView) -> tuple[tuple[str, str], ...]:
    game = page.games[view.name]
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    pairs = [
        ("Target", f"{view.target} ({view.target_sha256[:16]})"),
        ("Substitute", view.substitute),
        ("An answer holds", view.access),
        ("The attacker's own images", markdown.pool(game)),
        ("Budgets", ", ".join(f"{budget:,}" for budget in game.budgets)),
        ("Seeds", ", ".join(map(str, seeds))),
        ("Data set", f"{page.dataset} ({game.dataset_hash[:16]})"),
    ]
    return (*pairs, *(("Attack", attack) for attack in game.attacks))


def _parts(page: PageView, view: ScenarioView, methods: Mapping[str, str]) -> list[Part]:
    parts: list[Part] = []
    for metric in ("accuracy", "fidelity"):
        if (view.points["metric"] == metric).any():
            title = f"{metric.capitalize()} by queries"
            parts.append(
                Part(title, (grid(tables.by_budget(view, metric), title, view, methods),), metric == "accuracy")
            )
    parts += _attacks(view, methods)
    parts += _reported(page, view, methods)
    if view.budgets:
        paid = grid(tables.ledger(view), "Queries paid", view, methods)
        parts.append(Part("Queries paid", (paid,), before=_flat(prose.LEDGER)))
    if len(view.unfinished):
        parts.append(
            Part("Without a result", (grid(tables.unfinished(view), "Without a result", view, methods),), True)
        )
    return parts


def _attacks(view: ScenarioView, methods: Mapping[str, str]) -> list[Part]:
    rates = view.points[(view.points["attack"] != "") & ~view.points["metric"].str.contains("seconds")]
    found = sorted(set(zip(rates["attack"], rates["metric"], strict=True)))
    made = [
        grid(tables.by_budget(view, metric, attack), f"{metric} of {attack}", view, methods) for attack, metric in found
    ]
    cost = tables.seconds(view)
    if cost is not None:
        made.append(grid(cost, "Seconds per adversarial example, at the largest budget", view, methods))
    return [Part("Attack success by queries", tuple(made))] if made else []


def _reported(page: PageView, view: ScenarioView, methods: Mapping[str, str]) -> list[Part]:
    found = page.comparisons[view.name]
    if not found:
        return []
    table, notes = tables.comparisons(view, found)
    made = grid(table, "Reported and measured", view, methods)
    return [Part("Reported and measured", (made,), True, "", tuple(notes), tuple(tables.protocols(found)))]


def _flat(text: str) -> str:
    return " ".join(text.split())


def finite(value: Any) -> Any:
    """Return a number that JSON has, or None."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
