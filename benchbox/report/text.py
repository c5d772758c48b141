"""The leaderboard in a terminal: the same tables as on the pages."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.report.page import PageView
from benchbox.report.tables.parts import parts
from benchbox.report.tables.scenario import ranking
from benchbox.report.tables.sentences import above, left_out
from benchbox.report.tables.words import Best, Cell, Name, Table, Words, aligned


def clean(text: str) -> str:
    """Return text without control characters, so that a plugin's name cannot steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def render_table(table: Table) -> str:
    """Return a table for a terminal; the highest means end in ``*``."""
    return aligned(table, "simple", _cell)


def _cell(text: Cell) -> str:
    if isinstance(text, tuple):
        return "".join(map(_cell, text))
    if isinstance(text, Name | Words):
        return clean(text)
    return f"{text}*" if isinstance(text, Best) else text


def render_pages(pages: Iterable[PageView]) -> str:
    """Return the main tables of every page, and the reported figures beside the measured ones."""
    return "\n\n".join(part for page in pages for part in _page(page))


def _page(page: PageView) -> list[str]:
    told = []
    for view in page.scenarios:
        title = clean(f"{page.suite} on {page.dataset}: {view.name}")
        told += [title, *(clean("".join(text)) for text in above(page, view)), render_table(ranking(view))]
        told += filter(None, [clean("".join(left_out(view)))])
        for part in filter(lambda part: part.open, parts(page, view)):
            marked = any(isinstance(cell, Best) for table in part.tables for row in table.rows for cell in row)
            told += [f"{part.title}{' (* highest mean)' * marked}:", *map(render_table, part.tables)]
            for about, items in part.notes.items():
                told += [f"{about}:", "\n".join(clean(f"({i}) {item}") for i, item in enumerate(items, 1))]
    return told
