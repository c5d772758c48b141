"""What a run looks like: a live table on a terminal, lines in a log, JSON for programs."""

from __future__ import annotations

import sys

from benchbox.execution import Display


def choose(*, json: bool, where: str, here: bool = False) -> Display:
    """Return the display that fits.

    Args:
        json: whether the user asked for JSON lines.
        where: the store's name, for the last line.
        here: whether cells are played in this process: a table that redraws itself would wipe a debugger's prompt away.
    """
    if json:
        from benchbox.cli.displays.jsonl import JsonLines

        return JsonLines(sys.stdout)
    if sys.stdout.isatty() and not here:
        from benchbox.cli.displays.live import Live

        return Live(where)
    from benchbox.cli.displays.plain import Plain

    return Plain(sys.stdout, where)
