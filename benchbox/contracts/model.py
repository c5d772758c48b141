"""Network architectures, for targets and substitutes alike."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    from torch import nn

Shape = tuple[int, int, int]


class Model(Plugin):
    """A network architecture. A subclass writes ``build``; initial weights come from torch's seeded global state.

    Or it brings trained ones, whatever the seed: a recipe of no epochs takes such a network as it is, and no other takes it.
    """

    kind: ClassVar[str] = "model"

    @abstractmethod
    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return a fresh network that maps images (n, *shape) in [0, 1] to logits (n, classes).

        Raises:
            PluginError: the architecture cannot take images of this shape.
        """
