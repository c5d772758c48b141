"""C&W."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._batches import in_batches

if TYPE_CHECKING:
    from torch import Tensor, nn

_RIM = 1 - 1e-6  # of tanh: a value of exactly 0 or 1 has no finite preimage


class CwOptions(Options):
    """Options of ``cw``."""

    eps: float = Field(default=1.5, gt=0, description="radius of the L2 ball that examples are brought back into")
    confidence: float = Field(
        default=5.0, ge=0, description="by how much another class should lead; more transfers better"
    )
    steps: int = Field(default=100, ge=1, description="steps of Adam at each weight")
    weights: int = Field(default=5, ge=1, description="how many weights of the loss are tried, by bisection")
    weight: float = Field(default=1.0, gt=0, description="the first of them")
    lr: float = Field(default=0.05, gt=0, description="learning rate of Adam")


class Cw(Attack):
    """The smallest L2 change by which another class leads the substitute's logits, found by gradient descent (C&W).

    Source: Carlini and Wagner, "Towards evaluating the robustness of neural networks", S&P 2017. It seeks the smallest change
    and knows no radius: what ends outside the ball is brought back onto its rim. Theirs takes 9 weights from 0.001 on,
    10,000 steps of 0.01 each; ours fewer and larger, so that a thousand images take a minute (our choice). Written here since
    ART's class found no example on small networks in that time.
    """

    name = "cw"
    version = 1
    Options = CwOptions

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat("2", self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        found = in_batches(lambda x, y: self._smallest(substitute, x, y, targeted), images, labels)
        return into_ball(found, images, "2", self.options.eps)

    def _smallest(self, substitute: nn.Module, images: Tensor, labels: Tensor, targeted: bool) -> Tensor:
        """Return the nearest examples of all weights; where none succeeded, those of the largest weight."""
        import torch

        n = len(images)
        low, high = torch.zeros(n).to(images), torch.full((n,), torch.inf).to(images)
        weight = torch.full_like(low, self.options.weight)
        best, nearest = images, torch.full_like(low, torch.inf)
        for _ in range(self.options.weights):
            examples, lengths, solved = self._descend(substitute, images, labels, weight, targeted)
            better = torch.where(solved, lengths < nearest, torch.isinf(nearest))
            best = torch.where(better.view(-1, 1, 1, 1), examples, best)
            nearest = torch.where(solved, torch.minimum(lengths, nearest), nearest)
            low, high = torch.where(solved, low, weight), torch.where(solved, weight, high)
            weight = torch.where(high.isinf(), 10 * weight, (low + high) / 2)
        return best

    def _descend(
        self, substitute: nn.Module, images: Tensor, labels: Tensor, weight: Tensor, targeted: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the nearest examples of one descent that succeed, the last where none does; lengths (n,); which succeeded."""
        import torch

        moved = torch.atanh((2 * images - 1) * _RIM).requires_grad_(True)
        optimiser = torch.optim.Adam([moved], lr=self.options.lr)
        best, nearest = images, torch.full((len(images),), torch.inf).to(images)
        for step in range(self.options.steps + 1):
            examples = (moved.tanh() / _RIM + 1) / 2
            squares = (examples - images).flatten(1).square().sum(dim=1)
            logits = substitute(examples)
            own = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
            lead = logits.scatter(1, labels.unsqueeze(1), -torch.inf).amax(dim=1) - own
            lead = -lead if targeted else lead
            with torch.no_grad():
                solved = lead >= self.options.confidence
                better = torch.where(
                    solved, squares < nearest, nearest.isinf() & torch.tensor(step == self.options.steps)
                )
                best = torch.where(better.view(-1, 1, 1, 1), examples, best)
                nearest = torch.where(solved, torch.minimum(squares, nearest), nearest)
            if step < self.options.steps:
                loss = squares + weight * (self.options.confidence - lead).clamp_min(0)
                (moved.grad,) = torch.autograd.grad(loss.sum(), moved)
                optimiser.step()
        return best, nearest.sqrt(), ~nearest.isinf()
