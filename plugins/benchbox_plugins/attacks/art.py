"""Any evasion class of ART."""

from __future__ import annotations

import difflib
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from torch import Tensor, nn


class ArtOptions(Options):
    """Options of ``art``."""

    attack: str = Field(default="ProjectedGradientDescent", description="the class in art.attacks.evasion")
    norm: Literal["inf", "2"] = Field(default="inf", description="norm of the ball")
    eps: float = Field(default=0.3, gt=0, description="radius of the ball, in grey levels of [0, 1] under norm inf")
    step: float | None = Field(
        default=None, gt=0, description="size of one step, where the class has steps (ART's eps_step)"
    )
    steps: int | None = Field(
        default=None, ge=1, description="number of steps, where the class has steps (ART's max_iter)"
    )

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_reach("eps", self.eps, self.norm)
        taken = _parameters(_class(self.attack))
        for option, name in (("step", "eps_step"), ("steps", "max_iter")):
            if getattr(self, option) is not None and name not in taken:
                raise ValueError(f"ART's {self.attack} has no {option} ({name})")
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
        return "targeted" in _parameters(_class(self.options.attack))

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
        taken = {key: value for key, value in wanted.items() if value is not None and key in _parameters(found)}
        examples = _art.perturb(partial(found, **taken), substitute, images, labels, classes)
        return into_ball(examples, images, self.options.norm, self.options.eps)


def _class(name: str) -> Any:
    """Return ART's class of that name.

    Raises:
        ValueError: there is none; the sentence says the nearest.
    """
    from art.attacks import EvasionAttack, evasion

    known = {
        key: value
        for key, value in vars(evasion).items()
        if inspect.isclass(value) and issubclass(value, EvasionAttack)
    }
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.4)
        raise ValueError(f"ART has no evasion class '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    return known[name]


def _parameters(found: Any) -> frozenset[str]:
    return frozenset(inspect.signature(found.__init__).parameters)
