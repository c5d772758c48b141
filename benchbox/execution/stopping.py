"""Ctrl-C and SIGTERM: asked for once, a run stops in order; asked for twice, at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass
class Stop:
    """Whether the user asked to stop.

    Attributes:
        signal: the signal's number, or 0.
    """

    signal: int = 0


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Take note of the first signal rather than raise in the middle of a write; a second one raises as usual.

    Outside the main thread Python delivers no signals, and nothing is changed.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def note(number: int, frame: FrameType | None) -> None:
        stop.signal = number
        restore()

    before = {number: signal.signal(number, note) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield stop
    finally:
        restore()
