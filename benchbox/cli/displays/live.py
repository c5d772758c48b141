"""A live table on a terminal: one row a method, refreshed while cells run."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live as Screen
from rich.table import Table

from benchbox.cli.displays.closing import closing
from benchbox.cli.displays.tally import Row, Tally, duration
from benchbox.execution import CellOutput, Event, RunFinished, RunStarted


class Live:
    """Draws the table.

    Args:
        where: the store's name, for the last line.
        console: where to draw; standard output by default.
    """

    def __init__(self, where: str, console: Console | None = None) -> None:
        self._where, self._tally = where, Tally()
        self._console = console or Console(highlight=False)
        self._screen = Screen(console=self._console, get_renderable=self.table, refresh_per_second=4)

    def show(self, event: Event) -> None:
        """Take note of the event; the table is redrawn four times a second."""
        self._tally.note(event)
        if isinstance(event, RunStarted) and event.to_run:
            self._screen.start()
        elif isinstance(event, CellOutput):
            self._screen.console.print(event.text.rstrip("\n"), markup=False)
        elif isinstance(event, RunFinished):
            self.close()
            for line in closing(event.summary, self._where):
                self._console.print(line, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Draw the table a last time and leave it standing."""
        self._screen.stop()

    def table(self) -> Table:
        """Return the table as it is now."""
        tally = self._tally
        left = tally.seconds_left()
        title = f"{tally.ended} of {tally.total} cells"
        title += f", {tally.already} done before" if tally.already else ""
        title += "" if not left else f", about {duration(left)} left"
        table = Table(title=title, title_justify="left", title_style="bold", header_style="", box=None, pad_edge=False)
        for name in ("data set", "scenario", "method"):
            table.add_column(name, overflow="fold")
        for name in ("done", "running", "failed", "cells", "queries", "best accuracy"):
            table.add_column(name, justify="right")
        for row in tally.rows.values():
            table.add_row(*_cells(row))
        return table


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.dataset,
        row.scenario,
        row.label,
        str(row.ended - row.bad),
        str(len(row.running)) if row.running else "",
        str(row.bad) if row.bad else "",
        str(row.total),
        f"{row.queries:,}" if row.queries else "",
        "" if row.best is None else f"{row.best:.1%}",
    )
