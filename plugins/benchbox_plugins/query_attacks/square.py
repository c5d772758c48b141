"""The query attack ``square``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.query_attacks._crowd import Crowd


class SquareOptions(Options):
    """Options of ``square``."""

    p: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="share of the pixels that the first window covers; null for 0.8 of images in grey, and of others 0.05 "
        "(L-infinity) or 0.1 (L2)",
    )


class Square(QueryAttack):
    """Random squares at the rim of the threat, kept where they help: one query a step.

    Andriushchenko et al., "Square Attack", ECCV 2020 (max-andr/square-attack). L-infinity: from vertical stripes of random
    sign, each step sets one square to one random sign a channel, times the radius. L2: from a grid of bumps, each step moves
    what one window holds into a bump in another. A step is kept where the margin of log-probabilities falls. Our choices: the
    square is drawn for each image alone and may touch every border (the published code's never touches the last row and
    column); the schedule of its size is stretched to the budget; p is 0.8 for images in grey; with a goal it is the margin, too
    (published: cross-entropy).
    """

    name: ClassVar[str] = "square"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.PROBABILITIES
    Options: ClassVar[type[Options]] = SquareOptions
    targeted: ClassVar[bool] = True

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        import torch

        from benchbox_plugins.query_attacks._crowd import Crowd

        crowd = Crowd(game, images, labels)
        inf = game.threat.norm == "inf"
        step = self._square if inf else self._bumps
        change = self._stripes(game, images) if inf else self._grid(game, images)
        loss = torch.full((len(images),), torch.inf, dtype=torch.float64, device=images.device)
        for i in range(game.budget):
            rows = crowd.rows()
            if not len(rows):
                return
            tried = step(game, crowd, rows, change[rows], i) if i else change[rows]
            found = crowd.margins(rows, crowd.ask(rows, (images[rows] + tried).clamp(0, 1)))
            better = found < loss[rows]
            change[rows[better]], loss[rows[better]] = tried[better], found[better]

    def _side(self, game: SearchGame, i: int) -> int:
        from benchbox_plugins.query_attacks._windows import share, side

        usual = 0.8 if game.shape[0] == 1 else 0.05 if game.threat.norm == "inf" else 0.1
        return side(share(self.options.p or usual, i, game.budget), *game.shape[1:])

    def _stripes(self, game: SearchGame, images: Tensor) -> Tensor:
        from benchbox_plugins.query_attacks._crowd import signs

        channels, _, width = game.shape
        return game.threat.radius * signs((len(images), channels, 1, width), game).expand_as(images).clone()

    def _square(self, game: SearchGame, crowd: Crowd, rows: Tensor, change: Tensor, i: int) -> Tensor:
        """Return the changes with one square of one sign a channel, redrawn where the image would stay as it is."""
        from benchbox_plugins.query_attacks._crowd import signs
        from benchbox_plugins.query_attacks._windows import places

        channels, height, width = game.shape
        window = places(len(rows), self._side(game, i), height, width, game)[:, None].expand(-1, channels, -1)
        clean = crowd.clean[rows].flatten(2).gather(2, window)
        before = (clean + change.flatten(2).gather(2, window)).clamp(0, 1)
        sign = signs((len(rows), channels, 1), game)
        for _ in range(10):
            after = (clean + game.threat.radius * sign).clamp(0, 1)
            same = ((after - before).abs() < 1e-7).flatten(1).all(1)
            if not same.any():
                break
            sign[same] = signs((int(same.sum()), channels, 1), game)
        made = (game.threat.radius * sign).expand(window.shape)
        return change.flatten(2).scatter(2, window, made).view_as(change)

    def _grid(self, game: SearchGame, images: Tensor) -> Tensor:
        """Return bumps of random sign side by side, about five a side, scaled to the radius."""
        import torch

        from benchbox_plugins.query_attacks._crowd import lengths, signs
        from benchbox_plugins.query_attacks._windows import bump

        channels, height, width = game.shape
        size = max(3, min(height, width) // 5)
        made = bump(size).to(images)
        change = torch.zeros_like(images)
        for top in range(0, height - size + 1, size):
            for left in range(0, width - size + 1, size):
                here = change[:, :, top : top + size, left : left + size]
                here += made * signs((len(images), channels, 1, 1), game)
        return game.threat.radius * change / lengths(change)

    def _bumps(self, game: SearchGame, crowd: Crowd, rows: Tensor, change: Tensor, i: int) -> Tensor:
        """Return the changes with what one window holds moved into a bump in another, of the same length in all."""
        import torch

        from benchbox_plugins.query_attacks._crowd import lengths, signs
        from benchbox_plugins.query_attacks._windows import bump, places

        channels, height, width = game.shape
        m, radius = len(rows), game.threat.radius
        size = min(max(3, self._side(game, i) // 2 * 2 + 1), height, width)
        one, two = (places(m, size, height, width, game)[:, None].expand(-1, channels, -1) for _ in range(2))
        flat = change.flatten(2)
        old = flat.gather(2, one)
        both = flat.scatter(2, one, 0.0).scatter(2, two, 0.0)
        held = (flat.square().sum(2) - both.square().sum(2)).clamp_min(0)  # by channel, of both windows
        spare = (radius**2 - flat.square().sum((1, 2))).clamp_min(0)[:, None] / channels
        shapes = torch.stack([bump(size), bump(size).T]).flatten(1).to(change)
        turned = shapes[torch.randint(2, (m,), generator=game.rng).to(shapes.device)][:, None]
        new = old / old.norm(dim=2, keepdim=True).clamp_min(1e-12) + turned * signs((m, channels, 1), game)
        new = new / new.norm(dim=2, keepdim=True).clamp_min(1e-12) * (spare + held).sqrt()[:, :, None]
        made = flat.scatter(2, two, 0.0).scatter(2, one, new).view_as(change)
        return radius * made / lengths(made).clamp_min(1e-12)
