"""The tables of a metric at every budget, those of the substitutes themselves and those of attacks made with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from benchbox.report.tables.words import Best, Cell, Method, Name, Table, amount, figure
from benchbox.report.views.points import Point, few
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Standing
from benchbox.scoring.metrics import METRICS, SHARE, metric


def own_curves(view: ScenarioView) -> Iterator[tuple[str, str, str, Table]]:
    """Yield how well the substitutes do: each metric that was measured, its title, its sample in words, and its table."""
    known = {name for _, name, _ in view.at}
    for m in METRICS.values():
        if m.title and m.name in known:
            yield m.name, m.title, _sample(view, m.name), by_budget(view, m.name)


def attack_curves(view: ScenarioView) -> list[Table]:
    """Return how often attacks succeed, a table an attack and definition of success."""
    found = sorted({(attack, name) for _, name, attack in view.at if attack and metric(name).unit is SHARE})
    return [by_budget(view, name, attack) for attack, name in found]


def by_budget(view: ScenarioView, name: str, attack: str = "") -> Table:
    """Return mean and interval at the scenario's budgets, ``few`` of many; the first stands out.

    Equal ones do together. Incomplete methods show their state. Of attacks, the caption tells what the table is of.
    """
    measured = {budget for curve in _of(view, name, attack) for budget in curve}
    budgets = few(sorted(measured & set(view.budgets) or measured))
    firsts = {budget: held.firsts for budget, held in view.contests.items()} if name == view.main else {}
    mark = metric(name).unit.mark
    rows: list[list[Cell]] = []
    for line in view.summaries:
        standing = line.standing
        curve = view.curve(standing.label, name, attack)
        texts = [point_text(standing, curve.get(budget), mark) for budget in budgets]
        leads = [standing.label in firsts.get(budget, ()) for budget in budgets]
        rows.append(
            [Method(standing), *(Best(text) if best else text for text, best in zip(texts, leads, strict=True))]
        )
    sample = _sample(view, name, attack)
    caption = (Name(name), " of ", Name(attack), f", {sample}" if sample else "") if attack else ""
    return Table(["method", *(f"{budget:,}" for budget in budgets)], rows, caption=caption)


def ledger(view: ScenarioView) -> Table:
    """Return, by method and budget, the queries that were paid, as the oracle's meter counted them."""
    rows: list[list[Cell]] = []
    for line in view.summaries:
        if line.standing.seeds:
            curve = view.curve(line.standing.label)
            ends = [
                sorted({curve[at].spent_low, curve[at].spent_high}) if at in curve else [] for at in few(view.budgets)
            ]
            paid = (" to ".join(f"{queries:,}" for queries in mine) or "–" for mine in ends)
            rows.append([Method(line.standing), *paid])
    return Table(["method", *(f"{budget:,}" for budget in few(view.budgets))], rows)


def _of(view: ScenarioView, name: str, attack: str) -> list[dict[int, Point]]:
    return [curve for (_, *of), curve in view.at.items() if of == [name, attack]]


def point_text(standing: Standing, point: Point | None, unit: str) -> str:
    """Return a point in text; its number of values instead where some seed has none, because it is of other cells."""
    if not standing.whole:
        return state(standing)
    if point is not None and point.n != len(standing.wanted):
        return f"{point.n} of {len(standing.wanted)} seeds"
    return figure(point, len(standing.wanted), unit)


def _sample(view: ScenarioView, name: str, attack: str = "") -> str:
    """Return how large one run's sample was, and how far its finiteness may put a single run off; empty where unknown."""
    points = [point for curve in _of(view, name, attack) for point in curve.values()]
    if not points or metric(name).unit is not SHARE:
        return ""
    low, high = map(round, _ends(point.trials for point in points))
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    least, most = map(amount, _ends(point.sampling for point in points))
    off = f"± {most}" if least == most else f"± {least} to ± {most}"
    return f"n = {size} a run; test sample {off}"


def _ends(values: Iterable[float]) -> tuple[float, float]:
    """Return the least and the largest of values that are known; NaN where none is."""
    known = [value for value in values if not math.isnan(value)]
    return min(known, default=math.nan), max(known, default=math.nan)


def state(standing: Standing) -> str:
    """Return in words how far a method has come: ``3 of 5 seeds`` where it is incomplete."""
    if standing.state == "incomplete":
        return f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
    return standing.state
