"""A table as lines of text, for Markdown and for a terminal."""

from __future__ import annotations

from collections.abc import Callable

import tabulate as tabulating

from benchbox.report.tables.words import Cell, Table

tabulating.WIDE_CHARS_MODE = False  # column widths must not depend on whether wcwidth happens to be installed


def aligned(table: Table, style: str, cell: Callable[[Cell], str]) -> str:
    """Return a table in one of tabulate's styles.

    Args:
        table: the table.
        style: ``github``, ``simple``, ...
        cell: makes a text of the table harmless, and marks the leaders' figures.
    """
    align = ["left" if i in table.words else "right" for i in range(len(table.head))]
    rows, head = [[cell(text) for text in row] for row in table.rows], [cell(text) for text in table.head]
    return tabulating.tabulate(rows, head, tablefmt=style, colalign=align, disable_numparse=True)
