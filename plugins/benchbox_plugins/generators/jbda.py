"""JBDA: Papernot's "practical" black-box attack, Jacobian-based data-set augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Game, Options
from benchbox_plugins.generators._doubling import Doubling, DoublingOptions

if TYPE_CHECKING:
    from torch import Tensor


class JbdaOptions(DoublingOptions):
    """The cleverhans tutorial's settings."""

    step: float = Field(0.1, gt=0, description="length of a step in every pixel (lambda)")
    turn: int = Field(3, ge=1, description="doublings between changes of the step's sign")


class Jbda(Doubling):
    """JBDA (Practical): doubles a seed set along the signs of the substitute's Jacobian.

    Papernot et al., AsiaCCS 2017, with the settings of the cleverhans tutorial: 150 seeds, x' = x + lambda sign(dS_T(x)/dx),
    the sign of lambda changing every three doublings, ten epochs after each. The derivative is that of the logit of the
    class that the target answered. What the tutorial does otherwise: its seeds are test images, here they come from the
    attacker's pool; its derivative is that of the probability; its lambda is negative for the first three doublings and
    positive from then on, where the paper's formula, followed here, starts with the positive sign; every doubling trains
    with a new Adam, where ours keeps its moments from one training to the next.
    """

    name: ClassVar[str] = "jbda"
    Options: ClassVar[type[Options]] = JbdaOptions
    options: JbdaOptions

    def moved(self, game: Game, images: Tensor, answers: Tensor) -> Tensor:
        """Step along the sign of the derivative of the answered class's logit."""
        from benchbox_plugins.generators._doubling import logit_gradient
        from benchbox_plugins.generators._training import top_class

        doublings = (self.base // len(self.seed_rows)).bit_length() - 1
        step = self.options.step * (1 if doublings // self.options.turn % 2 == 0 else -1)
        return (images + step * logit_gradient(self.substitute, images, top_class(answers)).sign()).clamp(0, 1)
