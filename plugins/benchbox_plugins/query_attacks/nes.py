"""The query attack ``nes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class WalkOptions(Options):
    """Options of ``nes`` and of what goes on with it."""

    probes: int | None = Field(
        default=None,
        ge=2,
        description="noisy images a step, half of them mirrored; null for 50, 20 below 1,000 queries, 10 with labels",
    )
    sigma: float | None = Field(
        default=None,
        gt=0,
        description="size of the noise; null for 0.01 of sides up to 32 pixels, 0.03 with labels, and 0.001 of others",
    )
    momentum: float = Field(default=0.9, ge=0, lt=1, description="share of the last gradient that the next one keeps")
    plateau: int = Field(default=5, ge=2, description="steps without progress after which the step is halved")


class NesWalk(QueryAttack):
    """What nes and hybrid have in common: the walk along gradients from mirrored noise."""

    needs: ClassVar[Access] = Access.PROBABILITIES
    targeted: ClassVar[bool] = True

    def walk(self, game: SearchGame, crowd: Crowd, now: Tensor) -> None:
        """Search from images ``now``, float (n, *shape), within the threat around the clean ones."""
        import torch

        from benchbox_plugins.query_attacks._crowd import wide

        images = crowd.clean
        n, sigma = self._settings(game)
        gradient = torch.zeros_like(images)
        step = torch.full((len(images),), crowd.radius / 5, device=images.device)
        losses = torch.full((len(images), self.options.plateau), torch.inf, dtype=torch.float64, device=images.device)
        while len(rows := crowd.rows(2 * n + 1)):
            for part in crowd.parts(rows, 2 * n):
                found, loss = self._estimate(game, crowd, part, now[part], n, sigma)
                gradient[part] = self.options.momentum * gradient[part] + (1 - self.options.momentum) * found
                losses[part] = torch.cat([losses[part, 1:], loss[:, None]], 1)
            stuck = rows[losses[rows, -1] > losses[rows, 0]]
            step[stuck] = (step[stuck] / 2).clamp_min(crowd.radius / 100)
            losses[stuck] = torch.inf
            if len(rows := crowd.rows()):
                now[rows] = crowd.project(rows, now[rows] - crowd.stride(gradient[rows], wide(step[rows])))
                crowd.ask(rows, now[rows])
        crowd.guess(now)

    def _settings(self, game: SearchGame, copies: int | None = None) -> tuple[int, float]:
        """Return how many pairs of probes a step has, and how large their noise is; ``copies``: of each probe, with labels."""
        usual = 10 if copies else 50 if game.budget >= 1000 else 20
        pairs = min(self.options.probes or usual, (game.budget - 1) // (copies or 1)) // 2
        usual_sigma = 0.001 if game.shape[1] > 32 else 0.03 if copies else 0.01
        return max(1, pairs), self.options.sigma or usual_sigma

    def _estimate(
        self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, n: int, sigma: float
    ) -> tuple[Tensor, Tensor]:
        """Return the gradient of the margin, and its mean over the probes."""
        import torch

        from benchbox_plugins.query_attacks._crowd import normal

        noise = normal((len(rows), n, *game.shape), game)
        noise = torch.cat([noise, -noise], 1)
        answers = crowd.probe(rows, (now[:, None] + sigma * noise).clamp(0, 1))
        losses = crowd.margins(rows, answers)
        found = torch.einsum("mk,mkchw->mchw", losses.to(noise), noise) / (2 * n * sigma)
        return found, losses.mean(1)


class NesOptions(WalkOptions):
    """Options of ``nes``."""

    labels: bool = Field(
        default=False,
        description="whether it reads labels alone: noisy copies of each probe stand in for probabilities",
    )
    copies: int = Field(default=5, ge=1, description="with labels, noisy copies of each probe, each of them a query")


class Nes(NesWalk):
    """Gradients from mirrored noise, followed with momentum: n probes and one candidate a step.

    Ilyas et al., "Black-box adversarial attacks with limited queries and information", ICML 2018
    (labsix/limited-blackbox-attacks), query-limited. The loss is the margin of log-probabilities, and the step is a fifth of
    the radius, halved down to a hundredth on a plateau: our choices for untargeted search in other balls. Probes are
    clipped to [0, 1]. Under L2 a step goes along the gradient, not its sign. What is left behind the last step is spent on
    random corners of the threat.
    With ``labels`` it starts from the nearest pool image that is known to fool the target, and goes towards the clean image in
    balls that shrink, as published for one label: how many noisy copies of a probe fool the target takes the place of a
    probability. Where no candidate of a step fools it, the next balls shrink by less; behind one that does, by a tenth of
    the first distance at least. Neither momentum nor a plateau has a part in that, which
    the published code has. A step of n probes costs n times as many queries as there are copies (published: 50), and
    few steps fit into a budget: a slow baseline.
    """

    name: ClassVar[str] = "nes"
    version: ClassVar[int] = 2
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = NesOptions

    def needed_access(self) -> Access:
        """Return what it reads."""
        return Access.LABEL if self.options.labels else Access.PROBABILITIES

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        from benchbox_plugins.query_attacks._crowd import Crowd

        if self.options.labels:
            from benchbox_plugins.query_attacks._label_noise import Noise, walk

            pairs, sigma = self._settings(game, self.options.copies)
            walk(game, Crowd(game, images, labels), Noise(pairs, sigma, self.options.copies, sigma))
            return
        self.walk(game, Crowd(game, images, labels), images.clone())
