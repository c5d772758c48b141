"""What a run looks like: a live table on a terminal, lines in a log, a table in a notebook, JSON for programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchbox.displays.screen import dumb, notebook_pages

if TYPE_CHECKING:
    from benchbox.execution import Display


def choose(*, json: bool, where: str, here: bool = False) -> Display:
    """Return the display that fits.

    Args:
        json: whether the user asked for JSON lines.
        where: the store's name, for the last line.
        here: whether cells are played in this process: a table that redraws itself would wipe a debugger's prompt away.
    """
    if json:
        from benchbox.displays.jsonl import JsonLines

        return JsonLines(sys.stdout)
    pages = notebook_pages()
    if pages is not None:
        from benchbox.displays.notebook import Notebook

        return Notebook(pages, where)
    if sys.stdout.isatty() and not dumb() and not here:
        from benchbox.displays.live import Live

        return Live(where)
    from benchbox.displays.plain import Plain

    return Plain(sys.stdout, where)


def in_notebook(where: str) -> Display | None:
    """Return a notebook's display, or None where this process is none: a script shows nothing unless it is asked to."""
    return None if notebook_pages() is None else choose(json=False, where=where)
