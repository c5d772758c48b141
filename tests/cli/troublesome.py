"""Methods that get into trouble, given to ``benchbox run`` with ``--plugin``."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import torch

from benchbox.contracts import Game, Selector


def first(k: int) -> torch.Tensor:
    return torch.arange(k)


class Quick(Selector):
    """Takes the first rows."""

    name = "quick"

    def select(self, game: Game, k: int) -> torch.Tensor:
        print("a plugin that prints")  # noqa: T201 - a plugin may
        return first(k)


class Gated(Selector):
    """Takes the first rows once a file exists."""

    name = "gated"

    def select(self, game: Game, k: int) -> torch.Tensor:
        folder = Path(os.environ["TROUBLE"])
        number = len(list(folder.glob("began-*")))
        (folder / f"began-{number}-{os.getpid()}").touch()
        while number > 0 and not (folder / "gate").exists():
            time.sleep(0.05)
        return first(k)


class Raises(Selector):
    """Raises."""

    name = "raises"

    def select(self, game: Game, k: int) -> torch.Tensor:
        raise RuntimeError("no rows today")


class Hangs(Selector):
    """Never returns."""

    name = "hangs"

    def select(self, game: Game, k: int) -> torch.Tensor:
        while True:
            time.sleep(1)


class DiesOnce(Selector):
    """Kills its process the first time."""

    name = "dies-once"

    def select(self, game: Game, k: int) -> torch.Tensor:
        marker = Path(os.environ["TROUBLE"]) / "died"
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return first(k)
