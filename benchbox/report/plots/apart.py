"""Many plots at once: a second process draws while this one goes on, and the two share what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from benchbox.report.plots.accuracy import Curves, draw

MANY = 30
"""Fewest plots that are worth the second that another process takes to start."""


@contextmanager
def drawn(plots: Mapping[str, Curves], apart: bool) -> Iterator[Callable[[str], bytes]]:
    """Give a function that returns a plot by its name.

    Args:
        plots: by name; it is best asked for them in this order.
        apart: whether a second process may draw. It imports the main module, so that a script needs
            ``if __name__ == "__main__"``.
    """
    if not apart or len(plots) < MANY:
        yield lambda name: draw(plots[name])
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        begun = {name: pool.submit(draw, plot) for name, plot in plots.items()}
        yield lambda name: draw(plots[name]) if begun[name].cancel() else begun[name].result()
