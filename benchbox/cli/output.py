"""Writing tables, JSON and lines to standard output. What plugins and stores say is written without control characters."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import Any

import click

from benchbox.displays.fitting import that_fit, widths_of
from benchbox.displays.screen import terminal
from benchbox.records import printable


def say(text: object = "", *, err: bool = False) -> None:
    """Print text, line by line, without what could steer a terminal."""
    click.echo(printable(str(text)), err=err)


def print_json(data: Any) -> None:
    """Print JSON data, indented."""
    click.echo(json.dumps(data, indent=2))


def prints_elsewhere(as_json: bool) -> AbstractContextManager[object]:
    """Have what plugins print in this process go to standard error, so that JSON stands alone on standard output."""
    return redirect_stdout(sys.stderr) if as_json else nullcontext()


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str] = ()) -> None:
    """Print a table: folded at words to the width of a terminal, one line a row elsewhere.

    Args:
        headers: the columns.
        rows: their cells.
        spare: columns that a narrow terminal can do without, the first to go first; a last line names those that went.
    """
    rows = [[" ".join(printable(cell).splitlines()) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _print_folded(headers, rows, spare)
        return
    for line in lines_of(headers, rows):
        click.echo(line)


def lines_of(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table as lines, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (headers, *rows)
    ]


def _print_folded(headers: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    console = terminal()
    kept = that_fit(headers, rows, spare, console.width)
    columns = [[row[i] for row in (headers, *rows)] for i in kept]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for i, width in zip(kept, widths_of(columns, console.width), strict=True):
        table.add_column(headers[i], overflow="fold", width=width)
    for row in rows:
        table.add_row(*(Text(row[i]) for i in kept))
    console.print(table)
    left = [name for i, name in enumerate(headers) if i not in kept]
    if left:
        console.print(f"left out at this width: {', '.join(left)}", markup=False)
