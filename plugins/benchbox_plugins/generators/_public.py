"""What Knockoff Nets, Copycat and SwiftThief share: they ask images of another domain that anybody has."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from benchbox.contracts import Game, Generator, NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox_plugins.generators._training import Fit


class PublicAsker(Generator):
    """Asks the public images in random order, up to one budget point after the other; ends when they do.

    A subclass writes ``learnt``. Its ``substitute`` is trained on at every budget point, not afresh.
    """

    def applicable(self, game: Game) -> None:
        """Refuse a scenario without fitting public images.

        Raises:
            NotApplicable: it names no public data set, or one of another image shape.
        """
        if game.public is None:
            raise NotApplicable(
                f"generator '{self.name}' asks public images, and the scenario names no public data set"
            )
        if tuple(game.public.shape[1:]) != tuple(game.shape):
            raise NotApplicable(
                f"generator '{self.name}' cannot ask public images of shape {tuple(game.public.shape[1:])} of a target "
                f"that takes {tuple(game.shape)}"
            )

    def setup(self, game: Game) -> None:
        """Build the substitute; draw the order of the public images."""
        import torch

        assert game.public is not None
        self.substitute = game.new_substitute()
        self.order = torch.randperm(len(game.public), generator=game.rng)
        self.answers: Tensor | None = None

    def round(self, game: Game) -> bool:
        """Ask public images up to the next budget point; learn from all answers."""
        from benchbox_plugins.generators._training import report, room

        first = game.oracle.spent
        size = min(room(game), self.most(game), len(self.order) - first)
        if not size:
            return False
        self.ask(game, size)
        assert self.answers is not None
        known = self.images(game, self.order[: len(self.answers)])
        seen = self.learnt(game, known, self.answers)
        report(game, self.answers[first:], loss_s=seen.loss, agreement=seen.agreement, confidence=seen.confidence)
        game.picture("images", known[first:])
        return True

    def most(self, game: Game) -> int:
        """Return how many images a round asks at the most, 1 or more."""
        return len(self.order)

    def ask(self, game: Game, size: int) -> None:
        """Ask the next images in order."""
        import torch

        asked = game.oracle.spent
        answers = game.oracle.query(self.images(game, self.order[asked : asked + size]))
        self.answers = answers if self.answers is None else torch.cat([self.answers, answers])

    def images(self, game: Game, rows: Tensor) -> Tensor:
        """Return rows of the public images."""
        assert game.public is not None
        return game.public[rows.to(game.device)]

    @abstractmethod
    def learnt(self, game: Game, images: Tensor, answers: Tensor) -> Fit:
        """Train the substitute on all answered images, and return what its last pass saw.

        Args:
            game: the game.
            images: (n, channels, height, width).
            answers: the target's: classes, int64 (n,), or probabilities, float32 (n, classes).
        """
