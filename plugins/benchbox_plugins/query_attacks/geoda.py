"""The query attack ``geoda``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class GeodaOptions(Options):
    """Options of ``geoda``."""

    first: int = Field(default=60, ge=2, description="probes of the first normal")
    growth: float = Field(
        default=0.6, gt=0, lt=1, description="mu: normal i has mu^(-2 i / 3) times as many probes as the first"
    )
    sigma: float = Field(
        default=0.02, gt=0, description="size of a probe, as a root mean square over the image's values"
    )
    frequencies: int = Field(
        default=75, ge=1, description="frequencies along each side of the noise, where the image has more"
    )
    bisections: int = Field(default=10, ge=1, description="questions of a bisection")


class Geoda(QueryAttack):
    """The boundary taken as flat: its normal from labels of low-frequency noise, and the shortest way through it.

    Rahmati et al., "GeoDA", CVPR 2020 (thisisalirah/GeoDA): each iteration spends more probes on the normal at the boundary
    point, then steps from the clean image along it (L2) or its sign (L-infinity) until the target is fooled, and bisects.
    Every image is clipped, and asked before it counts; at three times the distance a step is given up (ours). The published
    noise, 0.0002 in normalised pixels, is below what a small image shows (our choice of size).
    """

    name: ClassVar[str] = "geoda"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = GeodaOptions
    targeted: ClassVar[bool] = False

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        from benchbox_plugins.query_attacks._boundary import afforded, bisect, left, starts
        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd = Crowd(game, images, labels)
        now, found = starts(game, crowd)
        begun = found.nonzero()[:, 0]
        now[begun] = bisect(game, crowd, begun, now[begun], self.options.bisections)
        turn = 0
        while len(rows := left(crowd, found)):
            wanted = round(self.options.first * self.options.growth ** (-2 * turn / 3))
            for part, n in afforded(game, crowd, rows, wanted):
                self._through(game, crowd, part, now, self._normal(game, crowd, part, now[part], n))
            turn += 1

    def _normal(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, n: int) -> Tensor:
        """Return the boundary's normal, towards what fools the target, (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._boundary import unit
        from benchbox_plugins.query_attacks._crowd import normal

        channels, height, width = game.shape
        few = (min(self.options.frequencies, height), min(self.options.frequencies, width))
        noise = normal((len(rows), n, channels, *few), game)
        if few != (height, width):
            from benchbox_plugins.query_attacks._waves import waves

            down, across = waves(height)[: few[0]].to(noise), waves(width)[: few[1]].to(noise)
            noise = torch.einsum("mkcuv,uh,vw->mkchw", noise, down, across)
        size = self.options.sigma * (channels * height * width) ** 0.5
        directions = unit(noise)
        answers = crowd.probe(rows, (now[:, None] + size * directions).clamp(0, 1))
        signs = 2.0 * crowd.fooled(rows, answers).to(now) - 1
        found: Tensor = torch.einsum("mk,mkchw->mchw", signs, directions)
        return unit(found)

    def _through(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, slope: Tensor) -> None:
        """Go from the clean images along the normals, further and further, until the target is fooled; then bisect."""
        import torch

        from benchbox_plugins.query_attacks._boundary import bisect, distances
        from benchbox_plugins.query_attacks._crowd import wide

        way = slope if game.threat.norm == "2" else slope.sign()
        reach = distances(game, crowd, rows, now[rows])
        pending = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
        for factor in (1.0, 1.25, 1.5, 2.0, 3.0):
            left = (pending & torch.isin(rows, crowd.rows())).nonzero()[:, 0]
            if not len(left):
                break
            mine = rows[left]
            tried = (crowd.clean[mine] + wide(factor * reach[left]) * way[left]).clamp(0, 1)
            fools = crowd.fooled(mine, crowd.ask(mine, tried, "step"))
            now[mine[fools]] = tried[fools]
            pending[left[fools]] = False
        moved = rows[~pending]
        now[moved] = bisect(game, crowd, moved, now[moved], self.options.bisections)
