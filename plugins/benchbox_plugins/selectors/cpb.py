"""The selector ``cpb``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from benchbox.contracts import Access, Game, NotApplicable, Options, Selector

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
    space: Literal["prob", "pixel"] = Field(
        default="prob", description="what is clustered: the target's probabilities, or the pixels, which cost no query"
    )
    answers: Literal["paid", "granted"] = Field(
        default="paid",
        description="the target's answers over the whole pool are paid for from the budget, or granted to a "
        "privileged method",
    )
    per_class: bool = Field(
        default=False, description="hcp and lcp: take equally from each class that the target answers"
    )
    iterations: int = Field(default=20, ge=1, description="most iterations of K-means")

    @model_validator(mode="after")
    def _rules_that_rank_need_probabilities(self) -> CpbOptions:
        if self.rule in ("hcp", "lcp") and self.space == "pixel":
            raise ValueError(f"space=pixel does not go with rule={self.rule}, which ranks by probabilities")
        if self.rule in ("kmeans", "pca-kmeans") and self.per_class:
            raise ValueError(f"per_class=true does not go with rule={self.rule}, which clusters")
        return self


class Cpb(Selector):
    """Chooses images by the target's class probabilities, or from clusters of them.

    He et al., DRMI, USENIX Security 2021, 5.4.2, of which little is public to us: HCP, LCP, K-means and PCA + K-means
    by their names in Table 12. Ranking and clustering by probability need the target's answers over the whole pool
    before the first image is chosen. Either they are paid for, in the ledger's phase ``pool``, which takes a budget as
    large as the pool; or they are granted, as in the paper's own reading, and the method is privileged.

    Options (default):
        rule (kmeans): ``hcp``, the images with the highest top probability; ``lcp``, with the lowest, those first that
            the target classifies as the attacker's own label says; ``kmeans``, the image nearest to each of k cluster
            centres, each image once; ``pca-kmeans``, the same on up to 50 principal components.
        space (prob): what is clustered, ``prob`` or ``pixel``. Pixels need no answers: a black-box method without a
            cost.
        answers (paid): ``paid`` or ``granted``.
        per_class (false): hcp and lcp take equally from each class that the target answers, in turn.
        iterations (20): most iterations of K-means, from one k-means++ start.
    """

    name: ClassVar[str] = "cpb"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = CpbOptions
    nested: ClassVar[bool] = False
    privileged: ClassVar[bool] = True

    _paid: tuple[Tensor, Tensor] | None = None

    @property
    def _reads_answers(self) -> bool:
        return bool(self.options.space == "prob")

    def needed_access(self) -> Access:
        """Return probabilities, unless pixels are clustered."""
        return Access.PROBABILITIES if self._reads_answers else Access.LABEL

    def wants_insider(self) -> bool:
        """Return whether the target's answers are to be granted."""
        return bool(self._reads_answers and self.options.answers == "granted")

    def applicable(self, game: Game) -> None:
        """Refuse what the scenario's answers or budgets cannot give."""
        if not self._reads_answers:
            return
        if not game.access.covers(Access.PROBABILITIES):
            raise NotApplicable(
                f"cpb with rule={self.options.rule} reads the target's probabilities, and this oracle answers labels "
                f"only; rule=kmeans with space=pixel needs none"
            )
        if self.options.answers == "paid" and game.pool is not None and game.budgets[0] < len(game.pool):
            raise NotApplicable(
                f"cpb with answers=paid first asks all {len(game.pool)} images of the pool, and the scenario's "
                f"smallest budget is {game.budgets[0]}; answers=granted makes it a privileged method"
            )

    def known(self) -> tuple[Tensor, Tensor] | None:
        """Return the pool's answers, where they were paid for."""
        return self._paid

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows; with ``answers=paid`` the whole pool is asked first."""
        assert game.pool is not None
        vectors = self._probabilities(game) if self._reads_answers else game.pool.images.flatten(1)
        if self.options.rule in ("hcp", "lcp"):
            return self._ranked(vectors.cpu(), game.pool.labels.cpu())[:k]
        return self._clustered(vectors, k, game)

    def _probabilities(self, game: Game) -> Tensor:
        import torch

        assert game.pool is not None
        self.applicable(game)
        if self.options.answers == "paid":
            answers = game.oracle.query(game.pool.images, phase="pool")
            self._paid = torch.arange(len(game.pool)), answers
            return answers
        if game.insider is None:
            raise NotApplicable("cpb with answers=granted needs a scenario that grants the target's probabilities")
        return game.insider.probabilities(game.pool.images)

    def _ranked(self, probabilities: Tensor, labels: Tensor) -> Tensor:
        import torch

        from benchbox_plugins.selectors._strata import by_group, interleave

        confidence, answers = probabilities.max(1)
        order = confidence.argsort(stable=True, descending=self.options.rule == "hcp")
        if self.options.rule == "lcp":
            order = order[(answers != labels)[order].int().argsort(stable=True)]
        if self.options.per_class:
            order = order[torch.from_numpy(interleave(by_group(answers[order])))]
        return order

    def _clustered(self, vectors: Tensor, k: int, game: Game) -> Tensor:
        import torch

        from benchbox_plugins.selectors._kmeans import cluster_centres, nearest_rows, principal_components
        from benchbox_plugins.selectors._strata import draw_seed

        points, seed = vectors.cpu().numpy(), draw_seed(game.rng)
        if k == len(points):
            return torch.arange(k)  # as many centres as images: every image is one
        if self.options.rule == "pca-kmeans":
            points = principal_components(points, _COMPONENTS, seed)
        return torch.from_numpy(nearest_rows(points, cluster_centres(points, k, seed, self.options.iterations)))
