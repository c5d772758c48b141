"""Plots drawn by two processes: the second begins while this one does other things, and the two share what is left."""

from __future__ import annotations

from concurrent.futures import Executor, Future

from benchbox.report.plots.accuracy import Curves, draw


class Painter:
    """Takes plots by name as they are known, and gives each by its name. It is best asked for them in their order.

    Args:
        second: runs in a process of its own; None: plots are drawn here, when they are asked for.
    """

    def __init__(self, second: Executor | None) -> None:
        self._second = second
        self._plots: dict[str, Curves] = {}
        self._begun: dict[str, Future[bytes]] = {}

    def begin(self, name: str, plot: Curves) -> None:
        """Take a plot."""
        self._plots[name] = plot
        if self._second:
            self._begun[name] = self._second.submit(draw, plot)

    def files(self) -> dict[str, bytes]:
        """Return every plot's SVG; what the second process has not begun yet is drawn here."""
        return {name: self._finish(name) for name in self._plots}

    def _finish(self, name: str) -> bytes:
        begun = self._begun.get(name)
        return begun.result() if begun and not begun.cancel() else draw(self._plots[name])
