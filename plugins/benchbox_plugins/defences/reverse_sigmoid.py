"""The defence 'reverse-sigmoid'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from benchbox.contracts import Defence, Options, Told

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_LEAST = 1e-7
"""Nearer to 0 or 1 no probability is taken: its logit would be infinite."""


class ReverseSigmoidOptions(Options):
    """Options of ``reverse-sigmoid``."""

    beta: float = Field(default=0.008, ge=0, description="how much is taken away")
    gamma: float = Field(default=0.2, gt=0, description="how steep the sigmoid is")


class ReverseSigmoid(Defence):
    """Bends probabilities so that several inputs give one output.

    y = p - beta (sigmoid(gamma logit(p)) - 1/2), nothing negative, scaled to sum to 1 (Lee et al., "Defending Against Neural
    Network Model Stealing Attacks Using Deceptive Perturbations", 2019). Beta 0.008 and gamma 0.2 are ModelGuard's;
    ``profile=art`` is the default of IBM's ART, far stronger. Our reading: p is clipped to [1e-7, 1 - 1e-7], in float64.
    """

    name: ClassVar[str] = "reverse-sigmoid"
    Options: ClassVar[type[Options]] = ReverseSigmoidOptions
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {"art": {"beta": 1.0, "gamma": 0.1}}

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Bend; see ``Defence.answer``."""
        from benchbox_plugins.defences._perturb import normalised

        p = probabilities.double().clamp(_LEAST, 1 - _LEAST)
        taken = self.options.beta * ((self.options.gamma * p.logit()).sigmoid() - 0.5)
        return Told(normalised((p - taken).clamp_min(0)).float())
