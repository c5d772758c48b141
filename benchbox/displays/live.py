"""A live table on a terminal: one row a method, refreshed while cells run."""

from __future__ import annotations

import time

from rich.console import Console
from rich.live import Live as Screen
from rich.table import Table

from benchbox.displays.closing import closing
from benchbox.displays.screen import terminal
from benchbox.displays.table import table_of
from benchbox.displays.tally import Tally
from benchbox.execution import CellOutput, Event, Notice, RunFinished, RunStarted
from benchbox.records import printable


class Live:
    """Draws the table.

    Args:
        where: the store's name, for the last line.
        console: where to draw; standard output by default.
    """

    def __init__(self, where: str, console: Console | None = None) -> None:
        self._where, self._tally = where, Tally()
        self._console = console or terminal()
        self._screen = Screen(console=self._console, get_renderable=self.table, refresh_per_second=4)

    def show(self, event: Event) -> None:
        """Take note of the event; the table is redrawn four times a second."""
        self._tally.note(event)
        if isinstance(event, RunStarted) and event.to_run:
            self._screen.start()
        elif isinstance(event, CellOutput | Notice):
            self._screen.console.print(printable(event.text), markup=False)
        elif isinstance(event, RunFinished):
            self.close()
            for line in closing(event.summary, self._where):
                self._console.print(printable(line), markup=False, soft_wrap=True)

    def close(self) -> None:
        """Draw the table a last time and leave it standing."""
        self._screen.stop()

    def table(self) -> Table:
        """Return the table as it is now. Its sign turns and its seconds pass, also while the first cell says nothing yet."""
        sign = _TURNING[int(time.monotonic() * 4) % len(_TURNING)]
        return table_of(self._tally, self._console.width, turning=sign)


_TURNING = "|/-\\"
