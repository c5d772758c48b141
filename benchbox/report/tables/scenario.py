"""The tables of how well methods do in a scenario."""

from __future__ import annotations

import math

from benchbox.report.statistics import REPLICATES
from benchbox.report.tables.curves import point_text, state, title
from benchbox.report.tables.headline import ahead, to_first
from benchbox.report.tables.sealing import SEALED, mixed
from benchbox.report.tables.words import Name, Table, amount, figure
from benchbox.report.views import COLLAPSED, LEVELS, ScenarioView, Standing, Success, Summary, yardstick
from benchbox.scoring.metrics import metric

BEST, BEST_AT = "best on the way", "queries to it"
COLLAPSES = "collapsed"
PER_EXAMPLE = "s per example"
_MARKS = {
    "own labels": "it used the attacker's own labels of its images, which this scenario grants",
    "unlabelled": "its trainer learnt from the attacker's images without asking, which this scenario grants",
    "substitute": "it started from the substitute that this scenario grants, whose queries are in 'queries in all'",
}


def place(line: Summary) -> str:
    """Return the rank, with the places that the data leave open, ``2 (1–4)``; or why there is none."""
    if line.place:
        found = line.place
        return f"{found.rank}{f' ({found.best}–{found.worst})' if found.best < found.worst else ''}"
    standing = line.standing
    if standing.state != "complete":
        return state(standing)
    few = len(standing.seeds) < REPLICATES
    return standing.mark or (f"under {REPLICATES} replicates" if few else "not ranked")


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
    plain = yardstick(view)
    against = [f"over {plain.label}"] if plain and view.contest else []
    head = ["rank", "method", *([COLLAPSES] * flagged), "area"]
    head += ["to the first", *against] if view.contest else []
    head += [f"{view.word} at {last}", "± test sample"]
    head += (
        [BEST, BEST_AT] * on_the_way
        + [f"{title} at {last}" for _, title in _beside(view)]
        + [f"to {100 * level:.0f} %" for level in LEVELS]
    )
    head += [f"ASR {goal}" for goal in view.attacks]
    head += ["seeds", "s per run"] + [PER_EXAMPLE] * bool(view.attacks)
    rows = [_ranking_row(view, line, flagged, on_the_way) for line in view.summaries]
    words = tuple(head.index(title) for title in ("to the first", *against) if title in head)
    if mixed(view.sealing):
        words = (*words, len(head))
        head.append(SEALED)
        rows = [[*row, line.standing.sealed or "–"] for row, line in zip(rows, view.summaries, strict=True)]
    return Table(head, rows, left=3 if flagged else 2, words=words)


def _ranking_row(view: ScenarioView, line: Summary, flagged: bool, on_the_way: bool) -> list[str]:
    standing, wanted = line.standing, len(line.standing.wanted)
    row: list[str] = [place(line), title(standing)]
    row += [f"{len(line.collapsed)} of {len(standing.seeds)} seeds" if line.collapsed else ""] * flagged
    if standing.whole:
        row += [
            figure(line.area, wanted),
            *_differences(view, line),
            figure(line.last, wanted),
            f"± {amount(line.sampling)}" if line.last else "–",
        ]
        row += [figure(line.best, wanted), figure(line.best_at, wanted, "queries")] * on_the_way
        row += [_last(view, standing, Success("", name)) for name, _ in _beside(view)]
        row += [queries(line.reach[level], view.budgets) if line.reach else "–" for level in LEVELS]
        row += [_last(view, standing, success) for success in view.attacks.values()]
    else:
        beside = len(_differences(view, line)) + len(_beside(view))
        row += ["–"] * (3 + beside + 2 * on_the_way + len(LEVELS) + len(view.attacks))
    seconds = "–" if math.isnan(standing.seconds) else f"{standing.seconds:,.1f}"
    row += [str(len(standing.seeds)), seconds]
    return [*row, _per_example(view, standing)] if view.attacks else row


def _differences(view: ScenarioView, line: Summary) -> list[str]:
    """Return how a method stands to the first and to the plainest method, by area; nothing where nobody can be ranked."""
    held, plain, name = view.contest, yardstick(view), line.standing.label
    if held is None:
        return []
    if line.place is None:
        return ["–"] * (1 + bool(plain))
    return [
        to_first(held, name),
        *([ahead(held.difference(name, plain.label)) if name != plain.label else "–"] if plain else []),
    ]


def _beside(view: ScenarioView) -> tuple[tuple[str, str], ...]:
    """Return the metrics that stand beside the main one, and what their columns are called."""
    if view.searched:
        return (("queries_mean", "queries an example"), ("queries_in_all", "queries in all"))
    return (("fidelity", "fidelity"),)


def _last(view: ScenarioView, standing: Standing, success: Success) -> str:
    if not view.budgets:
        return "–"
    curve = view.at.get((standing.label, success.metric, success.attack), {})
    return point_text(standing, curve.get(view.budgets[-1]), metric(success.metric).unit.mark)


def _per_example(view: ScenarioView, standing: Standing) -> str:
    attack = next(iter(view.attacks.values())).attack
    points = view.at.get((standing.label, "seconds_per_example", attack), {})
    point = points.get(view.budgets[-1]) if view.budgets else None
    return amount(point.mean, "s") if point else "–"


def columns(view: ScenarioView) -> dict[str, str]:
    """Return what marks beside names mean, and those columns of the main table whose titles do not say it, by word."""
    used = {mark for standing in view.standings.values() for mark in standing.marks}
    found = {mark: text for mark, text in _MARKS.items() if mark in used}
    if view.searched and view.budgets:
        last = f"{view.budgets[-1]:,}"
        found[f"queries an example at {last}"] = "mean over all examples, the unsolved as the budget"
        found[f"queries in all at {last}"] = "over all examples of a run, what a substitute cost included"
    if any(line.collapsed for line in view.summaries):
        found[COLLAPSES] = f"over {100 * COLLAPSED:.0f} % of the answers were of one class for three rounds in a row"
    if any(line.best for line in view.summaries):
        found[BEST] = "the highest accuracy at any budget, which an attacker, who has no test images, cannot pick out"
        found[BEST_AT] = "the budget at which that stands, of those that are scored"
    for goal, success in view.attacks.items():
        found[f"ASR {goal}"] = Name(f"{success.metric} of {success.attack}")
    if view.attacks:
        found[PER_EXAMPLE] = Name(next(iter(view.attacks.values())).attack)
    if mixed(view.sealing):
        found[SEALED] = "how far the player was shut in, the least over the seeds"
    return found


def incomplete(view: ScenarioView) -> Table | None:
    """Return the main metric of the methods that lack cells, over those that they have; None where there is no such method."""
    rows: list[list[str]] = []
    for line in view.summaries:
        standing = line.standing
        if not standing.whole and standing.seeds:
            points = view.at.get((standing.label, view.main, ""), {})
            means = [figure(points.get(budget), 0) for budget in view.budgets]
            rows.append([title(standing), state(standing), *means, ", ".join(map(str, standing.seeds))])
    head = ["method", "state", *(f"{budget:,}" for budget in view.budgets), "seeds"]
    return Table(head, rows, left=2) if rows else None
