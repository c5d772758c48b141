"""From the report's tables to what the templates print: cells with classes, rows that filters can tell apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchbox.report import tables
from benchbox.report.html.routes import method_route
from benchbox.report.tables import Best, Name, Table, Words
from benchbox.report.views import ScenarioView, Standing

_STATES = {
    "failed": ("failed", "✕"),
    "interrupted": ("failed", "✕"),
    "missing": ("missing", "○"),
    "not applicable": ("na", "⊘"),
    "privileged": ("privileged", "◆"),
    "unsealed": ("privileged", "◇"),
    "privileged, unsealed": ("privileged", "◆"),
    "incomplete": ("partial", "◐"),
    "other rules": ("partial", "≠"),
    "superseded": ("partial", "↺"),
}
"""By state, its class and the icon that stands before its word: four ways of having no rank look different without colour."""


@dataclass(frozen=True)
class Chip:
    """A state in words, with its class and its icon."""

    text: str
    css: str
    icon: str


@dataclass(frozen=True)
class Square:
    """A cell of a grid: text, its class, where it links to, and the chip that it shows instead of plain text."""

    text: str
    css: str = ""
    href: str = ""
    chip: Chip | None = None


@dataclass(frozen=True)
class Row:
    """A row and what filters ask of it; ``label`` is empty where it is of no method."""

    squares: tuple[Square, ...]
    label: str = ""
    kind: str = ""
    privileged: bool = False


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


def chip(state: str, text: str = "") -> Chip | None:
    """Return the chip of a state, None for one that needs none."""
    found = _STATES.get(state)
    return Chip(text or state, *found) if found else None


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
    columns = tuple(
        Column(str(title), "w" if i in words else "", budgets.get(str(title), "")) for i, title in enumerate(table.head)
    )
    rows = tuple(_row(row, words, by_title, methods) for row in table.rows)
    return Grid(caption, columns, rows)


def _row(row: list[str], words: set[int], by_title: Mapping[str, Standing], methods: Mapping[str, str] | None) -> Row:
    standing = next((by_title[text] for text in row if isinstance(text, Name) and text in by_title), None)
    squares = tuple(_square(text, i in words, standing, methods) for i, text in enumerate(row))
    if standing is None:
        return Row(squares)
    if standing.mark in row:  # its rank says so already
        squares = tuple(replace(square, chip=None) if square.css == "m" else square for square in squares)
    return Row(squares, standing.label, standing.kind, standing.privileged)


def _square(text: str, words: bool, standing: Standing | None, methods: Mapping[str, str] | None) -> Square:
    if isinstance(text, Best):
        return Square(str(text), "best")
    if isinstance(text, Name):
        if standing and text == tables.title(standing):
            mark = chip(standing.mark)
            href = method_route(methods.get(standing.label, standing.label)) if methods else ""
            return Square(standing.label, "m", href, mark)
        return Square(str(text), "c")
    mark = _state(text, standing) if standing and not isinstance(text, Words) else None
    return Square("" if mark else str(text), "w" if words else "", "", mark)


def _state(text: str, standing: Standing) -> Chip | None:
    """Return the chip of a cell that tells a state, ``3 of 5 seeds`` among them; None for other texts."""
    part = f"{len(standing.seeds)} of {len(standing.wanted)} seeds"
    return chip("incomplete", text) if standing.state == "incomplete" and text == part else chip(text)
