"""Not more images a second than the owner allows, whichever of this machine's processes asks."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from filelock import FileLock

from benchbox.paths import cache_dir


class Pace:
    """Waits before a request, so that all processes together keep the rate.

    Args:
        key: what is asked; all that ask it share one pace.
        rate: images a second.
        sleep, clock: for tests.
    """

    def __init__(
        self,
        key: str,
        rate: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._rate, self._sleep, self._clock = rate, sleep, clock
        folder = cache_dir() / "pace"
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / hashlib.sha256(key.encode()).hexdigest()[:16]

    def wait(self, images: int) -> None:
        """Take a turn for so many images, and wait until it has come."""
        with FileLock(f"{self._file}.lock"):
            now = self._clock()
            turn = max(now, self._next())
            self._file.write_text(repr(turn + images / self._rate), encoding="utf-8")
        self._sleep(turn - now)

    def _next(self) -> float:
        try:
            return float(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return 0.0
