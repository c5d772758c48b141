"""The query attack ``hopskipjump``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class HopskipjumpOptions(Options):
    """Options of ``hopskipjump``."""

    probes: int = Field(
        default=100, ge=2, description="directions of the first iteration; iteration t has sqrt(t) times as many"
    )
    bisections: int | None = Field(
        default=None,
        ge=1,
        description="questions of a bisection; null for as many as the published threshold takes, 18 at most",
    )


class Hopskipjump(QueryAttack):
    """Along the target's boundary towards the image: its normal from labels of noise, a step, and a bisection.

    Chen et al., "HopSkipJumpAttack", S&P 2020 (Jianbo-Lab/HSJA), gamma 1, written on the meter: a batch of probes is cut to
    what is left, bisection goes no further than float32 resolves, a step is halved 15 times at most, and behind one that
    does not help nothing is bisected. The search ends
    at the first image within the threat, and starts at the nearest pool image that is known to fool the target. Images of
    the pool that one example has asked are known to all.
    """

    name: ClassVar[str] = "hopskipjump"
    version: ClassVar[int] = 3
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = HopskipjumpOptions
    targeted: ClassVar[bool] = True

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._boundary import afforded, bisect, distances, left, starts
        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd = Crowd(game, images, labels)
        now, found = starts(game, crowd)
        begun = found.nonzero()[:, 0]
        before = distances(game, crowd, torch.arange(len(images), device=images.device), now)
        now[begun] = bisect(game, crowd, begun, now[begun], self.options.bisections)
        turn = 0
        while len(rows := left(crowd, found)):
            turn, was = turn + 1, now[rows].clone()
            wanted = round(self.options.probes * turn**0.5)
            for part, n in afforded(game, crowd, rows, wanted):
                size = self._delta(before[part], turn, images[0].numel())
                slope = self._normal(game, crowd, part, now[part], size, n)
                self._step(game, crowd, part, now, slope, turn)
            before = distances(game, crowd, torch.arange(len(images), device=images.device), now)
            moved = rows[(now[rows] != was).flatten(1).any(1)]
            now[moved] = bisect(game, crowd, moved, now[moved], self.options.bisections)

    def _delta(self, before: Tensor, turn: int, values: int) -> Tensor:
        """Return how long probes are, L2: a tenth at first, later the share of the distance that the theory asks for."""
        import torch

        # sqrt(d) theta with theta = 1 / (sqrt(d) d) under L2, d theta with theta = 1 / d^2 under L-infinity
        return torch.full_like(before, 0.1) if turn == 1 else before.clamp_min(1e-4) / values

    def _normal(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, size: Tensor, n: int) -> Tensor:
        """Return the direction, (m, *shape), in which most of the probes fool the target."""
        import torch

        from benchbox_plugins.query_attacks._boundary import unit
        from benchbox_plugins.query_attacks._crowd import normal

        shape = (len(rows), n, *game.shape)
        even = game.threat.norm == "inf"
        noise = (2 * torch.rand(shape, generator=game.rng) - 1).to(now) if even else normal(shape, game)
        probes = (now[:, None] + size.view(-1, 1, 1, 1, 1) * unit(noise)).clamp(0, 1)
        directions = (probes - now[:, None]) / size.view(-1, 1, 1, 1, 1)
        signs = 2.0 * crowd.fooled(rows, crowd.probe(rows, probes)).to(now) - 1
        mean = signs.mean(1, keepdim=True)
        weights = torch.where(mean.abs() == 1, signs, signs - mean)
        found: Tensor = torch.einsum("mk,mkchw->mchw", weights, directions) / n
        return unit(found)

    def _step(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, slope: Tensor, turn: int) -> None:
        """Move images along the normal by as much as still fools the target; the length is halved until it does."""
        import torch

        from benchbox_plugins.query_attacks._boundary import distances
        from benchbox_plugins.query_attacks._crowd import wide

        way = slope if game.threat.norm == "2" else slope.sign()
        step = distances(game, crowd, rows, now[rows]) / turn**0.5
        pending = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        for _ in range(15):
            left = (pending & torch.isin(rows, crowd.rows())).nonzero()[:, 0]
            if not len(left):
                return
            mine = rows[left]
            tried = (now[mine] + wide(step[left]) * way[left]).clamp(0, 1)
            fools = crowd.fooled(mine, crowd.ask(mine, tried, "step"))
            now[mine[fools]] = tried[fools]
            pending[left[fools]] = False
            step[left] /= 2
