"""The defence 'rounding'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class RoundingOptions(Options):
    """Options of ``rounding``."""

    decimals: int = Field(default=1, ge=1, le=6, description="decimals that are left")


class Rounding(Defence):
    """Rounds every probability.

    One decimal is ModelGuard's setting (Yoruko-Tang/ModelGuard). Ours is scaled to sum to 1 again; where nothing is left, the
    answer is the same for every class. The largest class can change where two are rounded to one value: the first counts.
    """

    name: ClassVar[str] = "rounding"
    Options: ClassVar[type[Options]] = RoundingOptions

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Round; see ``Defence.answer``."""
        from benchbox_plugins.defences._perturb import normalised

        return Told(normalised(probabilities.round(decimals=self.options.decimals)))
