"""The query attack ``ge``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Grant, NotApplicable, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd

_POOL = 2000  # images of the pool that components are computed of


class GeOptions(Options):
    """Options of ``ge``."""

    group: int | None = Field(
        default=None, ge=1, description="pixels that are probed together; null for as few as the budget pays for"
    )
    pca: int = Field(
        default=0,
        ge=0,
        description="principal components of the attacker's images to probe along in place of groups; 0: none",
    )
    delta: float = Field(default=0.01, gt=0, description="size of a probe, in grey levels of [0, 1]")
    steps: int = Field(default=1, ge=1, description="steps, each with an estimate of its own; 1 spans the whole radius")


class Ge(QueryAttack):
    """Finite differences along groups of pixels or principal components, then a step along the sign: single or iterative.

    Bhagoji et al., "Practical black-box attacks on deep neural networks using efficient query mechanisms", ECCV 2018
    (sunblaze-ucb/blackbox-attacks), with the CW loss: the margin to the class that is the best other at the image. Groups are
    random. A single step of n groups costs 1 + 2 n + 1 queries: the image itself, which says which class is the best other,
    the probes, and the example. Of several steps each is 4/3 of the radius over their number, as published for 40. The
    components are those of the attacker's own images, unasked; the published code takes the attacked test images'.
    An estimate of zero is no information, and a random sign takes its place.
    """

    name: ClassVar[str] = "ge"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = GeOptions
    targeted: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """Return that components are learnt from images without answers."""
        return {Grant.UNLABELLED} if self.options.pca else ()

    def applicable(self, game: SearchGame) -> None:
        """Refuse images that have no component."""
        if self.options.pca and bool((game.unlabelled[:_POOL] == game.unlabelled[:1]).all()):
            raise NotApplicable("ge[pca=...] finds no component: the attacker's images are all alike")

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd, signs, wide

        crowd, now = Crowd(game, images, labels), images.clone()
        number = self._number(game)
        rows = crowd.rows()
        answers = crowd.ask(rows, now[rows], "base")
        said = answers.new_zeros(len(images), answers.shape[1])
        said[rows] = answers
        step = crowd.radius * (1.0 if self.options.steps == 1 else 4 / 3 / self.options.steps)
        for _ in range(self.options.steps):
            for part in crowd.parts(crowd.rows(2 * number + 1), 2 * number):
                found = self._estimate(game, crowd, part, now[part], said[part], number)
                kept = torch.isin(part, crowd.rows())
                rows, found = part[kept], found[kept]
                if len(rows):
                    blind = wide((found == 0).flatten(1).all(1))
                    found = torch.where(blind, signs(tuple(found.shape), game), found)
                    now[rows] = crowd.project(rows, now[rows] - crowd.stride(found, step))
                    said[rows] = crowd.ask(rows, now[rows])
        if number * 2 + 2 > game.budget:
            crowd.guess(now)

    def _number(self, game: SearchGame) -> int:
        """Return how many directions an estimate has."""
        channels, height, width = game.shape
        values = channels * height * width
        if self.options.pca:
            return min(int(self.options.pca), values, len(game.unlabelled), _POOL)
        size = self.options.group or -(-2 * values // max(1, game.budget - 2))
        return -(-values // size)

    def _directions(self, game: SearchGame, number: int) -> Tensor:
        """Return the directions, float (number, *shape): indicators of random groups, or unit principal components."""
        import torch

        channels, height, width = game.shape
        values = channels * height * width
        if self.options.pca:
            return _components(game.unlabelled[:_POOL].flatten(1), number).view(-1, *game.shape)
        group = torch.arange(values) * number // values
        made = torch.zeros(number, values)
        made[group, torch.randperm(values, generator=game.rng)] = 1.0
        return made.view(-1, *game.shape).to(game.device)

    def _estimate(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, said: Tensor, number: int) -> Tensor:
        """Return the gradient of the margin to one other class, held fixed, (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._crowd import log_p

        directions, delta = self._directions(game, number), self.options.delta
        moves = torch.cat([directions, -directions]) * delta
        scores = log_p(crowd.probe(rows, (now[:, None] + moves).clamp(0, 1)))
        wanted = (crowd.labels[rows] if game.goals is None else game.goals[rows])[:, None]
        rival = log_p(said).scatter(1, wanted, -torch.inf).argmax(1, keepdim=True)
        own, other = (scores.gather(2, which[:, None].expand(-1, 2 * number, -1))[..., 0] for which in (wanted, rival))
        margins = own - other if game.goals is None else other - own
        slopes = (margins[:, :number] - margins[:, number:]) / (2 * delta)
        found: Tensor = torch.einsum("mk,kchw->mchw", slopes.to(now), directions.to(now))
        return found


def _components(images: Tensor, number: int) -> Tensor:
    """Return the first principal components of images (n, d), unit vectors (min(number, n, d), d).

    In float64 and with the largest value positive: what rounding leaves open would change every probe.
    """
    import torch

    centred = images.double() - images.double().mean(0)
    weights = torch.linalg.eigh(centred @ centred.T).eigenvectors.flip(1)[:, : min(number, *images.shape)]
    found = weights.T @ centred
    found = found / found.norm(dim=1, keepdim=True).clamp_min(1e-30)
    largest = found.gather(1, found.abs().argmax(1, keepdim=True))
    made: Tensor = (found * largest.sign()).to(images)
    return made
