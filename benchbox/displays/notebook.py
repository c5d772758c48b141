"""A table in a notebook, under the line that runs: redrawn in place, without a terminal and without widgets."""

from __future__ import annotations

import html
import io
import time
from typing import Any

from rich.console import Console

from benchbox.displays.closing import closing
from benchbox.displays.table import table_of
from benchbox.displays.tally import Tally
from benchbox.execution import CellOutput, Event, Notice, RunFinished
from benchbox.records import printable

EVERY = 0.5
"""Seconds between two drawings: each is a message to the browser."""
WIDTH = 120


class Notebook:
    """Draws the table.

    Args:
        pages: ``IPython.display``, or what has its ``display``.
        where: the store's name, for the last line.
    """

    def __init__(self, pages: Any, where: str) -> None:
        self._pages, self._where, self._tally = pages, where, Tally()
        self._drawn = 0.0
        self._handle: Any = None

    def show(self, event: Event) -> None:
        """Take note of the event, and draw the table where it is time to."""
        self._tally.note(event)
        if isinstance(event, CellOutput | Notice):
            print(printable(event.text))  # noqa: T201 - a notebook's own place for what code prints
        elif isinstance(event, RunFinished):
            self._draw("\n".join(closing(event.summary, self._where)))
        elif time.monotonic() - self._drawn > EVERY:
            self._draw()

    def close(self) -> None:
        """Nothing is open."""

    def _draw(self, below: str = "") -> None:
        self._drawn = time.monotonic()
        text = printable(f"{_text(self._tally)}\n{below}".rstrip())
        data = {"text/plain": text, "text/html": f"<pre>{html.escape(text)}</pre>"}
        if self._handle is None:
            self._handle = self._pages.display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)


def _text(tally: Tally) -> str:
    stream = io.StringIO()
    Console(file=stream, width=WIDTH, color_system=None, force_jupyter=False).print(table_of(tally, WIDTH))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
