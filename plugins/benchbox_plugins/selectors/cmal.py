"""The selector ``cmal``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor


class CmalOptions(Options):
    """Options of ``cmal``."""

    rule: Literal["match", "decorrelate"] = Field(
        default="match",
        description="match: the chosen images' correlation matrix approaches the pool's; decorrelate: their pairwise absolute "
        "Pearson correlations have the smallest sum",
    )


class Cmal(Selector):
    """Chooses images whose correlation matrix matches the pool's.

    After Zheng, Yang and Li, "Correlation-matching active learning", ICASSP 2017, as DRMI (He et al., USENIX Security
    2021, 5.4.1) uses it. Only the abstract and two sentences of DRMI are public to us: both rules are our reading. An
    image is its vector x of pixels in [0, 1]; a set's correlation matrix is the mean of x x'. Neither rule uses a label
    or a model.

    Options (default):
        rule (match): ``match`` is herding with the kernel (x'y)^2, which brings the chosen set's matrix near the pool's
            in Frobenius norm: each step takes the largest mean of (x'y)^2 over the pool, less its mean over the chosen.
            The first mean is x'Rx with R the pool's own matrix, so the cost is n d^2 + k n d. ``decorrelate`` starts at
            a random image and takes the smallest sum of |Pearson correlation| with the chosen.
    """

    name: ClassVar[str] = "cmal"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = CmalOptions

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows, nested."""
        import torch

        from benchbox_plugins.selectors._correlation import decorrelating_rows, matching_rows

        assert game.pool is not None
        vectors = game.pool.images.flatten(1)
        if self.options.rule == "match":
            return matching_rows(vectors, k)
        return decorrelating_rows(vectors, k, int(torch.randint(len(vectors), (1,), generator=game.rng)))
