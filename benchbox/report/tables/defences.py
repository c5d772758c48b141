"""Defences against thieves as tables of text: what they take, and what they cost."""

from __future__ import annotations

import math

from benchbox.report.statistics import Interval
from benchbox.report.tables.words import Cell, Name, Shade, Table, figure
from benchbox.report.views.defences import COSTS, DefenceMatrix, Defended
from benchbox.scoring.metrics import metric

_BARE, _ROWS = "no defence", "behind"
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


def thieves_table(matrix: DefenceMatrix) -> Table:
    """Return what each attacker reached before each defence, with what was lost behind it."""
    rows: list[list[Cell]] = [
        [Name(row.name or _BARE), *(_reached(matrix, row, who) for who in matrix.attackers)] for row in matrix.rows
    ]
    return Table(["answer" if matrix.rows[0].name else _ROWS, *map(Name, matrix.attackers)], rows)


def reached(matrix: DefenceMatrix) -> str:
    """Return what the figures of ``thieves_table`` are, in words."""
    each = " an example" if matrix.metric == "query_success" else ""
    return f"{metric(matrix.metric).summary}, by {matrix.budget:,} queries{each}, in per cent"


def costs_table(matrix: DefenceMatrix) -> Table:
    """Return what each defence costs honest clients, and the query of each attacker's first alarm."""
    watched = [who for who in matrix.attackers if any(who in row.first_alarm for row in matrix.rows)]
    head = [_ROWS, *(_TITLES[cost] for cost in COSTS), *(Name(f"first alarm: {who}") for who in watched)]
    rows: list[list[Cell]] = []
    for row in matrix.rows:
        costs = [_figure(row.costs.get(cost), cost) for cost in COSTS]
        alarms = [_figure(row.first_alarm.get(who), "first_alarm") for who in watched]
        rows.append([Name(row.name or _BARE), *costs, *alarms])
    return Table(head, rows)


def _reached(matrix: DefenceMatrix, row: Defended, who: str) -> Shade:
    lost = matrix.lost(row, who)
    behind = "" if math.isnan(lost) or row is matrix.rows[0] else f" ({-100 * lost:+.1f})"
    depth = min(9, round(9 * lost / DEEPEST)) if lost > 0 else 0
    return Shade(f"{_figure(row.reached.get(who), matrix.metric)}{behind}", depth)


def _figure(found: Interval | None, name: str) -> str:
    return figure(found, 0 if found is None else found.n, metric(name).unit.mark)
