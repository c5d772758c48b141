"""Defences against thieves as tables of text: what they take, and what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator

from benchbox.report.statistics import Interval
from benchbox.report.tables.words import MOST_COLUMNS, Cell, Name, Shade, Table, figure
from benchbox.report.views.defences import COSTS, DefenceMatrix, Defended
from benchbox.scoring.metrics import metric

_BARE = "no defence"
_TITLES = {
    "honest_accuracy": "right",
    "honest_changed": "changed",
    "honest_calibration": "off in confidence",
    "honest_distance": "moved",
    "false_alarms": "false alarms",
    "false_first_alarm": "first false alarm",
}
DEEPEST = 0.5
"""A loss from which on the colour gets no deeper, as a share."""


def matrix_tables(matrix: DefenceMatrix) -> Iterator[Table]:
    """Yield what each attacker reached before each defence, with what was lost behind it, then what it costs honest clients.

    No table has more than ``MOST_COLUMNS`` columns: attackers who do not fit have another one.
    """
    many, title = len(matrix.attackers), "answer" if matrix.rows[0].name else "defence"
    size = math.ceil(many / math.ceil(many / (MOST_COLUMNS - 1)))
    for start in range(0, many, size):
        mine = matrix.attackers[start : start + size]
        reached: list[list[Cell]] = [
            [Name(row.name or _BARE), *(_reached(matrix, row, who) for who in mine)] for row in matrix.rows
        ]
        yield Table([title, *map(Name, mine)], reached, caption="" if start == 0 else "The other attackers")
    if any(row.costs for row in matrix.rows):
        costs: list[list[Cell]] = [
            [Name(row.name or _BARE), *(_figure(row.costs.get(cost), cost) for cost in COSTS)] for row in matrix.rows
        ]
        yield Table([title, *(_TITLES[cost] for cost in COSTS)], costs, caption="What an honest client is told")
    if watching := [row for row in matrix.rows if row.first_alarm]:
        alarms: list[list[Cell]] = [
            [Name(row.name), Name(who), _figure(row.first_alarm.get(who), "first_alarm", row.reached.get(who))]
            for row in watching
            for who in matrix.attackers
            if who in row.first_alarm
        ]
        yield Table([title, "attacker", "first alarm"], alarms, range(2), "The query of the first alarm")


def reached(matrix: DefenceMatrix) -> str:
    """Return what the figures of the first of ``matrix_tables`` are, in words."""
    what, many = metric(matrix.metric).summary, f"{matrix.budget:,}"
    said = what.replace("the budget of", many) if matrix.metric == "query_success" else f"{what}, by {many} queries"
    return f"{said}, in per cent"


def _reached(matrix: DefenceMatrix, row: Defended, who: str) -> Shade:
    lost = matrix.lost(row, who)
    behind = "" if math.isnan(lost) or row is matrix.rows[0] else f" ({-100 * lost:+z.1f})"
    depth = min(9, round(9 * lost / DEEPEST)) if lost > 0 else 0
    return Shade(f"{_figure(row.reached.get(who), matrix.metric)}{behind}", depth)


def _figure(found: Interval | None, name: str, played: Interval | None = None) -> str:
    """Return a figure, and of how many seeds where that is not all: one that raised no alarm has no first one."""
    whole = played or found
    return figure(found, 0 if whole is None else round(whole.n), metric(name).unit.mark)
