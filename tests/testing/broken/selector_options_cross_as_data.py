# options-cross-as-data: options that come back as
from typing import Any

from pydantic import Field

from benchbox.contracts import Options as BaseOptions
from benchbox.contracts import Selector


class Mine(Selector):
    """Takes rows at random."""

    name = "mine"

    class Options(BaseOptions):
        step: Any = Field(default=(1, 2), description="a pair, which JSON knows as a list")

    def select(self, game, k):
        import torch

        return torch.randperm(len(game.pool), generator=game.rng)[:k]
