"""The query attacks ``rgf`` and ``p-rgf``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Grant, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd

_NORM = 10  # probes that the gradient's length is estimated from
_NEAR = 1e-4  # grey levels that a value must be able to move for its slope to count
_MOST = 1e6  # grey levels of a probe: from far less on all its pixels are black or white, and float32 ends


class RgfOptions(Options):
    """Options of ``rgf`` and ``p-rgf``."""

    probes: int | None = Field(
        default=None, ge=1, description="random directions an iteration; null for a twentieth of the budget, at most 50"
    )
    sigma: float | None = Field(
        default=None, gt=0, description="size of a probe; null for 0.001 of sides up to 32 pixels, and 0.0001 of others"
    )
    step: float | None = Field(
        default=None,
        gt=0,
        description="step as a share of the radius; null for a tenth under L-infinity, a sixth under L2",
    )


class Rgf(QueryAttack):
    """Gradients from random directions: q probes and one candidate an iteration.

    The baseline of Cheng et al., "Improving black-box adversarial attacks with a transfer-based prior", NeurIPS 2019
    (thu-ml/Prior-Guided-RGF), after Nesterov and Spokoiny. The loss is cross-entropy, as published, and exact where the target
    is so sure that a float32 probability is 1. Steps are the published ones as shares of the radius: 2 of 12.27 under L2,
    0.005 of 0.05 under L-infinity. Where all probes say the same, sigma grows five-fold, and stays so (published: it falls
    again). What is left behind the last step is spent on random corners of the threat (ours).
    """

    name: ClassVar[str] = "rgf"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = RgfOptions
    targeted: ClassVar[bool] = True

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd, zeros = Crowd(game, images, labels), torch.zeros(len(images), dtype=torch.float64, device=images.device)
        sigma = torch.full_like(zeros, self.options.sigma or (1e-3 if game.shape[1] <= 32 else 1e-4))
        q = self.options.probes or max(1, min(50, game.budget // 20))
        walk = _Walk(game, crowd, images.clone(), zeros, zeros.clone(), sigma, q)
        rows = crowd.rows()
        walk.loss[rows] = crowd.losses(rows, crowd.ask(rows, walk.now[rows], "base"))
        while len(rows := crowd.rows(self._price(walk))):
            for part in crowd.parts(rows, q + _NORM):
                found = self._direction(walk, part)
                kept = torch.isin(part, crowd.rows())
                rows, found = part[kept], found[kept]
                if len(rows):
                    walk.now[rows] = crowd.project(rows, walk.now[rows] - crowd.stride(found, self._step(game)))
                    walk.loss[rows] = crowd.losses(rows, crowd.ask(rows, walk.now[rows]))
            walk.turn += 1
        crowd.guess(walk.now)

    def _step(self, game: SearchGame) -> float:
        share: float = self.options.step or (0.1 if game.threat.norm == "inf" else 1 / 6)
        return share * game.threat.radius

    def _price(self, walk: _Walk) -> int:
        """Return what an iteration may cost each example."""
        return walk.q + 1

    def _direction(self, walk: _Walk, rows: Tensor) -> Tensor:
        """Return a direction in which the loss grows, (m, *shape)."""
        from benchbox_plugins.query_attacks._crowd import normal

        return walk.probe(rows, levelled(normal((len(rows), walk.q, *walk.game.shape), walk.game)))


@dataclass
class _Walk:
    """Where the examples of a block have come to.

    Attributes:
        game, crowd: the block in play.
        now: the images, (n, *shape).
        loss: of each, float64 (n,).
        length: mean squared slope of each, float64 (n,).
        sigma: size of a probe of each, float64 (n,).
        q: random directions an iteration.
        turn: iterations done.
    """

    game: SearchGame
    crowd: Crowd
    now: Tensor
    loss: Tensor
    length: Tensor
    sigma: Tensor
    q: int
    turn: int = 0

    def probe(self, rows: Tensor, directions: Tensor) -> Tensor:
        """Return the mean of directions (m, k, *shape), each weighted with the difference that it makes."""
        import torch

        changes = self.changes(rows, directions)
        self.grow(rows[(changes == 0).all(1)], 5)
        found: Tensor = torch.einsum("mk,mkchw->mchw", changes.to(directions), directions) / directions.shape[1]
        return found

    def grow(self, rows: Tensor, times: float) -> None:
        """Make the probes of rows larger, which told nothing."""
        self.sigma[rows] = (times * self.sigma[rows]).clamp_max(_MOST)

    def changes(self, rows: Tensor, directions: Tensor) -> Tensor:
        """Return how much the loss grows along directions (m, k, *shape), over sigma, (m, k)."""
        size = self.sigma[rows].to(self.now).view(-1, 1, 1, 1, 1)
        answers = self.crowd.probe(rows, (self.now[rows][:, None] + size * directions).clamp(0, 1))
        return (self.crowd.losses(rows, answers) - self.loss[rows, None]) / self.sigma[rows, None]


class PRgf(Rgf):
    """As rgf, with directions drawn around the gradient of a substitute: the better that fits, the fewer probes.

    Cheng et al., NeurIPS 2019, "biased": one probe along the substitute's gradient, against the gradient's length from ten
    probes now and then, says how well it fits, and from that follows the weight that is best in theory. Where it fits well
    enough no direction is drawn. Where an image cannot follow, since it lies at the rim of the threat or is black or white,
    the gradient counts as 0 (ours): it would seem to fit, and lead nowhere. Every query is paid for, the substitute's training
    in the scenario's total. The gradient is that of the substitute's margin, of several the sum of theirs (published: of the
    loss). Where a probe along it says nothing, sigma doubles (ours). The data-dependent prior is left out: it is for 224 x 224
    pixels.
    """

    name: ClassVar[str] = "p-rgf"
    version: ClassVar[int] = 1

    def wants(self) -> Collection[Grant]:
        """It starts from the scenario's substitute."""
        return {Grant.SUBSTITUTE}

    def _price(self, walk: _Walk) -> int:
        return walk.q + 2 + _NORM * self._measures(walk)

    def _measures(self, walk: _Walk) -> bool:
        """Whether this iteration measures the gradients' lengths anew."""
        return walk.turn == 3 or walk.turn % 10 == 0

    def _direction(self, walk: _Walk, rows: Tensor) -> Tensor:
        """Return a direction in which the loss grows, (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._crowd import normal

        game, q = walk.game, walk.q
        prior = self._prior(game, walk.crowd, rows, walk.now[rows])
        if self._measures(walk):
            around = levelled(normal((len(rows), _NORM, *game.shape), game))
            walk.length[rows] = walk.changes(rows, around).square().mean(1)
        values = prior[0].numel()
        along = walk.changes(rows, prior[:, None])[:, 0]
        walk.grow(rows[along == 0], 2)
        fit = (along / (values * walk.length[rows]).sqrt().clamp_min(1e-300)).clamp(-1, 1)
        prior = prior * torch.where(fit < 0, -1.0, 1.0).to(prior).view(-1, 1, 1, 1)
        weight = best_weight(fit.square(), values, q)
        found = prior.clone()
        draw = ((weight < 1) & torch.isin(rows, walk.crowd.rows())).nonzero()[:, 0]
        if len(draw):
            noise = normal((len(draw), q, *game.shape), game)
            mine = prior[draw][:, None]
            noise = levelled(noise - mine * (noise * mine).flatten(2).mean(2).view(len(draw), q, 1, 1, 1))
            share = weight[draw].to(noise).view(-1, 1, 1, 1, 1)
            found[draw] = walk.probe(rows[draw], (1 - share).sqrt() * noise + share.sqrt() * mine)
        return found

    def _prior(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor) -> Tensor:
        """Return the gradient of the substitutes' margin, 0 where images cannot follow, of root mean square 1, (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._local import gradient, margin_of

        slope = gradient(game.substitutes, now, margin_of(game, crowd.labels, rows))
        moved = now - _NEAR * slope.sign()
        inside = crowd.project(rows, moved) if game.threat.norm == "inf" else moved.clamp(0, 1)
        return levelled(torch.where((inside - now).abs() > _NEAR / 2, slope, 0.0))


def levelled(images: Tensor) -> Tensor:
    """Return images, the last three dimensions, scaled to a root mean square of 1; of zeros, zeros."""
    return images / images.square().mean((-3, -2, -1), keepdim=True).sqrt().clamp_min(1e-30)


def best_weight(fit: Tensor, values: int, q: int) -> Tensor:
    """Return the weight of the prior that is best for q directions, in [0, 1].

    Args:
        fit: squared cosine between prior and gradient, float64 (m,).
        values: of an image.
        q: directions.
    """
    import torch

    n, a = values, fit
    between = (1 - a) * (1 - a * (n + 2 * q - 2)) / (a**2 * n * (n + 2 * q - 2) - 2 * a * n * q + 1)
    low, high = 1 / (n + 2 * q - 2), (2 * q - 1) / (n + 2 * q - 2)
    return torch.where(a <= low, 0.0, torch.where(a >= high, 1.0, between)).clamp(0, 1)
