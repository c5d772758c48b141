"""Defences: what stands between the target and those who ask it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from benchbox.contracts.access import Access
from benchbox.contracts.game import Setup
from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True)
class Told:
    """What a defence has a client told.

    Attributes:
        probabilities: float (n, classes), rows that sum to 1, on the device of what it was given.
        alarms: bool (n,): which images raised an alarm; None where none did.
        blocked: bool (n,): which images are not answered; None where all are.
    """

    probabilities: Tensor
    alarms: Tensor | None = None
    blocked: Tensor | None = None


class Owner(Setup, Protocol):
    """The target's owner, of whom a defence learns before anybody asks."""

    def draw(self, most: int) -> tuple[Tensor, Tensor]:
        """Return training images, float32 (n, *shape) in [0, 1], and their classes, int64 (n,), n up to ``most``.

        They are drawn under the seed, on ``device``. Nobody but the owner has the rest of them; test images are nobody's.
        """


class Defence(Plugin):
    """Changes the target's answers, or watches who asks, or both. A subclass writes ``answer``.

    It lives with the referee: what it does is part of the game's rules. Each game, of a selector each budget point, is a new
    client, and gets a copy of the defence as ``prepare`` left it; what it remembers of a client lives on ``self`` as a
    tensor, number or text, or as something with a ``state_dict`` and ``load_state_dict``: that makes a killed run resume.

    Attributes:
        needs: what the target must answer: ``Access.LABEL`` where the classes alone are enough.
    """

    kind: ClassVar[str] = "defence"
    needs: ClassVar[Access] = Access.PROBABILITIES

    def prepare(self, owner: Owner) -> None:
        """Learn what is needed of the owner's images, once a cell; the global generators are seeded before."""

    @abstractmethod
    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        """Say what one client is told. Images come in the order in which they are asked.

        A client must be told the same whether it sends its images one by one or together: what chance decides is drawn
        image by image, and what one image changes counts for the next.

        Args:
            images: float32 (n, *shape) in [0, 1], n >= 1.
            probabilities: the target's answers, float32 (n, classes); not to be changed in place.
            rng: the client's random stream, on the CPU.
        """
