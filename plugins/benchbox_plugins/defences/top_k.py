"""The defence 'top-k'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class TopKOptions(Options):
    """Options of ``top-k``."""

    k: int = Field(default=1, ge=1, description="how many probabilities are told; 1 is the label alone")


class TopK(Defence):
    """Tells the largest probabilities alone.

    The others are 0, and what is left is scaled to sum to 1; of equals the first are told. ModelGuard does not scale.
    """

    name: ClassVar[str] = "top-k"
    Options: ClassVar[type[Options]] = TopKOptions

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Cut; see ``Defence.answer``."""
        from benchbox_plugins.defences._perturb import normalised

        order = probabilities.argsort(dim=1, descending=True, stable=True)
        return Told(normalised(probabilities.scatter(1, order[:, self.options.k :], 0.0)))
