"""The selector ``activethief``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from benchbox.contracts import Game, Options, Selector

if TYPE_CHECKING:
    from torch import Tensor, nn

    from benchbox_plugins.selectors._validated import Answered


class ActiveThiefOptions(Options):
    """Options of ``activethief``."""

    strategy: Literal["k-centre", "uncertainty", "adversarial", "adversarial+k-centre", "random"] = Field(
        default="k-centre", description="how a round chooses"
    )
    validation: int = Field(default=1000, ge=0, description="most queries spent on validation images; at most a fifth")
    seed_share: float = Field(
        default=0.1, gt=0, le=1, description="share of the others spent on random images first, at least one per class"
    )
    rounds: int = Field(
        default=10, ge=1, description="rounds of training, choosing and asking after the first random images"
    )
    epochs: int = Field(default=1000, ge=1, description="most epochs of a training")
    patience: int = Field(default=20, ge=1, description="epochs without a better F1 after which it stops")
    batch: int = Field(default=50, ge=1, description="images a step")
    rate: float = Field(default=1e-3, gt=0, description="Adam's learning rate")
    candidates: int = Field(default=10_000, ge=1, description="adversarial: random images measured a round")
    steps: int = Field(default=20, ge=1, description="adversarial: most steps of DeepFool")


class ActiveThief(Selector):
    """Asks, in rounds, what a substitute that is stopped by validation wants to know.

    Pal et al., "ActiveThief: Model Extraction Using Active Learning and Unannotated Public Data", AAAI 2020, after the
    authors' code. Validation images are asked first; they are paid for and never trained on. Then a random seed set, and
    rounds: the scenario's network is trained from scratch on all answers so far (Adam, at most 1,000 epochs, until the F1
    of the validation answers has not risen for 20), and chooses.

    The last substitute is the scenario's trainer's, as every selector's, from what was chosen. The authors' has dropout and
    weight decay and is stopped early as the others are; dropout and decay are left out here. Theirs does not stop while its
    loss is above 1.5 either, ours may. The share of a fifth, where
    1,000 validation images would be more, the seed set's share and ten rounds are ours.

    Options (default):
        strategy (k-centre): ``k-centre``, the farthest from what was asked, by the substitute's probabilities (as in the
            authors' example); ``uncertainty``, the highest entropy of them; ``adversarial``, the shortest change by
            DeepFool that gives another class; ``adversarial+k-centre``, ``k-centre`` among the ``adversarial`` of as many as
            the whole choice; or ``random``.
        validation (1000): most queries for validation images; with none, a substitute is trained for ``patience`` epochs.
        seed_share (0.1), rounds (10): as of ``uncertainty``.
        epochs (1000), patience (20), batch (50), rate (0.001): the training's.
        candidates (10000), steps (20): what DeepFool measures, and how long.
    """

    name: ClassVar[str] = "activethief"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = ActiveThiefOptions
    options: ActiveThiefOptions
    nested = False

    def choice_size(self, budget: int) -> int:
        """Return what the validation images leave."""
        return budget - min(self.options.validation, budget // 5)

    def select(self, game: Game, k: int) -> Tensor:
        """Ask validation images and k others in rounds; return the rows of these, in the order they were asked."""
        import torch

        from benchbox_plugins.selectors._rounds import even_sizes, seed_size
        from benchbox_plugins.selectors._validated import Answered

        assert game.pool is not None
        order = torch.randperm(len(game.pool), generator=game.rng)
        apart = min(game.oracle.remaining - k, len(game.pool) - k)
        held = self._asked(game, order[:apart], "validation") if apart else None
        first = seed_size(k, self.options.seed_share, game.classes)
        rows = order[apart : apart + first]
        known = self._asked(game, rows, "seed")
        for turn, size in enumerate(even_sizes(k - first, self.options.rounds), start=1):
            network = self._trained(game, known, held or Answered(known.images[:0], known.answers[:0]))
            taken = torch.cat([order[:apart], rows])
            new = self._chosen(game, network, rows, taken, size, k)
            more = self._asked(game, new, f"round {turn}")
            known = Answered(torch.cat([known.images, more.images]), torch.cat([known.answers, more.answers]))
            rows = torch.cat([rows, new])
        return rows

    def _asked(self, game: Game, rows: Tensor, phase: str) -> Answered:
        from benchbox_plugins.selectors._validated import Answered

        assert game.pool is not None
        images = game.pool.images[rows.to(game.pool.images.device)]
        return Answered(images, game.oracle.query(images, phase=phase))

    def _trained(self, game: Game, known: Answered, held: Answered) -> nn.Module:
        from benchbox_plugins.selectors._validated import Schedule, train_validated

        o = self.options
        plan = Schedule(epochs=o.epochs, patience=o.patience, batch=o.batch, rate=o.rate)
        return train_validated(game.new_substitute(), known, held, plan, game.rng)

    def _chosen(self, game: Game, network: nn.Module, rows: Tensor, taken: Tensor, size: int, k: int) -> Tensor:
        """Return ``size`` rows that are not ``taken``; ``rows`` are those that the network was trained on."""
        import torch

        from benchbox_plugins.selectors._farthest import farthest_first
        from benchbox_plugins.selectors._networks import probabilities

        assert game.pool is not None
        free = torch.ones(len(game.pool), dtype=torch.bool)
        free[taken] = False
        open_rows = free.nonzero().flatten()
        images, strategy = game.pool.images, self.options.strategy
        if strategy == "random":
            return open_rows[torch.randperm(len(open_rows), generator=game.rng)[:size]]
        if strategy.startswith("adversarial"):
            open_rows = self._near_boundaries(
                game, network, open_rows, size if strategy == "adversarial" else max(size, k)
            )
            if strategy == "adversarial":
                return open_rows
        sure = probabilities(network, images)
        if strategy == "uncertainty":
            doubt = torch.special.entr(sure).sum(1).cpu()[open_rows]
            return open_rows[doubt.argsort(stable=True, descending=True)[:size]]
        among = torch.cat([rows, open_rows])
        centres = torch.arange(len(rows))
        return among[farthest_first(sure[among.to(sure.device)], size, centres)]

    def _near_boundaries(self, game: Game, network: nn.Module, rows: Tensor, size: int) -> Tensor:
        """Return those of random ``rows`` that DeepFool changes by least, the nearest first."""
        import torch

        from benchbox_plugins.selectors._deepfool import deepfool_lengths

        assert game.pool is not None
        some = rows[torch.randperm(len(rows), generator=game.rng)[: max(size, self.options.candidates)]]
        lengths = deepfool_lengths(network, game.pool.images[some.to(game.pool.images.device)], self.options.steps)
        return some[lengths.cpu().argsort(stable=True)[:size]]
