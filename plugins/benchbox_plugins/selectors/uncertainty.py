"""The selector ``uncertainty``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor


class UncertaintyOptions(Options):
    """Options of ``uncertainty``."""

    measure: Literal["entropy", "margin"] = Field(
        default="entropy",
        description="an image is wanted for a high entropy of the substitute's probabilities, or for a small margin between "
        "the first and the second",
    )
    rounds: int = Field(
        default=10, ge=1, description="rounds of training, choosing and asking after the first random images"
    )
    seed_share: float = Field(
        default=0.1, gt=0, le=1, description="share of the budget spent on random images first, at least one per class"
    )


class Uncertainty(Selector):
    """Asks, in rounds, about the images that a substitute is least sure of.

    Pal et al., "ActiveThief: Model Extraction Using Active Learning and Unannotated Public Data", AAAI 2020: a random
    seed set, then rounds in which a substitute is trained from scratch on all answers so far and the most uncertain
    images of the pool are asked. The substitute's recipe is the suite's; ActiveThief's validation set, for stopping
    early, is left out, and so are the queries that it costs.

    Options (default):
        measure (entropy): ``entropy`` of the substitute's probabilities, or the ``margin`` between the first and
            second.
        rounds (10): rounds after the seed set, of equal size.
        seed_share (0.1): share of the budget for the seed set, at least one image per class.
    """

    name: ClassVar[str] = "uncertainty"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = UncertaintyOptions
    nested = False

    def select(self, game: Game, k: int) -> Tensor:
        """Ask k images in rounds and return their rows, in the order they were asked."""
        import torch

        from benchbox_plugins.selectors._rounds import even_sizes, seed_size

        assert game.pool is not None
        first = seed_size(k, self.options.seed_share, game.classes)
        rows = torch.randperm(len(game.pool), generator=game.rng)[:first]
        answers = self._query(game, rows, "seed")
        for turn, size in enumerate(even_sizes(k - first, self.options.rounds), start=1):
            new = self._most_wanted(game, rows, answers, turn)[:size]
            answers = torch.cat([answers, self._query(game, new, f"round {turn}")])
            rows = torch.cat([rows, new])
        return rows

    def _query(self, game: Game, rows: Tensor, phase: str) -> Tensor:
        assert game.pool is not None
        return game.oracle.query(game.pool.images[rows.to(game.pool.images.device)], phase=phase)

    def _most_wanted(self, game: Game, rows: Tensor, answers: Tensor, turn: int) -> Tensor:
        """Train on what is known and return the pool's rows, the least sure first, the known ones last."""
        import torch

        from benchbox_plugins.selectors._networks import probabilities

        assert game.pool is not None
        images = game.pool.images
        substitute = game.train(images[rows.to(images.device)], answers, stream=f"round {turn}")
        doubt = self._doubt(probabilities(substitute, images)).cpu()
        doubt[rows] = -torch.inf
        return doubt.argsort(stable=True, descending=True)

    def _doubt(self, probabilities: Tensor) -> Tensor:
        import torch

        if self.options.measure == "entropy":
            terms: Tensor = torch.special.entr(probabilities)
            return terms.sum(1)
        first, second = probabilities.topk(2).values.unbind(1)
        return second - first
