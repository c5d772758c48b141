"""The query attack ``transfer``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Access, Grant, Options, QueryAttack, SearchGame

if TYPE_CHECKING:
    from torch import Tensor


class TransferOptions(Options):
    """Options of ``transfer``."""

    local_steps: int = Field(default=100, ge=1, description="steps of the attack on the substitutes")


class Transfer(QueryAttack):
    """An example made on the substitutes, one query to see whether it fools the target, and no more.

    What ``hybrid`` begins with, alone: PGD on the margin of the scenario's substitute, or the sum of several, from a random
    start, a step a thirtieth of the radius. It stands beside attacks that go on asking, in their units.
    """

    name: ClassVar[str] = "transfer"
    version: ClassVar[int] = 1
    needs: ClassVar[Access] = Access.LABEL
    Options: ClassVar[type[Options]] = TransferOptions
    targeted: ClassVar[bool] = True

    def wants(self) -> Collection[Grant]:
        """It attacks the scenario's substitute."""
        return {Grant.SUBSTITUTE}

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        from benchbox_plugins.query_attacks._crowd import Crowd
        from benchbox_plugins.query_attacks._local import crafted

        crowd = Crowd(game, images, labels)
        crowd.ask(crowd.rows(), crafted(game, crowd, self.options.local_steps), "local")
