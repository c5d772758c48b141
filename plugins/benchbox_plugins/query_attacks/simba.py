"""The query attack ``simba``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor


class SimbaOptions(Options):
    """Options of ``simba``."""

    basis: Literal["auto", "pixel", "dct"] = Field(
        default="auto", description="directions: single pixels, or low frequencies; auto is pixel for sides up to 32"
    )
    frequencies: int = Field(default=28, ge=1, description="frequencies along each side of the dct basis")
    step: float | None = Field(
        default=None, gt=0, description="length of a step; null for 0.2, or under L-infinity for the radius"
    )


class Simba(QueryAttack):
    """One direction after the other, forth or else back, kept where the true class loses: one or two queries a step.

    Guo et al., "Simple black-box adversarial attacks", ICML 2019 (cg563/simple-blackbox-attack): the directions of an
    orthonormal basis in random order, none of them twice. It pays for its first answer and for both signs, which the
    published batch code does not. A step that leaves the L2 ball is not tried; under L-infinity it is cut to the ball (our
    choices).
    """

    name: ClassVar[str] = "simba"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = SimbaOptions
    targeted: ClassVar[bool] = True

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd
        from benchbox_plugins.query_attacks._greedy import Greedy

        crowd = Crowd(game, images, labels)
        size = self._size(game)
        order = torch.stack([torch.randperm(size, generator=game.rng) for _ in images]).to(images.device)
        step = self.options.step or (crowd.radius if game.threat.norm == "inf" else 0.2)
        walk = Greedy(game, crowd, crowd.losses)
        for turn in range(size):
            rows = crowd.rows()
            if not len(rows):
                return
            walk.step(rows, step * self._directions(game, order[rows, turn]))

    def _size(self, game: SearchGame) -> int:
        channels, height, width = game.shape
        if self._pixels(game):
            return channels * height * width
        few: int = self.options.frequencies
        return channels * min(few, height) * min(few, width)

    def _pixels(self, game: SearchGame) -> bool:
        return self.options.basis == "pixel" or (self.options.basis == "auto" and max(game.shape[1:]) <= 32)

    def _directions(self, game: SearchGame, which: Tensor) -> Tensor:
        """Return unit directions of the basis by number, float (m, *shape)."""
        import torch

        from benchbox_plugins.query_attacks._waves import waves

        channels, height, width = game.shape
        if self._pixels(game):
            flat = torch.zeros(len(which), channels * height * width, device=which.device)
            return flat.scatter_(1, which[:, None], 1.0).view(-1, *game.shape)
        rows, columns = (min(self.options.frequencies, side) for side in (height, width))
        down, across = waves(height)[which // columns % rows], waves(width)[which % columns]
        made = torch.zeros(len(which), *game.shape, device=which.device)
        made[torch.arange(len(which)), which // (rows * columns)] = (down[:, :, None] * across[:, None, :]).to(made)
        return made
