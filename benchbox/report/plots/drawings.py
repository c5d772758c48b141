"""Many plots at once: a second process draws while this one goes on, and the two share what is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from benchbox.report.plots.accuracy import Curves, draw

Painter = Callable[[Mapping[str, Curves]], Callable[[str], bytes]]
"""Takes plots by name; returns what gives each by its name. It is best asked for them in their order."""


@contextmanager
def painting(apart: bool) -> Iterator[Painter]:
    """Give a painter.

    Args:
        apart: whether a second process draws too. It takes a second to start, so enter early. It imports the main module:
            a script needs ``if __name__ == "__main__"``.
    """
    if not apart:
        yield lambda plots: lambda name: draw(plots[name])
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))

    def begin(plots: Mapping[str, Curves]) -> Callable[[str], bytes]:
        begun = {name: pool.submit(draw, plot) for name, plot in plots.items()}
        return lambda name: draw(plots[name]) if begun[name].cancel() else begun[name].result()

    try:
        pool.submit(_imports)
        yield begin
    finally:
        pool.shutdown(cancel_futures=True)


def _imports() -> None:
    import matplotlib.backends.backend_svg
    import matplotlib.figure  # noqa: F401
