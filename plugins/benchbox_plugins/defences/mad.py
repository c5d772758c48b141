"""The defence 'mad'."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Owner, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

_MOST_SUBSETS = 10
"""Up to so many classes all subsets are tried: 2^9 for each answer."""


class MadOptions(Options):
    """Options of ``mad``."""

    radius: float = Field(default=0.5, gt=0, le=2, description="how far, in L1, the answer may lie from the target's")
    keeps_label: bool = Field(default=True, description="whether the class of the answer stays the target's")
    width: int = Field(default=32, ge=1, description="hidden units of the guessed substitute")


class Mad(Defence):
    """Turns the gradient that a thief would follow as far as a ball around the answer allows.

    Maximising angular deviation (Orekondy et al., "Prediction Poisoning", ICLR 2020; Yoruko-Tang/ModelGuard). The thief is
    guessed: a random, untrained network, here of one hidden layer. Of its last layer the gradient of the loss at an answer y
    is (s - y) times the features, s its own softmax, so the angle depends on s - y alone and needs no Jacobian. The farthest
    corner is searched among one-hot vectors, or, where the label stays (``keeps_label``, MAD-argmax), among uniform vectors
    over sets of classes with the label in them: all 2^(K-1) of up to 10 classes, of more those that grow greedily by the
    least likely class. The answer moves towards it as far as the ball allows; radius 0.5 is the paper's for MNIST.
    """

    name: ClassVar[str] = "mad"
    Options: ClassVar[type[Options]] = MadOptions
    _guess: nn.Module

    def prepare(self, owner: Owner) -> None:
        """Draw the guessed substitute."""
        from math import prod

        from torch import nn

        width = self.options.width
        layers = (nn.Linear(prod(owner.shape), width), nn.ReLU(), nn.Linear(width, owner.classes))
        self._guess = nn.Sequential(nn.Flatten(), *layers).to(owner.device).eval()

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Turn; see ``Defence.answer``."""
        import torch

        from benchbox_plugins.defences._networks import one_by_one
        from benchbox_plugins.defences._perturb import normalised, within

        guessed, p = one_by_one(self._guess, images).double().softmax(1), probabilities.double()
        told = torch.stack([self._farthest(s, y) for s, y in zip(guessed, p, strict=True)])
        return Told(normalised(within(told, p, self.options.radius)).float())

    def _farthest(self, guessed: Tensor, p: Tensor) -> Tensor:
        """Return the corner whose gradient points farthest from that of p (classes,)."""
        corners = self._corners(p)
        turned = _direction(guessed - corners) - _direction((guessed - p)[None])
        return corners[int(turned.square().sum(1).argmax())]

    def _corners(self, p: Tensor) -> Tensor:
        """Return the corners to choose from, (m, classes)."""
        import torch

        classes, label = len(p), int(p.argmax())
        if not self.options.keeps_label:
            return torch.eye(classes, dtype=p.dtype, device=p.device)
        if classes <= _MOST_SUBSETS:
            sets = _subsets(classes)
            sets = sets[sets[:, label]].to(p)
        else:
            order = p.argsort(stable=True)
            order = torch.cat([order.new_tensor([label]), order[order != label]])
            sets = torch.zeros((classes, classes), dtype=p.dtype, device=p.device)
            sets[:, order] = torch.ones_like(sets).tril()
        sets[:, label] += 1e-5  # the label stays the largest
        return sets / sets.sum(1, keepdim=True)


@cache
def _subsets(classes: int) -> Tensor:
    """Return every set of classes, bool (2^classes, classes)."""
    import torch

    return (torch.arange(2**classes)[:, None] >> torch.arange(classes)) & 1 == 1


def _direction(vectors: Tensor) -> Tensor:
    found: Tensor = vectors / vectors.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return found
