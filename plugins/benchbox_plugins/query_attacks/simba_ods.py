"""The query attacks ``simba-ods`` and ``gfcs``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Grant, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class OdsOptions(Options):
    """Options of ``simba-ods`` and ``gfcs``."""

    step: float | None = Field(
        default=None,
        gt=0,
        description="length of a step, in the threat's norm; null for a sixth of the radius, as published for gfcs",
    )


class SimbaOds(QueryAttack):
    """Directions in which a substitute's answers differ most, forth or else back, kept where the margin falls.

    Tashiro et al., "Diversity can be transferred", NeurIPS 2020 (ermongroup/ODS): each direction is the gradient of a random
    combination of the substitute's logits. Its published step is 0.2 without a ball; a sixth of the radius, and signs under
    L-infinity, are our choices (algorithms-2.md 11.6).
    """

    name: ClassVar[str] = "simba-ods"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = OdsOptions
    targeted: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """It starts from the scenario's substitute."""
        return {Grant.SUBSTITUTE}

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd
        from benchbox_plugins.query_attacks._greedy import Greedy

        crowd = Crowd(game, images, labels)
        walk = Greedy(game, crowd, crowd.margins)
        fresh = torch.ones(len(images), dtype=torch.bool, device=images.device)
        step = self.options.step or crowd.radius / 6
        idle = 0
        while len(rows := crowd.rows()):
            left = game.remaining(rows).sum()
            moves = crowd.stride(self._directions(game, crowd, rows, walk.now[rows], fresh[rows]), step)
            fresh[rows] = walk.step(rows, moves)
            idle = idle + 1 if bool(game.remaining(rows).sum() == left) else 0
            if idle == _IDLE:
                return crowd.guess(walk.now)
        return None

    def _directions(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, fresh: Tensor) -> Tensor:
        """Return a direction for each row; ``fresh`` says which have moved since the last."""
        import torch

        from benchbox_plugins.query_attacks._local import gradient

        weights = (2 * torch.rand(len(rows), game.classes, generator=game.rng) - 1).to(now)
        return gradient(game.substitute, now, lambda logits, part: (weights[part] * logits).sum(1))


class Gfcs(SimbaOds):
    """The gradient of a substitute's margin, forth or else back; where it does not help, directions of simba-ods.

    Lord et al., "Attacking deep networks with surrogate-based adversarial black-box methods is easy", ICLR 2022
    (fiveai/GFCS), with the one substitute that the scenario grants. The step is a sixth of the radius, as published for L2;
    signs under L-infinity are ours (algorithms-2.md 11.9).
    """

    name: ClassVar[str] = "gfcs"
    version: ClassVar[int] = 1

    def _directions(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, fresh: Tensor) -> Tensor:
        from benchbox_plugins.query_attacks._local import gradient, margins

        goals = None if game.goals is None else game.goals[rows]
        labels = crowd.labels[rows]

        def margin(logits: Tensor, part: slice) -> Tensor:
            return margins(logits, labels[part], None if goals is None else goals[part])

        found = super()._directions(game, crowd, rows, now, fresh)
        found[fresh] = gradient(game.substitute, now, margin)[fresh]
        return found


_IDLE = 20  # turns in which no step was worth a question: all of them left the ball
