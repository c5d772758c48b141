"""Any attack of torchattacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from benchbox.contracts import Attack, Threat
from benchbox_plugins.attacks._ball import into_ball
from benchbox_plugins.attacks._batches import in_batches
from benchbox_plugins.attacks._named import NamedOptions, check_steps, known_arguments, named

if TYPE_CHECKING:
    from torch import Tensor, nn


class TorchattacksOptions(NamedOptions):
    """Options of ``torchattacks``."""

    attack: str = Field(default="PGD", description="the class in torchattacks")


class Torchattacks(Attack):
    """Any attack of torchattacks by its class's name, with its defaults; examples are brought back into the ball.

    ``norm``, ``eps``, ``step`` (its ``alpha``) and ``steps`` are handed to classes that have them; the norm of most is in
    their name. Which of them know goals is found when they play. Needs the package:
    ``pip install 'benchbox-attacks[torchattacks]'`` (docs/faq.md says what else that changes). Some of its classes set
    torch's global seed; that stays within the attack. Some differ from the papers that they are named after: its TIFGSM and
    DIFGSM have no momentum by default.
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
        check_steps("torchattacks", found, self.options, {"step": "alpha", "steps": "steps"})
        norm = {"inf": "Linf", "2": "L2"}[self.options.norm]
        wanted = {"eps": self.options.eps, "alpha": self.options.step, "steps": self.options.steps, "norm": norm}
        attack = found(substitute, **known_arguments(found, wanted))
        if targeted:
            attack.set_mode_targeted_by_label(quiet=True)
        with torch.enable_grad(), torch.random.fork_rng(devices=[]):
            examples = in_batches(attack, images, labels)
        return into_ball(examples.detach(), images, self.options.norm, self.options.eps)


def _class(name: str) -> Any:
    """Return the class of that name.

    Raises:
        ModuleNotFoundError: torchattacks is not installed; the sentence says how to install it.
        ValueError: it has no such class.
    """
    try:
        import torchattacks
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"{error}: pip install 'benchbox-attacks[torchattacks]' brings it") from None
    return named("torchattacks", torchattacks, torchattacks.attack.Attack, name)
