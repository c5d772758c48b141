"""The selector ``cpb``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from benchbox.contracts import Access, Game, Grant, NotApplicable, Options, Pool, Selector

if TYPE_CHECKING:
    from torch import Tensor

_COMPONENTS = 50


class CpbOptions(Options):
    """Options of ``cpb``."""

    rule: Literal["hcp", "lcp", "kmeans", "pca-kmeans"] = Field(
        default="kmeans",
        description="highest class probability; lowest among the images that the target classifies correctly; the "
        "images nearest to k cluster centres; the same on principal components",
    )
    space: Literal["prob", "pixel", "encoder"] = Field(
        default="prob",
        description="what is clustered: the target's probabilities, or what costs no query, the pixels or the features of the "
        "scenario's trainer",
    )
    answers: Literal["paid", "granted"] = Field(
        default="paid",
        description="the target's answers that the choice is made by are paid for from the budget, or granted, over the "
        "whole pool, to a privileged method",
    )
    keep: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="paid answers: the budget goes to random images, and this share of them is chosen and trained on",
    )
    per_class: bool = Field(
        default=False, description="hcp and lcp: take equally from each class that the target answers"
    )
    iterations: int = Field(default=20, ge=1, description="most iterations of K-means")

    @model_validator(mode="after")
    def _rules_that_rank_need_probabilities(self) -> CpbOptions:
        if self.rule in ("hcp", "lcp") and self.space != "prob":
            raise ValueError(f"space={self.space} does not go with rule={self.rule}, which ranks by probabilities")
        if self.rule in ("kmeans", "pca-kmeans") and self.per_class:
            raise ValueError(f"per_class=true does not go with rule={self.rule}, which clusters")
        if self.keep != type(self).model_fields["keep"].default and not self.pays:
            raise ValueError("keep is the share of the answers that were paid for, and these options pay for none")
        return self

    @property
    def reads_answers(self) -> bool:
        """Whether the choice is made by the target's answers."""
        return self.space == "prob"

    @property
    def pays(self) -> bool:
        """Whether it pays for the answers that it chooses by."""
        return self.reads_answers and self.answers == "paid"


class Cpb(Selector):
    """Chooses images by the target's class probabilities, or from clusters of them.

    He et al., DRMI, USENIX Security 2021, 5.4.2, of which little is public to us: HCP, LCP, K-means and PCA + K-means
    by their names in Table 12. Ranking and clustering by probability need the target's answers before the first image is
    chosen. Either they are paid for: the whole budget goes to random images of the pool (of all of it, where the budget is
    as large), in the ledger's phase ``candidates``, and the substitute is trained on the share ``keep`` of them that the
    rule chooses. The other answers are paid for and not used: trained on all of them, it would be ``random``. Or they are
    granted over the whole pool, as in the paper's own reading; the chosen images alone are paid for, and the method is
    privileged.

    Options (default):
        rule (kmeans): ``hcp``, the images with the highest top probability; ``lcp``, with the lowest, those first that
            the target classifies as the attacker's own label says; ``kmeans``, the image nearest to each of k cluster
            centres, each image once; ``pca-kmeans``, the same on up to 50 principal components.
        space (prob): what is clustered, ``prob``, ``pixel``, or ``encoder``, the features that the scenario's trainer
            prepared. The last two need no answers: a black-box method without a cost.
        answers (paid): ``paid`` or ``granted``.
        keep (0.5): paid answers alone; ours, not the paper's. With a budget of 60,000 for the whole pool, 0.01 is its
            choice of 600.
        per_class (false): hcp and lcp take equally from each class that the target answers, in turn.
        iterations (20): most iterations of K-means, from one k-means++ start on a sample of 10 k images, 2,000 at least.
    """

    name: ClassVar[str] = "cpb"
    version: ClassVar[int] = 2
    Options: ClassVar[type[Options]] = CpbOptions
    nested = False
    privileged: ClassVar[bool] = True

    def needed_access(self) -> Access:
        """Return probabilities, unless pixels are clustered."""
        return Access.PROBABILITIES if self.options.reads_answers else Access.LABEL

    def wants(self) -> Collection[Grant]:
        """Return the insider's view where answers are to be granted, and own labels for what ``lcp`` calls correct."""
        wanted = {Grant.INSIDER: self.options.reads_answers and not self.options.pays}
        wanted[Grant.LABELS] = self.options.rule == "lcp"
        return {grant for grant, so in wanted.items() if so}

    def applicable(self, game: Game) -> None:
        """Refuse what the scenario's answers cannot give."""
        if not game.access.covers(self.needed_access()):
            raise NotApplicable(
                f"cpb with rule={self.options.rule} reads the target's probabilities, and this oracle answers labels "
                f"only; rule=kmeans with space=pixel needs none"
            )

    def choice_size(self, budget: int) -> int:
        """Return the budget, or the share of it that is kept of the answers paid for: rounded, and at least 1."""
        return max(1, round(self.options.keep * budget)) if self.options.pays else budget

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows of the pool; with paid answers, of a random part of it that is asked first."""
        rows, candidates = self._candidates(game)
        images = candidates.images
        vectors = self._vectors(game, images)
        if self.options.rule in ("hcp", "lcp"):
            return rows[self._ranked(vectors.cpu(), candidates)[:k]]
        return rows[self._clustered(vectors, k, game)]

    def _candidates(self, game: Game) -> tuple[Tensor, Pool]:
        """Return what to choose among, and its rows of the pool: everything, or a random part that can be paid for."""
        import torch

        pool = game.pool
        assert pool is not None
        if not self.options.pays:
            return torch.arange(len(pool)), pool
        rows = torch.randperm(len(pool), generator=game.rng)[: game.oracle.remaining]
        there = rows.to(pool.images.device)
        return rows, Pool(pool.images[there], None if pool.own is None else pool.own[there])

    def _vectors(self, game: Game, images: Tensor) -> Tensor:
        from benchbox_plugins.selectors._networks import encoded

        if self.options.reads_answers:
            return self._probabilities(game, images)
        return encoded(game) if self.options.space == "encoder" else images.flatten(1)

    def _probabilities(self, game: Game, images: Tensor) -> Tensor:
        self.applicable(game)
        if self.options.pays:
            return game.oracle.query(images, phase="candidates")
        if game.insider is None:
            raise NotApplicable("cpb with answers=granted needs a scenario that grants the target's probabilities")
        return game.insider.probabilities(images)

    def _ranked(self, probabilities: Tensor, candidates: Pool) -> Tensor:
        import torch

        from benchbox_plugins.selectors._strata import by_group, interleave

        confidence, answers = probabilities.max(1)
        order = confidence.argsort(stable=True, descending=self.options.rule == "hcp")
        if self.options.rule == "lcp":
            order = order[(answers != candidates.labels.cpu())[order].int().argsort(stable=True)]
        if self.options.per_class:
            order = order[torch.from_numpy(interleave(by_group(answers[order])))]
        return order

    def _clustered(self, vectors: Tensor, k: int, game: Game) -> Tensor:
        from benchbox_plugins._seeds import draw_seed
        from benchbox_plugins.selectors._kmeans import central_rows, principal_components

        points, seed = vectors.cpu().numpy(), draw_seed(game.rng)
        if self.options.rule == "pca-kmeans":
            points = principal_components(points, _COMPONENTS, seed)
        return central_rows(points, k, seed, self.options.iterations)
