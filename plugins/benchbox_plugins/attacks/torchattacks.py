"""Any attack of torchattacks."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from benchbox.contracts import Attack, Options, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._batches import in_batches
from benchbox_plugins.attacks._grey import check_reach

if TYPE_CHECKING:
    from torch import Tensor, nn


class TorchattacksOptions(Options):
    """Options of ``torchattacks``."""

    attack: str = Field(default="PGD", description="the class in torchattacks")
    norm: Literal["inf", "2"] = Field(default="inf", description="norm of the ball")
    eps: float = Field(default=0.3, gt=0, description="radius of the ball, in grey levels of [0, 1] under norm inf")
    step: float | None = Field(
        default=None, gt=0, description="size of one step, where the class has steps (its alpha)"
    )
    steps: int | None = Field(default=None, ge=1, description="number of steps, where the class has steps")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps, self.norm)
        return self


class Torchattacks(Attack):
    """Any attack of torchattacks by its class's name, with its defaults; examples are brought back into the ball.

    ``eps``, ``step`` (its ``alpha``) and ``steps`` are handed to classes that have them. Needs the package:
    ``pip install torchattacks``. Some of its classes set torch's global seed; that stays within the attack. Some differ from
    the papers that they are named after: its TIFGSM and DIFGSM have no momentum by default (algorithms-2.md 12.1).
    """

    name = "torchattacks"
    version = 1
    Options = TorchattacksOptions

    def threat(self) -> Threat:
        """Return the ball that the examples stay in."""
        return Threat(self.options.norm, self.options.eps)

    def perturb(self, substitute: nn.Module, images: Tensor, labels: Tensor, *, classes: int, targeted: bool) -> Tensor:
        """Return adversarial examples; see ``Attack.perturb``."""
        import torch

        found = _class(self.options.attack)
        wanted = {"eps": self.options.eps, "alpha": self.options.step, "steps": self.options.steps}
        known = inspect.signature(found.__init__).parameters
        attack = found(
            substitute, **{key: value for key, value in wanted.items() if value is not None and key in known}
        )
        if targeted:
            attack.set_mode_targeted_by_label(quiet=True)
        with torch.enable_grad(), torch.random.fork_rng(devices=[]):
            examples = in_batches(attack, images, labels)
        return into_ball(examples.detach(), images, self.options.norm, self.options.eps)


def _class(name: str) -> Any:
    """Return the class of that name.

    Raises:
        ModuleNotFoundError: torchattacks is not installed; the sentence says how to install it.
        ValueError: it has no such class; the sentence says the nearest.
    """
    try:
        import torchattacks
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{error}: 'pip install torchattacks' brings it") from None
    known = {
        key: value
        for key, value in vars(torchattacks).items()
        if inspect.isclass(value) and issubclass(value, torchattacks.attack.Attack)
    }
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.4)
        raise ValueError(f"torchattacks has no class '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    return known[name]
