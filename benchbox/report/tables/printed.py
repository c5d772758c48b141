"""Reported beside measured, each in a column of its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from benchbox.report.comparison import Comparison
from benchbox.report.tables.words import Cell, Method, Name, Table, Words, figure
from benchbox.report.views import ScenarioView
from benchbox.scoring.metrics import NATS, QUERIES, SHARE, UNITS

_SIGNED = {SHARE.mark: "+.1f", QUERIES.mark: "+,.0f"}


def comparisons(view: ScenarioView, found: Iterable[Comparison]) -> tuple[Table, list[str]]:
    """Return reported beside measured, and notes that the verdicts refer to by number: what differs.

    A large difference refers by ``!`` and a number to ``explanations``.
    """
    notes: dict[str, int] = {}
    rows: list[list[Cell]] = []
    found = list(found)
    reasons = explanations(found)
    for c in found:
        verdict = c.verdict
        if c.verdict == "undecided":
            verdict += (
                f" (±{c.interval.half:.{3 if c.figure.unit == NATS.mark else 1}f})"
                if c.interval.n > 1
                else " (one run)"
            )
        if c.differences:
            verdict += f" ({notes.setdefault('; '.join(c.differences), len(notes) + 1)})"
        rows.append(_comparison(view, c, verdict, f" !{reasons.index(_reason(c)) + 1}" if c.large else ""))
    head = ["method", "what", "reported", "measured", "difference", "verdict", "printed in"]
    return Table(head, rows, (0, 1, 5, 6)), list(notes)


def _comparison(view: ScenarioView, c: Comparison, verdict: str, mark: str) -> list[Cell]:
    standing = view.standings[c.label]
    unit = UNITS[c.figure.unit]
    value = unit.text(c.figure.value) if unit is QUERIES else f"{c.figure.value:g}"
    printed = f"{c.figure.qualifier} {value}".strip()
    what = f"{c.figure.metric} at {c.budget:,}{f', {c.attack}' if c.attack else ''}"
    where = f"{c.figure.paper}, {'; '.join(c.sources)}, as '{c.figure.name}'"
    mean, low, high = (value / unit.scale for value in (c.interval.mean, c.interval.low, c.interval.high))
    measured = figure(replace(c.interval, mean=mean, low=low, high=high), len(standing.wanted), unit.mark)
    difference = "–" if math.isnan(c.difference) else f"{c.difference:{_SIGNED.get(c.figure.unit, '+.3f')}}"
    row: list[Cell] = [Method(standing), Name(what), printed, measured, f"{difference}{mark}"]
    return [*row, verdict, Words(where)]


def explanations(found: Iterable[Comparison]) -> list[str]:
    """Return the reasons that are kept beside the figures for large differences, in the order of their numbers."""
    return list(dict.fromkeys(_reason(c) for c in found if c.large))


def _reason(c: Comparison) -> str:
    return c.figure.reason or "No reason is known yet."


def protocols(found: Iterable[Comparison]) -> list[str]:
    """Return, once each, the papers' citations and the protocols behind the figures."""
    papers: dict[str, None] = {}
    tables: dict[str, None] = {}
    for c in found:
        figure = c.figure
        papers[f"{figure.paper}: {figure.citation}. {figure.note}"] = None
        tables[f"{figure.paper}, {figure.source}: {figure.protocol} {figure.differs}"] = None
    return [text.strip() for text in (*papers, *tables)]
