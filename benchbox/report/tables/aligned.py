"""A table as lines of text, for Markdown and for a terminal."""

from __future__ import annotations

from collections.abc import Callable

from benchbox.report.tables.words import Table


def aligned(table: Table, cell: Callable[[str], str]) -> list[tuple[str, ...]]:
    """Return the titles, then the rows, every text as wide as its column, which is two wider than its title at least.

    Args:
        table: the table.
        cell: makes a text of the table harmless, and marks the leaders' figures.
    """
    lines = [[cell(text).strip() for text in line] for line in (table.head, *table.rows)]
    columns = []
    for i, texts in enumerate(zip(*lines, strict=True)):
        width = max(len(texts[0]) + 2, *map(len, texts))
        pad = str.ljust if i < table.left or i in table.words else str.rjust
        columns.append([pad(text, width) for text in texts])
    return list(zip(*columns, strict=True))
