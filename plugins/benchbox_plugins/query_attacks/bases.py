"""The query attack ``bases``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Grant, NotApplicable, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd

_HALVINGS = 5  # of the step: weights that differ by less make the same examples


class BasesOptions(Options):
    """Options of ``bases``."""

    local_steps: int = Field(default=10, ge=1, description="steps of the attack on the substitutes, a round")
    step: float = Field(
        default=0.1, gt=0, description="by how much a round raises and lowers the logarithm of one substitute's weight"
    )


class Bases(QueryAttack):
    """Examples made on several substitutes at once, and their weights searched by asking: two queries a round.

    Cai et al., "Blackbox attacks via surrogate ensemble search", NeurIPS 2022 (CSIPlab/BASES). PGD on the weighted sum of the
    substitutes' margins, a step three tenths of the radius, goes on from the present example; round after round one weight is
    raised and lowered, and both examples are asked. Published for 4 to 20 networks and 51 queries. Ours: weights are softmax
    outputs, a step the published tenth of an equal weight; of the present example and both tries the best stays, where the
    source takes the better try even if it is worse; the step is halved once no weight has helped, as the source means to and
    never does, and behind five halvings the search ends, whatever is left of the budget.
    """

    name: ClassVar[str] = "bases"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = BasesOptions
    targeted: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """It weighs the scenario's surrogates."""
        return {Grant.SUBSTITUTE}

    def applicable(self, game: SearchGame) -> None:
        """Check that there are several; see ``QueryAttack.applicable``."""
        if len(game.substitutes) < 2:
            raise NotApplicable("bases weighs several networks against each other; the scenario grants one substitute")

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd, n = Crowd(game, images, labels), len(game.substitutes)
        logs = torch.zeros(len(images), n, device=images.device)
        step = torch.full((len(images),), self.options.step, device=images.device)
        idle = torch.zeros(len(images), dtype=torch.int64, device=images.device)
        rows = crowd.rows()
        now = self._made(game, crowd, rows, images, logs)
        loss = crowd.margins(rows, crowd.ask(rows, now, "base"))
        least, turn = self.options.step / 2**_HALVINGS, 0
        while len(rows := crowd.rows()[step[crowd.rows()] >= least]):
            start, weights = now.clone(), logs.clone()
            idle[rows] += 1
            for sign in (1, -1):
                rows = rows[torch.isin(rows, crowd.rows())]  # a first try may solve an example, or spend its last query
                if not len(rows):
                    break
                tried = weights[rows]
                tried[:, turn % n] += sign * step[rows]
                made = self._made(game, crowd, rows, start[rows], tried)
                found = crowd.margins(rows, crowd.ask(rows, made))
                better = found < loss[rows]
                kept = rows[better]
                now[kept], logs[kept], loss[kept], idle[kept] = made[better], tried[better], found[better], 0
            step[idle >= n] /= 2
            idle[idle >= n] = 0
            turn += 1

    def _made(self, game: SearchGame, crowd: Crowd, rows: Tensor, start: Tensor, logs: Tensor) -> Tensor:
        """Return what PGD makes of images (m, *shape) with the networks weighed by ``logs``, (m, networks)."""
        import torch

        from benchbox_plugins.query_attacks._local import gradient, margin_of

        weights, margin, now = logs.softmax(1), margin_of(game, crowd.labels, rows), start
        for _ in range(self.options.local_steps):
            slopes = [gradient([network], now, margin) for network in game.substitutes]
            slope = torch.einsum("mi,imchw->mchw", weights, torch.stack(slopes))
            now = crowd.project(rows, now - crowd.stride(slope, 0.3 * crowd.radius))
        return now
