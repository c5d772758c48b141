"""An adaptive thief: real images, whose answers are mended before a substitute is trained on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from benchbox.contracts import Blocked, Game, Generator, NotApplicable, Options

if TYPE_CHECKING:
    from torch import Tensor


class MendOptions(Options):
    """What is asked of each image, and what is made of the answers."""

    copies: int = Field(
        3, ge=1, description="questions an image; their answers are averaged, of labels the commonest counts"
    )
    shift: int = Field(
        0,
        ge=0,
        description="pixels by which copies are moved at most, wrapping round; a copy's is drawn for all images asked together",
    )
    noise: float = Field(0.0, ge=0, description="standard deviation of the noise on a copy's pixels")
    label: bool = Field(False, description="whether the class of the mended answer alone is learnt")


class Mend(Generator):
    """Asks real images and mends the answers: the mean of repeats or of changed copies, or the label alone.

    What a thief does who knows the kind of defence, one profile a family: ``averaging`` asks again and takes the mean,
    against fresh noise; ``smoothing`` asks two changed copies beside the image, ModelGuard's (Yoruko-Tang/ModelGuard: three
    augmented answers, three paid), against what hangs on single pixels; ``label-only`` throws all but the class away, against
    whatever keeps it. Each question is paid for, so a mended image costs several; what a defence blocks is left out. Images
    come from the pool in random order; the scenario's trainer learns from them.
    """

    name: ClassVar[str] = "mend"
    version: ClassVar[int] = 1
    trains: ClassVar[bool] = True
    Options: ClassVar[type[Options]] = MendOptions
    options: MendOptions
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "averaging": {"copies": 5},
        "smoothing": {"copies": 3, "shift": 1, "noise": 0.05},
        "label-only": {"copies": 1, "label": True},
    }

    def applicable(self, game: Game) -> None:
        """Refuse a scenario without real images."""
        if game.pool is None:
            raise NotApplicable("mend asks real images; the scenario has no pool")

    def setup(self, game: Game) -> None:
        """Draw the order in which images are asked."""
        import torch

        assert game.pool is not None
        self.substitute = game.new_substitute()
        self.order = torch.randperm(len(game.pool), generator=game.rng).to(game.device)
        self.asked = 0
        self.rows = self.order[:0]
        self.answers: Tensor | None = None

    def round(self, game: Game) -> bool:
        """Ask up to the next budget point, and train there."""
        import torch

        from benchbox_plugins.generators._training import room

        assert game.pool is not None
        left = room(game)
        copies = min(self.options.copies, left)
        rows = self.order[self.asked : self.asked + left // copies]
        more = len(rows) > 0
        if more:
            kept, answers, more = self._mended(game, game.pool.images[rows], copies)
            self.answers = answers if self.answers is None else torch.cat([self.answers, answers])
            self.rows = torch.cat([self.rows, rows[kept]])
            self.asked += len(rows)
        if self.answers is not None and len(self.rows) and (game.oracle.spent in game.budgets or not more):
            images = game.pool.images[self.rows]
            self.substitute = game.train(images, self.answers, stream=f"budget {game.oracle.spent}")
        return more

    def _mended(self, game: Game, images: Tensor, copies: int) -> tuple[Tensor, Tensor, bool]:
        """Ask copies of images; return which were answered, what is made of those answers, and whether to go on."""
        import torch

        asked = torch.stack([images if not i else self._changed(game, images) for i in range(copies)], 1).flatten(0, 1)
        kept, more = torch.ones(len(asked), dtype=torch.bool, device=asked.device), True
        try:
            answers = game.oracle.query(asked)
        except Blocked as blocked:
            if blocked.answers is None:
                raise
            kept, answers, more = blocked.kept, blocked.answers, not blocked.ends
        said = answers if answers.ndim == 2 else torch.nn.functional.one_hot(answers, game.classes).float()
        sums = torch.zeros((len(asked), game.classes), device=asked.device)
        sums[kept] = said
        times = kept.view(len(images), copies).sum(1)
        mended = sums.view(len(images), copies, -1).sum(1)[times > 0] / times[times > 0, None]
        label = self.options.label or answers.ndim == 1
        return times > 0, mended.argmax(1) if label else mended, more

    def _changed(self, game: Game, images: Tensor) -> Tensor:
        import torch

        most = self.options.shift
        moved = images
        if most:
            down, right = torch.randint(-most, most + 1, (2,), generator=game.rng).tolist()
            moved = images.roll((down, right), (2, 3))
        if self.options.noise:
            moved = moved + self.options.noise * torch.randn(images.shape, generator=game.rng).to(images)
        return moved.clamp(0, 1)
