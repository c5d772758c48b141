"""What the momentum attacks share: sign steps along a gradient that is gathered over the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._batches import in_batches
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

    Gradient = Callable[[Tensor], Tensor]

_FLOOR = 1e-12  # of a mean absolute gradient: where the substitute is sure beyond float32, it is 0


class MomentumOptions(Options):
    """Options of the momentum attacks."""

    eps: float = Field(default=0.3, gt=0, description="radius of the L-infinity ball, in grey levels of [0, 1]")
    steps: int = Field(default=10, ge=1, description="number of steps, each eps / steps")
    decay: float = Field(default=1.0, ge=0, description="how much of the gathered gradient a step keeps")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps)
        return self


class Momentum(Attack):
    """Sign steps along a gathered gradient. A subclass says how the gradient of a step is taken.

    A gradient is normalised by its mean absolute value before it is gathered, with a floor. The loss is cross-entropy of the
    logits divided by a fifth of the margin where that is above 5, so that it does not vanish in float32 where the substitute
    is sure (our choice).
    """

    Options: ClassVar[type[MomentumOptions]] = MomentumOptions
    profiles: ClassVar = {"cifar10-8": {"eps": 8 / 255}}

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("inf", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        return in_batches(lambda x, y: self._examples(ascent(substitute, y, targeted), x), images, labels)

    def step_gradient(self, gradient: Gradient, examples: Tensor, gathered: Tensor, state: dict[str, Any]) -> Tensor:
        """Return the gradient that a step gathers, by which the loss rises (n, channels, height, width).

        Args:
            gradient: of the loss at images.
            examples: where the steps have come to.
            gathered: what was gathered before.
            state: empty at the first step; kept from step to step.
        """
        raise NotImplementedError

    @property
    def step(self) -> float:
        """The size of one step, in grey levels."""
        return float(self.options.eps / self.options.steps)

    def _examples(self, gradient: Gradient, images: Tensor) -> Tensor:
        import torch

        examples, gathered, state = images, torch.zeros_like(images), dict[str, Any]()
        for _ in range(self.options.steps):
            found = self.step_gradient(gradient, examples, gathered, state)
            mean = found.abs().flatten(1).mean(dim=1).clamp_min(_FLOOR).view(-1, 1, 1, 1)
            gathered = self.options.decay * gathered + found / mean
            examples = into_ball(examples + self.step * gathered.sign(), images, "inf", self.options.eps)
        return examples


def ascent(substitute: nn.Module, labels: Tensor, targeted: bool) -> Gradient:
    """Return the function that gives at images the direction in which an attack moves.

    Args:
        substitute: gives logits.
        labels: int64 (n,): of these the loss rises, or with ``targeted`` falls.
        targeted: whether labels are goals.
    """
    import torch
    from torch.nn.functional import cross_entropy

    from benchbox_plugins._step import pooled_first

    network = pooled_first(substitute)

    def gradient(images: Tensor) -> Tensor:
        at = images.detach().requires_grad_(True)
        logits = network(at)
        ahead = logits.detach().topk(2, dim=1).values
        sure = ((ahead[:, 0] - ahead[:, 1]) / 5).clamp_min(1).unsqueeze(1)
        loss = cross_entropy(logits / sure, labels, reduction="sum")
        found: Tensor = torch.autograd.grad(loss, at)[0]
        return -found if targeted else found

    return gradient
