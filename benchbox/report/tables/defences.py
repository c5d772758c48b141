"""Defences against thieves as tables of text, and as a page whose cells are coloured by what was lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from benchbox.report.statistics import Interval
from benchbox.report.tables.words import Name, Table, figure
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
_DEEPEST = 0.5
"""A loss from which on the colour gets no deeper, as a share."""


def thieves_table(matrix: DefenceMatrix) -> Table:
    """Return what each attacker reached before each defence, with what was lost behind it."""
    rows = [[Name(row.name or _BARE), *(_reached(matrix, row, who) for who in matrix.attackers)] for row in matrix.rows]
    return Table(["", *map(Name, matrix.attackers)], rows)


def costs_table(matrix: DefenceMatrix) -> Table:
    """Return what each defence costs honest clients, and the query of each attacker's first alarm."""
    watched = [who for who in matrix.attackers if any(who in row.first_alarm for row in matrix.rows)]
    head = ["", *(_TITLES[cost] for cost in COSTS), *(Name(f"first alarm: {who}") for who in watched)]
    rows = []
    for row in matrix.rows:
        costs = [_figure(row.costs.get(cost), cost) for cost in COSTS]
        alarms = [_figure(row.first_alarm.get(who), "first_alarm") for who in watched]
        rows.append([Name(row.name or _BARE), *costs, *alarms])
    return Table(head, rows)


def _reached(matrix: DefenceMatrix, row: Defended, who: str) -> str:
    lost = matrix.lost(row, who)
    behind = "" if math.isnan(lost) or row is matrix.rows[0] else f" ({-100 * lost:+.1f})"
    return f"{_figure(row.reached.get(who), matrix.metric)}{behind}"


def _figure(found: Interval | None, name: str) -> str:
    return figure(found, 0 if found is None else found.n, metric(name).unit.mark)


def heat_map(matrices: Iterable[DefenceMatrix]) -> str:
    """Return a whole HTML page, without a script: each cell has its number, and a colour as deep as what was lost."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Defences</title>", f"<style>{_STYLE}</style>"]
    for matrix in matrices:
        title = escape(f"{matrix.dataset}: {matrix.game or matrix.suite}")
        what = escape(metric(matrix.metric).summary)
        parts += [f"<h1>{title}</h1><p>{what}; in brackets the points that the defence took.", *_coloured(matrix)]
        parts += ["<p>What it costs an honest client.", *_plain(costs_table(matrix))]
    return "\n".join(parts) + "\n"


_STYLE = (
    "body{font:15px system-ui,sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:.3em .6em;"
    "border:1px solid #ccc;text-align:right}th{text-align:left}"
)


def _coloured(matrix: DefenceMatrix) -> Iterable[str]:
    table = thieves_table(matrix)
    yield f"<table><tr>{_heads(table.head)}"
    for row, cells in zip(matrix.rows, table.rows, strict=True):
        shades = [_shade(matrix.lost(row, who)) for who in matrix.attackers]
        figures = (f"<td{shade}>{escape(cell)}" for shade, cell in zip(shades, cells[1:], strict=True))
        yield f"<tr><th>{escape(cells[0])}{''.join(figures)}"
    yield "</table>"


def _plain(table: Table) -> Iterable[str]:
    yield f"<table><tr>{_heads(table.head)}"
    for cells in table.rows:
        yield f"<tr><th>{escape(cells[0])}{''.join(f'<td>{escape(cell)}' for cell in cells[1:])}"
    yield "</table>"


def _heads(head: Sequence[str]) -> str:
    return "".join(f"<th>{escape(title)}" for title in head)


def _shade(lost: float) -> str:
    """Return the colour of a loss: blue where the thief lost, orange where it won, paler the less."""
    if math.isnan(lost) or abs(lost) < 0.0005:
        return ""
    depth = min(1.0, abs(lost) / _DEEPEST) * 0.6
    colour = "31,119,180" if lost > 0 else "255,127,14"
    return f' style="background:rgba({colour},{depth:.2f})"'
