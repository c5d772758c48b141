"""Reported beside measured, each in a column of its own, and why they are not comparable."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchbox.report.comparison import LARGE, Comparison
from benchbox.report.tables.words import Cell, Method, Name, Table, Words, amount, figure
from benchbox.report.views.scenario import ScenarioView
from benchbox.scoring.metrics import QUERIES, SHARE, UNITS

_SIGNED = {SHARE.mark: "+.1f", QUERIES.mark: "+,.0f"}
_SENTENCE = re.compile(r"(?<=\.) +(?=[A-Z0-9'])")


def comparisons(view: ScenarioView, found: Iterable[Comparison]) -> tuple[Table, list[str]]:
    """Return reported beside measured, and the notes that its cells name by number: what differs, and why by so much."""
    notes: dict[str, int] = {}
    head = ["method", "what", "reported", "measured", "difference", "verdict", "printed in"]
    return Table(head, [_row(view, c, notes) for c in found], (0, 1, 5, 6)), list(notes)


def _row(view: ScenarioView, c: Comparison, notes: dict[str, int]) -> list[Cell]:
    def note(text: str) -> str:
        return f", note {notes.setdefault(text, len(notes) + 1)}" if text else ""

    standing, unit = view.standings[c.label], UNITS[c.figure.unit]
    value = unit.text(c.figure.value) if unit is QUERIES else f"{c.figure.value:g}"
    mean, low, high = (value / unit.scale for value in (c.interval.mean, c.interval.low, c.interval.high))
    measured = figure(replace(c.interval, mean=mean, low=low, high=high), len(standing.wanted), unit.mark)
    difference = "–" if math.isnan(c.difference) else f"{c.difference:{_SIGNED.get(c.figure.unit, '+.3f')}}"
    half = "one run" if c.interval.n == 1 else f"±{amount(c.interval.half / unit.scale, unit.mark)}"
    verdict = (
        c.verdict + f" ({half})" * (c.verdict == "undecided") + note("; ".join(c.differences).replace(".; ", "; "))
    )
    reason = f"Why the two are far apart: {c.figure.reason or 'no reason is known yet.'}" if c.large else ""
    return [
        Method(standing),
        Name(f"{c.figure.metric} at {c.budget:,}{f', {c.attack}' if c.attack else ''}"),
        f"{c.figure.qualifier} {value}".strip(),
        measured,
        difference + note(reason),
        verdict,
        Words(f"{c.figure.paper}, {'; '.join(c.sources)}, as '{c.figure.name}'"),
    ]


def protocols(found: Iterable[Comparison]) -> list[str]:
    """Return, once each, the papers' citations and the protocols behind the figures."""
    papers: dict[str, None] = {}
    tables: dict[str, None] = {}
    for c in found:
        figure = c.figure
        papers[f"{figure.paper}: {figure.citation}. {figure.note}"] = None
        tables[f"{figure.paper}, {figure.source}: {figure.protocol} {figure.differs}"] = None
    return [text.strip() for text in (*papers, *tables)]


def near(found: Sequence[Comparison]) -> str:
    """Return how many figures stand beside a measurement, and how many lie within the margin of it: a count, and no test."""
    alive = (c for c in found if not c.collapsed)
    held = [c for c in alive if not math.isnan(c.difference) and math.isfinite(LARGE[c.figure.unit])]
    far, rest = sum(c.large for c in held), len(found) - len(held)
    units = sorted({c.figure.unit for c in held})
    margin = " or ".join(f"{LARGE[unit]:g} {'points' if unit == SHARE.mark else unit}" for unit in units)
    told = f"within {margin} of it: {len(held) - far}, further away: {far} (a count, no test)" if held else ""
    others = (
        f"not counted, since they are bounds, numbers of queries, or figures of collapsed runs: {rest}" if rest else ""
    )
    many = "1 figure stands" if len(found) == 1 else f"{len(found)} figures stand"
    return f"{'; '.join(filter(None, (f'{many} beside a measurement', told, others)))}."


def why(found: Iterable[Comparison], most: int = 2) -> str:
    """Return in a sentence what mostly makes figures not comparable, and of how many; empty where all are."""
    apart = [c for c in found if c.verdict == "not comparable"]
    counted = Counter(reason for c in apart for reason in _reasons(c))
    told = [f"{reason} ({count} of {len(apart)})" for reason, count in counted.most_common(most)]
    rest = len(counted) - most
    told += [f"{rest} more condition{'s' * (rest > 1)}"] if rest > 0 else []
    return f"What keeps figures from being compared: {'; '.join(told)}. Each stands beside its figure." if told else ""


def _reasons(c: Comparison) -> dict[str, None]:
    """Return what differs, or is open, a condition each; another number of queries is one, whatever the number."""
    parts = (part.rstrip(".") for text in c.differences for part in _SENTENCE.split(text))
    other = "another number of queries there than here"
    return dict.fromkeys(other if " queries there, " in part else f"{part[:1].lower()}{part[1:]}" for part in parts)
