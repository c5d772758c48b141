"""A run as a table: one row a method, and over it what is done and how long it took."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from benchbox.displays.closing import before
from benchbox.displays.fitting import that_fit, widths_of
from benchbox.displays.tally import Row, Tally, duration

_HEADERS = ("data set", "scenario", "method", "done", "running", "failed", "cells", "queries", "best accuracy")
_TEXTS = 3
_SPARE = ("data set", "failed", "running", "scenario", "queries")


def table_of(tally: Tally, width: int, *, turning: str = "") -> Table:
    """Return the table of a run as it is now.

    Args:
        tally: the run.
        width: columns that there are.
        turning: a sign before the title that says that something moves.
    """
    left = tally.seconds_left()
    title = f"{turning} {tally.ended} of {tally.total} cells".strip()
    title += "".join(f", {text}" for text in before(tally.already, tally.failed_before))
    title += f", {duration(tally.elapsed)}"
    title += "" if not left else f", about {duration(left)} left"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="", box=None, pad_edge=False)
    rows = [_cells(row) for row in tally.rows.values()]
    kept = that_fit(_HEADERS, rows, _SPARE, width)
    columns = [[row[i] for row in (_HEADERS, *rows)] for i in kept]
    for i, wide in zip(kept, widths_of(columns, width), strict=True):
        table.add_column(_HEADERS[i], overflow="fold", width=wide, justify="left" if i < _TEXTS else "right")
    for row in rows:
        table.add_row(*(Text(row[i]) for i in kept))
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
