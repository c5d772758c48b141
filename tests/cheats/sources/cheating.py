"""What the cheats beside this file share: a game played fairly but for one thing, and a note of what it gained.

As a plugin should, it imports torch when it plays: each file that is listed would import it anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchbox.contracts import Attack, Generator, Selector, Threat


class Cheat(Generator):
    """Asks random images, and offers the untrained substitute: a tenth of the images is what it honestly gets."""

    def setup(self, game: Any) -> None:
        self.substitute = game.new_substitute()
        self.before(game)

    def before(self, game: Any) -> None:
        """Cheat before the first offer."""

    def cheat(self, game: Any) -> float | None:
        """Cheat in the round; return how much was gained by it."""

    def round(self, game: Any) -> bool:
        honest(game)
        gained = self.cheat(game)
        game.log(gained=float(gained or 0))
        return True


class Chooser(Selector):
    """Chooses at random, anew for every budget."""

    nested = False

    def cheat(self, game: Any, rows: Any) -> Any:
        """Cheat, and return what to choose."""
        return rows

    def select(self, game: Any, k: int) -> Any:
        import torch

        return self.cheat(game, torch.randperm(len(game.pool), generator=game.rng)[:k])


class Liar(Attack):
    """States a small threat, and does otherwise."""

    radius = 0.3

    def threat(self) -> Threat:
        return Threat("inf", self.radius)

    def cheat(self, substitute: Any, images: Any, labels: Any) -> Any:
        """Cheat, and return the examples."""

    def perturb(self, substitute: Any, images: Any, labels: Any, *, classes: int, targeted: bool) -> Any:
        return self.cheat(substitute, images, labels)


def honest(game: Any, **more: Any) -> Any:
    """Ask what there is to ask up to the next budget point."""
    import torch

    n = next(b for b in game.budgets if b > game.oracle.spent) - game.oracle.spent
    return game.oracle.query(torch.rand(n, *game.shape, generator=game.rng), **more)


def count(*attempts: Callable[[], Any]) -> int:
    """Return how many of these did what they were to do: they return something true and raise nothing."""
    return sum(map(_did, attempts))


def _did(attempt: Callable[[], Any]) -> bool:
    try:
        return bool(attempt())
    except Exception:
        return False


def read(path: str | Path) -> Callable[[], bytes]:
    """Return an attempt to read a file, or the names in a folder."""

    def attempt() -> bytes:
        if os.path.isdir(path):
            return "".join(os.listdir(path)).encode()
        with open(path, "rb") as file:
            return file.read(64)

    return attempt


def write(path: str | Path, text: str = "cheated") -> Callable[[], bool]:
    """Return an attempt to leave a file, or to add to one."""

    def attempt() -> bool:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a") as file:
            file.write(text)
        return True

    return attempt


def kept(who: str) -> int:
    """Leave a file wherever one can be left; return how many are there from before."""
    import place

    home, here = os.path.expanduser("~"), os.path.dirname(__file__)
    folders = ["/tmp", "/dev/shm", "/var/tmp", "/run", home, f"{home}/.cache", here, f"{here}/__pycache__", os.getcwd()]
    folders += [os.environ.get("TMPDIR", "/tmp"), "/proc/self", "/sys/fs", place.DATA]
    found = count(*(read(f"{folder}/kept-by-{who}") for folder in dict.fromkeys(folders)))
    count(*(write(f"{folder}/kept-by-{who}") for folder in folders))
    return found


def sock(game: Any) -> Any:
    """Return the raw socket to the referee."""
    return game.link._channel._sock


def send(game: Any, kind: str, data: Any, reply: bool = False) -> Any:
    """Send a message past the player's own side of the table."""
    game.link._channel.send(kind, data)
    return game.link._channel.receive() if reply else None


def send_header(game: Any, header: bytes) -> None:
    """Send a frame that has this text for its header."""
    sock(game).sendall(len(header).to_bytes(4, "big") + header)


def others() -> list[int]:
    """Return the processes that can be seen or guessed, but for this one."""
    seen = {int(name) for name in _names("/proc") if name.isdigit()}
    guessed = range(max(1, os.getppid() - 8), os.getppid() + 8)
    return sorted((seen | set(guessed) | {1}) - {os.getpid(), 0})


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
