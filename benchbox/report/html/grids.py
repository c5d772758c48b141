"""From the report's tables to what the templates print: cells with classes, rows that filters can tell apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchbox.report import tables
from benchbox.report.html.routes import method_route
from benchbox.report.tables import Best, Name, Table, Words
from benchbox.report.tables.defences import costs_table, thieves_table
from benchbox.report.views import ScenarioView, Standing
from benchbox.report.views.defences import DefenceMatrix
from benchbox.store import VERIFIED

_STATES = {
    "failed": ("failed", "✕"),
    "interrupted": ("failed", "✕"),
    "missing": ("missing", "○"),
    "not applicable": ("na", "⊘"),
    "privileged": ("privileged", "◆"),
    "unsealed": ("privileged", "◇"),
    "incomplete": ("partial", "◐"),
    "other rules": ("partial", "≠"),
    "other seeds": ("partial", "≠"),
    "superseded": ("partial", "↺"),
}
"""By state, its class and the icon that stands before its word: four ways of having no rank look different without colour."""
_USES = ("uses", "")
"""The class and icon of what bars nobody from ranking."""
_BESIDE = _STATES | {VERIFIED: ("agrees", "✓")}
"""The same of what may stand beside a name."""


@dataclass(frozen=True)
class Chip:
    """A state, or what a method uses, in words, with its class and its icon; few have none."""

    text: str
    css: str
    icon: str


@dataclass(frozen=True)
class Square:
    """A cell of a grid: text, its class, where it links to, and the chips that it shows behind the text, or in its place."""

    text: str
    css: str = ""
    href: str = ""
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row and what filters ask of it.

    Attributes:
        label: the method's; empty where it is of none.
        trainer: who makes its substitutes, where the scenario has several trainers.
    """

    squares: tuple[Square, ...]
    label: str = ""
    kind: str = ""
    privileged: bool = False
    trainer: str | None = None


@dataclass(frozen=True)
class Column:
    """A column's title; ``budget`` where its figures were measured at one."""

    title: str
    css: str
    budget: str = ""


@dataclass(frozen=True)
class Grid:
    """A table ready to be printed."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def chip(state: str, text: str = "") -> tuple[Chip, ...]:
    """Return the chip of a state, none for one that needs none."""
    found = _STATES.get(state)
    return (Chip(text or state, *found),) if found else ()


def marks(standing: Standing, barred: bool = False) -> tuple[Chip, ...]:
    """Return the chips beside a method's name; with ``barred``, another cell says already what bars it from ranking."""
    return tuple(
        Chip(mark, *_BESIDE.get(mark, _USES)) for mark in standing.marks if not barred or mark not in standing.bars
    )


def method_row(view: ScenarioView, standing: Standing, squares: tuple[Square, ...]) -> Row:
    """Return a row of a scenario's method."""
    trainer = standing.trainer if view.several_trainers else None
    return Row(squares, standing.label, standing.kind, standing.privileged, trainer)


def grid(
    table: Table, caption: str, view: ScenarioView | None = None, methods: Mapping[str, str] | None = None
) -> Grid:
    """Return a table of the report as a grid.

    Args:
        table: as Markdown prints it.
        caption: what it is called.
        view: the scenario whose methods its rows name; None where they name none.
        methods: the plugins' names by label, where the labels are to link to their pages; None for a plain table.
    """
    by_title = {str(tables.title(s)): s for s in view.standings.values()} if view else {}
    words = {i for i in range(len(table.head)) if i < table.left or i in table.words}
    budgets = {f"{budget:,}": str(budget) for budget in view.budgets} if view else {}
    narrow = {"method": "m", "rank": "r"}
    css = [narrow.get(title, "w" if i in words else "") for i, title in enumerate(table.head)]
    columns = tuple(
        Column(title, of, budgets.get(title, "")) for title, of in zip(map(str, table.head), css, strict=True)
    )
    rows = []
    for row in table.rows:
        standing = next((by_title[text] for text in row if isinstance(text, Name) and text in by_title), None)
        barred = standing is not None and standing.mark in row  # its rank says so
        squares = tuple(_square(text, of, standing, methods, barred) for text, of in zip(row, css, strict=True))
        rows.append(method_row(view, standing, squares) if view and standing else Row(squares))
    return Grid(caption, columns, tuple(rows))


def _square(text: str, css: str, standing: Standing | None, methods: Mapping[str, str] | None, barred: bool) -> Square:
    if isinstance(text, Best):
        return Square(str(text), "best")
    if isinstance(text, Name):
        if standing and text == tables.title(standing):
            href = method_route(methods.get(standing.label, standing.label)) if methods else ""
            return Square(standing.label, "m", href, marks(standing, barred))
        return Square(str(text), "c")
    chips = state_chips(text, standing) if standing and not isinstance(text, Words) else ()
    return Square("" if chips else str(text), css, "", chips)


def state_chips(text: str, standing: Standing) -> tuple[Chip, ...]:
    """Return the chips of a cell that tells a state, ``3 of 5 seeds`` among them; none for other texts."""
    if text == standing.mark:
        return tuple(made for bar in standing.bars for made in chip(bar))
    part = f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
    return chip("incomplete", text) if standing.state == "incomplete" and text == part else chip(text)


def heat_grids(matrix: DefenceMatrix) -> tuple[Grid, Grid]:
    """Return what defences take from attackers, the deeper the more, and what they cost."""
    title = f"What defences take: {matrix.game or matrix.suite}"
    heat, costs = grid(thieves_table(matrix), title), grid(costs_table(matrix), "What they cost honest clients")
    rows = []
    for row, shown in zip(matrix.rows, heat.rows, strict=True):
        depths = [_depth(matrix.lost(row, who)) for who in matrix.attackers]
        squares = (replace(square, css=css) for square, css in zip(shown.squares[1:], depths, strict=True))
        rows.append(Row((shown.squares[0], *squares)))
    return replace(heat, rows=tuple(rows)), costs


def _depth(lost: float) -> str:
    """Return the class of a loss: deepest from half of all on; none where nothing was lost, or nobody knows."""
    return f"h{min(9, math.ceil(18 * lost))}" if lost > 0 else ""
