"""A run as a table: one row a method, and over it what is done and how long it took."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from benchbox.displays.tally import Row, Tally, duration


def table_of(tally: Tally, *, turning: str = "") -> Table:
    """Return the table of a run as it is now.

    Args:
        tally: the run.
        turning: a sign before the title that says that something moves.
    """
    left = tally.seconds_left()
    title = f"{turning} {tally.ended} of {tally.total} cells".strip()
    title += f", {tally.already} done before" if tally.already else ""
    title += f", {duration(tally.elapsed)}"
    title += "" if not left else f", about {duration(left)} left"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="", box=None, pad_edge=False)
    for name in ("data set", "scenario", "method"):
        table.add_column(name, overflow="fold")
    for name in ("done", "running", "failed", "cells", "queries", "best accuracy"):
        table.add_column(name, justify="right")
    for row in tally.rows.values():
        table.add_row(*map(Text, _cells(row)))
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
