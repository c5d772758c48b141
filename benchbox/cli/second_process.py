"""A second process, begun before this one imports what both need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor


@contextmanager
def second_process(*modules: str) -> Iterator[Executor]:
    """Start a process that imports ``modules`` and then takes work; what it has not begun at the end is dropped.

    It imports the main module too: a script needs ``if __name__ == "__main__"``.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        pool.submit(_prepare, modules)
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare(modules: tuple[str, ...]) -> None:
    import atexit
    import gc
    from importlib import import_module

    atexit.register(gc.freeze)  # no last search for garbage in what ends with the process
    for module in modules:
        import_module(module)
