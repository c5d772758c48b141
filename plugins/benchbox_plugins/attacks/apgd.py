"""APGD."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._batches import in_batches
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from torch import Tensor, nn

_KEEPS, _RISES = 0.75, 0.75  # of the newest step; the share of steps that should raise the loss


class ApgdOptions(Options):
    """Options of ``apgd``."""

    eps: float = Field(default=0.3, gt=0, description="radius of the L-infinity ball, in grey levels of [0, 1]")
    steps: int = Field(default=100, ge=1, description="number of steps")
    loss: Literal["ce", "dlr"] = Field(default="ce", description="cross-entropy, or the difference of logits ratio")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps)
        return self


class Apgd(Attack):
    """Sign steps with momentum whose size is halved where they no longer help; the example of the highest loss (Auto-PGD).

    Source: Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
    ICML 2020: first step two radii, momentum 0.75, checkpoints after 0.22 of the steps and ever sooner, one random start.
    Written here since ART's class starts with a step of 0.1 and returns the last example in place of the best.
    With a goal, ``dlr`` is the lead of the goal's logit over all others, in no ratio: theirs needs the
    true class, which an attack with a goal is not told. With two classes it is that lead, too.
    """

    name = "apgd"
    version = 1
    Options = ApgdOptions
    profiles: ClassVar = {"cifar10-8": {"eps": 8 / 255}}

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("inf", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        return in_batches(lambda x, y: self._examples(substitute, x, y, targeted), images, labels)

    def _examples(self, substitute: nn.Module, images: Tensor, labels: Tensor, targeted: bool) -> Tensor:
        import torch

        n, eps, steps = len(images), self.options.eps, self.options.steps

        def climb(at: Tensor) -> tuple[Tensor, Tensor]:
            """Return loss (n,), larger where the attack has come further, and its gradient."""
            at = at.detach().requires_grad_(True)
            loss = _loss(substitute(at), labels, self.options.loss, targeted)
            return loss.detach(), torch.autograd.grad(loss.sum(), at)[0]

        now = into_ball(images + torch.empty_like(images).uniform_(-eps, eps), images, "inf", eps)
        loss, gradient = climb(now)
        before, best, best_loss, best_gradient = now, now, loss, gradient
        size = torch.full((n, 1, 1, 1), 2 * eps, dtype=images.dtype, device=images.device)
        rises = torch.zeros(n, device=images.device)
        halved, told = torch.ones(n, dtype=torch.bool, device=images.device), loss
        last, checkpoints = 0, _checkpoints(steps)
        for step in range(1, steps + 1):
            ahead = into_ball(now + size * gradient.sign(), images, "inf", eps)
            keeps = _KEEPS if step > 1 else 1.0
            ahead = into_ball(now + keeps * (ahead - now) + (1 - keeps) * (now - before), images, "inf", eps)
            before, now, former = now, ahead, loss
            loss, gradient = climb(now)
            rises += loss > former
            better = loss > best_loss
            best_loss = torch.where(better, loss, best_loss)
            best, best_gradient = (
                torch.where(better.view(-1, 1, 1, 1), new, old) for new, old in ((now, best), (gradient, best_gradient))
            )
            if step in checkpoints:
                stuck = (rises < _RISES * (step - last)) | (~halved & (best_loss <= told))
                size = torch.where(stuck.view(-1, 1, 1, 1), size / 2, size)
                now, gradient = (
                    torch.where(stuck.view(-1, 1, 1, 1), new, old)
                    for new, old in ((best, now), (best_gradient, gradient))
                )
                rises, halved, told, last = torch.zeros_like(rises), stuck, best_loss, step
        return best


def _checkpoints(steps: int) -> set[int]:
    """Return the steps after which the size is looked at: 0.22 of all, then ever sooner, at the least after 0.06."""
    found, gap, at = set(), 22, 22  # in hundredths of all steps: whole numbers, so that none is rounded past its step
    while at <= 100:
        found.add(math.ceil(at * steps / 100))
        gap = max(gap - 3, 6)
        at += gap
    return found


def _loss(logits: Tensor, labels: Tensor, name: str, targeted: bool) -> Tensor:
    """Return the loss (n,) that an attack raises."""
    import torch
    from torch.nn.functional import cross_entropy

    if name == "ce":
        loss = cross_entropy(logits, labels, reduction="none")
        return -loss if targeted else loss
    own = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
    lead = logits.scatter(1, labels.unsqueeze(1), -torch.inf).amax(dim=1) - own
    if targeted:
        return -lead
    if logits.shape[1] < 3:  # the ratio of two logits' lead to itself has no slope
        return lead
    ordered = logits.sort(dim=1, descending=True).values
    return lead / (ordered[:, 0] - ordered[:, 2]).clamp_min(1e-12)
