"""The query attack ``hybrid``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Grant, Options, SearchGame
from benchbox_plugins.query_attacks.nes import NesWalk, WalkOptions

if TYPE_CHECKING:
    from torch import Tensor


class HybridOptions(WalkOptions):
    """Options of ``hybrid``."""

    local_steps: int = Field(default=100, ge=1, description="steps of the attack on the substitute")


class Hybrid(NesWalk):
    """Examples made on a substitute first, one query each; from where they fail, nes.

    Suya et al., "Hybrid batch attacks", USENIX Security 2020 (suyeecav/Hybrid-Attack): PGD on the margin of the scenario's
    substitute, or the sum of several, from a random start, a step a thirtieth of the radius; then NES within the ball of the
    clean image, started at the local example. The order in which seeds are taken matters to a common budget, and here every
    example has its own; the substitute is not tuned on the way. What NES leaves is spent on random corners of the threat.
    """

    name: ClassVar[str] = "hybrid"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = HybridOptions

    def wants(self) -> Collection[Grant]:
        """It starts from the scenario's substitute."""
        return {Grant.SUBSTITUTE}

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        """Search; see ``QueryAttack.search``."""
        from benchbox_plugins.query_attacks._crowd import Crowd
        from benchbox_plugins.query_attacks._local import crafted

        crowd = Crowd(game, images, labels)
        start = crafted(game, crowd, self.options.local_steps)
        crowd.ask(crowd.rows(), start, "local")
        self.walk(game, crowd, start)
