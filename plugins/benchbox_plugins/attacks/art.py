"""Any evasion class of ART."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._named import NamedOptions, check_steps, known_arguments, named

if TYPE_CHECKING:
    from torch import Tensor, nn


class ArtOptions(NamedOptions):
    """Options of ``art``."""

    attack: str = Field(default="ProjectedGradientDescent", description="the class in art.attacks.evasion")

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_steps("ART", _class(self.attack), self, {"step": "eps_step", "steps": "max_iter"})
        return self


class Art(Attack):
    """Any evasion class of ART by its name, with its defaults; examples are brought back into the ball.

    ``norm``, ``eps``, ``step`` and ``steps`` are handed to classes that have them. A class that knows no radius is played all
    the same, and what ends outside the ball is moved onto its rim. One without goals is untargeted. Classes that ask a model
    many times ask the substitute here: what they would cost the target is a query attack's question. Source: ART 1.20.
    """

    name = "art"
    version = 1
    Options = ArtOptions

    @property
    def targeted(self) -> bool:  # type: ignore[override]
        """Whether ART's class can bring examples to a goal class."""
        return bool(known_arguments(_class(self.options.attack), {"targeted": True}))

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat(self.options.norm, self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        from benchbox_plugins.attacks import _art

        wanted = {
            "norm": _art.norm_of(self.options.norm),
            "eps": self.options.eps,
            "eps_step": self.options.step,
            "max_iter": self.options.steps,
            "targeted": targeted,
            "batch_size": _art.BATCH,
            "verbose": False,
        }
        found = _class(self.options.attack)
        attack = partial(found, **known_arguments(found, wanted))
        examples = _art.perturb(attack, substitute, images, labels, classes)
        return into_ball(examples, images, self.options.norm, self.options.eps)


def _class(name: str) -> Any:
    from art.attacks import EvasionAttack, evasion

    return named("ART", evasion, EvasionAttack, name)
