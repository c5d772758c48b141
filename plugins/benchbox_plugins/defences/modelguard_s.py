"""The defence 'modelguard-s'."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class ModelGuardSOptions(Options):
    """Options of ``modelguard-s``."""

    radius: float = Field(default=1.0, gt=0, le=2, description="how far, in L1, the answer may lie from the target's")


class ModelGuardS(Defence):
    """Answers with one of a few probability vectors that it told before.

    Tang et al., "ModelGuard", USENIX Security 2024: for each class a growing list of vectors; the answer is the first one
    within an L1 ball around the target's, or else the target's own, which joins the list. It depends on the order of the
    queries. The published list is shared by all clients, and begun with test images; ours is the client's own, and begins
    empty, since an honest client would warm it for the thief.
    """

    name: ClassVar[str] = "modelguard-s"
    Options: ClassVar[type[Options]] = ModelGuardSOptions
    _told: Tensor

    def prepare(self, owner: Owner) -> None:
        """Begin the list."""
        import torch

        self._told = torch.zeros((0, owner.classes), device=owner.device)

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Quantise; see ``Defence.answer``."""
        import torch

        return Told(torch.stack([self._nearest(row) for row in probabilities]))

    def _nearest(self, p: Tensor) -> Tensor:
        import torch

        near = (self._told - p).abs().sum(1) <= self.options.radius
        found = (near & (self._told.argmax(1) == p.argmax())).nonzero()
        if len(found):
            return self._told[int(found[0, 0])]
        self._told = torch.cat([self._told, p[None]])
        return p
