"""Methods that get into trouble, given to ``benchbox run`` with ``--plugin``."""

from __future__ import annotations

import os
import time

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


class Slow(Selector):
    """Takes the first rows, slowly."""

    name = "slow"

    def select(self, game: Game, k: int) -> torch.Tensor:
        time.sleep(4)
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


class Halts(Selector):
    """Stops at a breakpoint."""

    name = "halts"

    def select(self, game: Game, k: int) -> torch.Tensor:
        breakpoint()
        return first(k)


class Dies(Selector):
    """Ends its process."""

    name = "dies"

    def select(self, game: Game, k: int) -> torch.Tensor:
        os._exit(0)
