"""The query attack ``signopt``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class SignoptOptions(Options):
    """Options of ``signopt``."""

    probes: int = Field(default=200, ge=1, description="directions an iteration, one question each")
    alpha: float = Field(default=0.2, gt=0, description="first length of a step, of a direction of length 1")
    beta: float = Field(default=0.01, gt=0, description="size of a probe of the direction")
    bisections: int = Field(default=10, ge=1, description="questions of a bisection")


class Signopt(QueryAttack):
    """The direction in which the boundary is nearest, by signs: one question tells whether a neighbour is nearer.

    Cheng et al., "Sign-OPT", ICLR 2020 (cmhcbb/attackbox), under L2: steps are doubled while they help, else quartered. It
    starts at the nearest pool image that fools the target in place of a hundred random directions; every image is clipped, and
    the nearest is asked. The published probe, 0.001, is below what ten bisections tell apart: 0.01 was
    chosen on training images (docs/papers.md).
    """

    name: ClassVar[str] = "signopt"
    version: ClassVar[int] = 2
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = SignoptOptions
    targeted: ClassVar[bool] = False

    def applicable(self, game: SearchGame) -> None:
        """The distance that it lowers is L2."""
        from benchbox.contracts import NotApplicable

        if game.threat.norm != "2":
            raise NotApplicable("signopt lowers the L2 distance, and the scenario's threat is L-infinity")

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._boundary import afforded, bisect, distances, left, starts, unit
        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd = Crowd(game, images, labels)
        now, found = starts(game, crowd)
        begun = found.nonzero()[:, 0]
        now[begun] = bisect(game, crowd, begun, now[begun], self.options.bisections)
        every = torch.arange(len(images), device=images.device)
        way, reach = unit(now - images), distances(game, crowd, every, now)
        step = torch.full((len(images),), self.options.alpha, device=images.device)
        while len(rows := left(crowd, found)):
            for part, n in afforded(game, crowd, rows, self.options.probes):
                slope = self._slope(game, crowd, part, way[part], reach[part], n)
                self._search_line(game, crowd, part, way, reach, step, slope)

    def _at(self, crowd: Crowd, rows: Tensor, way: Tensor, reach: Tensor) -> Tensor:
        from benchbox_plugins.query_attacks._crowd import wide

        return (crowd.clean[rows] + wide(reach) * way).clamp(0, 1)

    def _slope(self, game: SearchGame, crowd: Crowd, rows: Tensor, way: Tensor, reach: Tensor, n: int) -> Tensor:
        """Return the direction in which the boundary gets further away, (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._boundary import unit
        from benchbox_plugins.query_attacks._crowd import normal

        noise = unit(normal((len(rows), n, *game.shape), game))
        near = unit(way[:, None] + self.options.beta * noise)
        probes = (crowd.clean[rows][:, None] + reach.view(-1, 1, 1, 1, 1) * near).clamp(0, 1)
        # what fools the target at the same distance is nearer to its boundary
        signs = 1 - 2.0 * crowd.fooled(rows, crowd.probe(rows, probes)).to(way)
        found: Tensor = torch.einsum("mk,mkchw->mchw", signs, noise) / n
        return found

    def _search_line(
        self, game: SearchGame, crowd: Crowd, rows: Tensor, way: Tensor, reach: Tensor, step: Tensor, slope: Tensor
    ) -> None:
        """Move directions against the slope by the length that brings the boundary nearest; lengths are kept for the next."""
        import torch

        from benchbox_plugins.query_attacks._boundary import bisect, distances, unit
        from benchbox_plugins.query_attacks._crowd import wide

        improved = torch.zeros(len(rows), dtype=torch.bool, device=rows.device)
        growing = torch.ones_like(improved)
        size = step[rows].clone()
        start = way[rows].clone()
        for _ in range(15):
            left = ((growing | ~improved) & torch.isin(rows, crowd.rows())).nonzero()[:, 0]
            if not len(left):
                break
            mine = rows[left]
            tried = unit(start[left] - wide(size[left]) * slope[left])
            fools = crowd.fooled(mine, crowd.ask(mine, self._at(crowd, mine, tried, reach[mine]), "step"))
            better = left[fools]
            if len(better):
                found = self._at(crowd, rows[better], tried[fools], reach[rows[better]])
                nearer = bisect(game, crowd, rows[better], found, self.options.bisections)
                reach[rows[better]] = distances(game, crowd, rows[better], nearer)
                # clipping turned the direction: along the one that was tried this distance would lie before the boundary
                way[rows[better]] = unit(nearer - crowd.clean[rows[better]])
                improved[better] = True
                step[rows[better]] = size[better]
                size[better] *= 2
            worse = left[~fools]
            growing[worse] = False
            size[worse] /= 4
