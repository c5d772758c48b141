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
    combination of a substitute's logits; of several substitutes, of one drawn for each step. Its published step is 0.2 without
    a ball; a sixth of the radius, and signs under L-infinity, are our choices. So is the margin with a goal, too (published:
    cross-entropy), and that a step that would leave an L2 ball is not tried. What such steps leave is spent on random corners
    of the threat.
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
        failures = torch.zeros(len(images), dtype=torch.int64, device=images.device)
        step = self.options.step or crowd.radius / 6
        idle = 0
        while len(rows := crowd.rows()):
            left = game.remaining(rows).sum()
            moves = crowd.stride(self._directions(game, crowd, rows, walk.now[rows], failures[rows]), step)
            failures[rows] = torch.where(walk.step(rows, moves), 0, failures[rows] + 1)
            idle = idle + 1 if bool(game.remaining(rows).sum() == left) else 0
            if idle == _IDLE:
                return crowd.guess(walk.now)
        return None

    def _directions(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, failures: Tensor) -> Tensor:
        """Return a direction for each row; ``failures`` says how many did not help since it moved last, int64 (m,)."""
        import torch

        from benchbox_plugins.query_attacks._local import gradient

        weights = (2 * torch.rand(len(rows), game.classes, generator=game.rng) - 1).to(now)
        networks = game.substitutes
        one = int(torch.randint(len(networks), (), generator=game.rng)) if len(networks) > 1 else 0
        return gradient(networks[one : one + 1], now, lambda logits, part: (weights[part] * logits).sum(1))


class Gfcs(SimbaOds):
    """The gradient of a substitute's margin, forth or else back; where it does not help, directions of simba-ods.

    Lord et al., "Attacking deep networks with surrogate-based adversarial black-box methods is easy", ICLR 2022
    (fiveai/GFCS): of several substitutes one after the other is tried until one helps, in the scenario's order (published: at
    random). The step is a sixth of the radius, as published for L2; signs under L-infinity are ours. Ours, too: a step that
    would leave an L2 ball is not tried (published: projected), the substitute's margin is to its own best other class
    (published: to the one that the target ranks second), and it is the margin with a goal, too (published: cross-entropy).
    """

    name: ClassVar[str] = "gfcs"
    version: ClassVar[int] = 1

    def _directions(self, game: SearchGame, crowd: Crowd, rows: Tensor, now: Tensor, failures: Tensor) -> Tensor:
        from benchbox_plugins.query_attacks._local import gradient, margin_of

        found = super()._directions(game, crowd, rows, now, failures)
        for tried, network in enumerate(game.substitutes):
            turn = failures == tried
            if turn.any():
                found[turn] = gradient([network], now, margin_of(game, crowd.labels, rows))[turn]
        return found


_IDLE = 20  # turns in which no step was worth a question: all of them left the ball
