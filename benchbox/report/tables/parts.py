"""What is said of a scenario beside its main table, in titled parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from benchbox.report import prose
from benchbox.report.page import PageView
from benchbox.report.tables.curves import attack_curves, ledger, own_curves
from benchbox.report.tables.printed import comparisons, protocols
from benchbox.report.tables.scenario import detail_columns, details, distances, incomplete
from benchbox.report.tables.words import Cell, Method, Name, Table
from benchbox.report.views.scenario import ScenarioView
from benchbox.report.views.standings import Enrolled

NOTES = "Notes"
"""The title of a list to whose items a table refers by number; other lists stand for themselves."""


@dataclass(frozen=True)
class Part:
    """Tables under a title.

    Attributes:
        before: our own prose above them, in Markdown.
        meanings: what columns mean whose titles do not say it, below them.
        notes: lists below that, by title.
        open: whether it is shown at first, where others are shown on demand.
    """

    title: str
    tables: tuple[Table, ...]
    before: str = ""
    meanings: dict[str, str] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    open: bool = False


@lru_cache(maxsize=256)  # every form asks for them
def parts(page: PageView, view: ScenarioView) -> tuple[Part, ...]:
    """Return the parts of a scenario, in the order in which pages tell them."""
    return tuple(_parts(page, view))


def _parts(page: PageView, view: ScenarioView) -> Iterator[Part]:
    for name, title, sample, table in own_curves(view):
        yield Part(f"{title} by queries", (table,), f"{sample}." if sample else "", open=name == view.main)
    yield Part("More of each method", tuple(details(view)), meanings=detail_columns(view, page.short))
    if lacking := incomplete(view):
        yield Part("Incomplete", (lacking,), prose.INCOMPLETE)
    if found := attack_curves(view):
        yield Part("Attack success by queries", tuple(found))
    if far := distances(view):
        yield Part("How far examples lie from their images", (far,))
    if printed := page.comparisons[view.name]:
        table, told = comparisons(view, printed)
        notes = {NOTES: told} if told else {}
        yield Part(
            "Reported and measured", (table,), notes={**notes, "What was printed": protocols(printed)}, open=True
        )
    if view.budgets and not view.searched:
        yield Part("Queries paid", (ledger(view),), prose.LEDGER)
    if view.unfinished:
        yield Part("Without a result", (unfinished(view),), prose.UNFINISHED, open=True)


def unfinished(view: ScenarioView, limit: int = 50) -> Table:
    """Return what has no result, up to ``limit`` rows: a row a method, status and reason, with the first cell's id."""
    groups: dict[tuple[str, str, str], list[Enrolled]] = {}
    for cell in sorted(view.unfinished, key=lambda cell: (cell.position, cell.label, cell.seed)):
        groups.setdefault((cell.label, cell.status, cell.error), []).append(cell)
    lines: list[list[Cell]] = [
        [
            status.replace("-", " "),
            Method(view.standings[label]),
            ", ".join(str(cell.seed) for cell in found),
            Name(reason if len(reason) <= 200 else f"{reason[:199]}…"),
            Name(found[0].cell),
        ]
        for (label, status, reason), found in itertools.islice(groups.items(), limit)
    ]
    return Table(["what", "method", "seeds", "reason", "first cell"], lines, range(5))
