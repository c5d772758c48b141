"""PRADA's attack: seeds and synthetic images moved towards random classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Options
from benchbox_plugins.generators._doubling import Doubling, DoublingOptions

if TYPE_CHECKING:
    from torch import Tensor


class PradaOptions(DoublingOptions):
    """Our choice: the authors published their detector, not their attack."""

    seeds: int = Field(100, ge=1, description="real images to start from, drawn from the pool")
    epsilon: float = Field(0.25, gt=0, description="largest change of a pixel")
    steps: int = Field(11, ge=1, description="steps of the iterative FGSM, each epsilon / steps")


class Prada(Doubling):
    """PRADA (T-RND): doubles a seed set by iterative FGSM on the substitute towards random classes.

    Juuti et al., EuroS&P 2019. The authors' repository holds the detector only; seeds, epsilon and steps are our choice,
    and instead of cross-validated training settings the ones of ``jbda`` are used, whose Adam keeps its moments from one
    training to the next.
    """

    name: ClassVar[str] = "prada"
    Options: ClassVar[type[Options]] = PradaOptions
    options: PradaOptions

    def moved(self, game: Game, images: Tensor, answers: Tensor) -> Tensor:
        """Move each image towards a random class other than the answered one."""
        import torch

        from benchbox_plugins.generators._doubling import loss_gradient
        from benchbox_plugins.generators._training import top_class

        o = self.options
        shift = torch.randint(1, game.classes, (len(images),), generator=game.rng).to(images.device)
        goals = (top_class(answers) + shift) % game.classes
        moved = images
        for _ in range(o.steps):
            moved = moved - o.epsilon / o.steps * loss_gradient(self.substitute, moved, goals).sign()
            moved = moved.clamp(0, 1)
        return moved
