"""The tables of how well methods do in a scenario."""

from __future__ import annotations

import math

from benchbox.report.tables.words import Best, Name, Table, amount, figure
from benchbox.report.views import COLLAPSED, LEVELS, ScenarioView, Standing, Success, Summary, unit

BEST = "best on the way"
COLLAPSES = "collapsed"
PER_EXAMPLE = "s per example"


def place(line: Summary) -> str:
    """Return the rank, ``1=`` where it is shared, or why there is none."""
    if line.rank:
        return f"{line.rank.rank}{'=' if line.rank.tied else ''}"
    standing = line.standing
    if standing.state != "complete":
        return state(standing)
    return "privileged" if standing.privileged else "not ranked"


def state(standing: Standing) -> str:
    """Return in words how far a method has come: ``3 of 5 seeds`` where it is incomplete."""
    if standing.state == "incomplete":
        return f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
    return standing.state


def title(standing: Standing) -> Name:
    """Return what tables call a method; a privileged one says so."""
    return Name(f"{standing.label} (privileged)" if standing.privileged else standing.label)


def queries(reach: float, budgets: tuple[int, ...]) -> str:
    """Return queries to reach a level: ``≤ 50`` from the first point on, ``> 600`` where it is not reached."""
    if math.isinf(reach):
        return f"> {budgets[-1]:,}"
    return f"≤ {budgets[0]:,}" if reach <= budgets[0] else f"{round(reach):,}"


def ranking(view: ScenarioView) -> Table:
    """Return the main table of a scenario. ``columns`` tells what its columns mean here."""
    last = f"{view.budgets[-1]:,}" if view.budgets else "the last budget"
    flagged = any(line.collapsed for line in view.summaries)
    on_the_way = any(line.best for line in view.summaries)
    head = ["rank", "method", *([COLLAPSES] * flagged), "area", f"accuracy at {last}", "± test sample"]
    head += [BEST] * on_the_way + [f"fidelity at {last}"] + [f"to {100 * level:.0f} %" for level in LEVELS]
    head += [f"ASR {goal}" for goal in view.attacks]
    head += ["seeds", "s per run"] + [PER_EXAMPLE] * bool(view.attacks)
    rows = [_ranking_row(view, line, flagged, on_the_way) for line in view.summaries]
    return Table(head, rows, left=3 if flagged else 2)


def _ranking_row(view: ScenarioView, line: Summary, flagged: bool, on_the_way: bool) -> list[str]:
    standing, wanted = line.standing, len(line.standing.wanted)
    row: list[str] = [place(line), title(standing)]
    row += [f"{len(line.collapsed)} of {len(standing.seeds)} seeds" if line.collapsed else ""] * flagged
    if standing.whole:
        row += [
            figure(line.area, wanted),
            figure(line.last, wanted),
            f"± {amount(line.sampling)}" if line.last else "–",
        ]
        row += [figure(line.best, wanted)] * on_the_way + [_last(view, standing, Success("", "fidelity"))]
        row += [queries(line.reach[level], view.budgets) if line.reach else "–" for level in LEVELS]
        row += [_last(view, standing, success) for success in view.attacks.values()]
    else:
        row += ["–"] * (4 + on_the_way + len(LEVELS) + len(view.attacks))
    seconds = "–" if math.isnan(standing.seconds) else f"{standing.seconds:,.1f}"
    row += [str(len(standing.seeds)), seconds]
    return [*row, _per_example(view, standing)] if view.attacks else row


def _last(view: ScenarioView, standing: Standing, success: Success) -> str:
    if not view.budgets:
        return "–"
    return at(view, standing, success.metric, success.attack, view.budgets[-1])


def _per_example(view: ScenarioView, standing: Standing) -> str:
    attack = next(iter(view.attacks.values())).attack
    points = view.at.get((standing.label, "seconds_per_example", attack), {})
    point = points.get(view.budgets[-1]) if view.budgets else None
    return amount(point.mean, "s") if point else "–"


def columns(view: ScenarioView) -> dict[str, str]:
    """Return what those columns of the main table mean whose titles do not say it, by title."""
    found: dict[str, str] = {}
    if any(line.collapsed for line in view.summaries):
        found[COLLAPSES] = f"over {100 * COLLAPSED:.0f} % of the answers were of one class for three rounds in a row"
    if any(line.best for line in view.summaries):
        found[BEST] = "the highest accuracy at any budget, which an attacker, who has no test images, cannot pick out"
    for goal, success in view.attacks.items():
        found[f"ASR {goal}"] = Name(f"{success.metric} of {success.attack}")
    if view.attacks:
        found[PER_EXAMPLE] = Name(next(iter(view.attacks.values())).attack)
    return found


def at(view: ScenarioView, standing: Standing, metric: str, attack: str, budget: int) -> str:
    """Return a point in text; its number of values instead where some seed has none, because it is of other cells."""
    if not standing.whole:
        return state(standing)
    point = view.at.get((standing.label, metric, attack), {}).get(budget)
    if point is not None and point.seeds != len(standing.wanted):
        return f"{point.seeds} of {len(standing.wanted)} seeds"
    return figure(point, len(standing.wanted), unit(metric))


def by_budget(view: ScenarioView, metric: str, attack: str = "") -> Table:
    """Return mean and interval at every budget; the leaders in accuracy stand out. Incomplete methods show their state."""
    points = view.points
    mine = points[(points["metric"] == metric) & (points["attack"] == attack)]
    budgets = sorted(int(budget) for budget in mine["budget"].unique())
    rows = []
    for line in view.summaries:
        standing = line.standing
        row: list[str] = [title(standing)]
        for budget in budgets:
            text = at(view, standing, metric, attack, budget)
            leads = metric == "accuracy" and standing.label in view.leaders.get(budget, ())
            row.append(Best(text) if leads else text)
        rows.append(row)
    return Table(["method", *(f"{budget:,}" for budget in budgets)], rows)


def sample(view: ScenarioView, metric: str, attack: str = "") -> str:
    """Return how large one run's sample was, and how far its finiteness may put a single run off; empty where unknown."""
    points = view.points
    mine = points[(points["metric"] == metric) & (points["attack"] == attack)]
    if not len(mine) or unit(metric) != "%":
        return ""
    low, high = round(mine["n"].min()), round(mine["n"].max())
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    least, most = amount(mine["sampling"].min()), amount(mine["sampling"].max())
    off = f"± {most}" if least == most else f"± {least} to ± {most}"
    return f"n = {size} a run; test sample {off}"


def incomplete(view: ScenarioView) -> Table | None:
    """Return accuracy of the methods that lack cells, over those that they have; None where there is no such method."""
    rows: list[list[str]] = []
    for line in view.summaries:
        standing = line.standing
        if not standing.whole and standing.seeds:
            points = view.at.get((standing.label, "accuracy", ""), {})
            means = [figure(points.get(budget), 0) for budget in view.budgets]
            rows.append([title(standing), state(standing), *means, ", ".join(map(str, standing.seeds))])
    head = ["method", "state", *(f"{budget:,}" for budget in view.budgets), "seeds"]
    return Table(head, rows, left=2) if rows else None
