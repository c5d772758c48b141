"""The selector ``drmi``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, field_validator, model_serializer, model_validator

from benchbox.contracts import Game, Grant, Options, Selector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from benchbox_plugins.selectors._similarity import Similarity
    from benchbox_plugins.selectors._sketch import Sketch

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

LAZY_FROM = 1 << 22
"""Pairs of images from which the lazy search is worth its compilation: the plain one takes over a second for so many."""


class DrmiOptions(Options):
    """Options of ``drmi``."""

    search: Literal["min-sum", "min-max-sum", "min-max-pair", "facility"] = Field(
        default="min-sum",
        description="what the chosen set keeps small: the sum of all pair costs, the largest sum of one image's costs "
        "with the others, or the largest pair cost; or ``facility``, what it makes large: each pool image's cost with its "
        "costliest member",
    )
    alpha: int = Field(default=4, ge=1, le=64, description="a pair costs its mutual information to this power")
    bins: int = Field(
        default=256, description="grey levels: 256 is the formula as printed; 128, 64, 32, 16, 8, 4, 2 merge neighbours"
    )
    normalise: Literal["none", "sqrt-entropy"] = Field(
        default="none", description="divide mutual information by the geometric mean of the two entropies"
    )
    stratify: Literal["none", "label", "cluster"] = Field(
        default="none",
        description="choose separately and equally within the attacker's own classes, or within as many K-means "
        "clusters of pixels as there are classes",
    )
    swaps: int = Field(
        default=0, ge=0, description="most swaps of a member for an outsider after the greedy choice, while they help"
    )
    start: Literal["lowest-entropy", "highest-entropy", "random"] = Field(
        default="lowest-entropy", description="the image that the greedy choice starts from"
    )
    colour: Literal["grey", "channels"] = Field(
        default="grey", description="colour images: mutual information of their luma, or its mean over the channels"
    )
    side: int | None = Field(
        default=None, ge=1, le=1024, description="compare thumbnails of so many pixels a side; by default whole images"
    )

    @model_serializer(mode="wrap")
    def _without_side(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a side that is not there: results that were stored before there was one stay what they are."""
        found: dict[str, Any] = whole(self)
        return found if self.side is not None else {name: value for name, value in found.items() if name != "side"}

    @model_validator(mode="after")
    def _facility_alone(self) -> DrmiOptions:
        if self.search == "facility" and (self.swaps or self.start != "lowest-entropy"):
            raise ValueError("search=facility takes no swaps and no start: its first image is the likest to all")
        return self

    @field_validator("bins")
    @classmethod
    def _power_of_two(cls, bins: int) -> int:
        if bins not in (256, 128, 64, 32, 16, 8, 4, 2):
            raise ValueError("should be 256, 128, 64, 32, 16, 8, 4 or 2")
        return bins


class Drmi(Selector):
    """Chooses images that tell little of each other: smallest mutual information between grey levels.

    He et al., "DRMI: A Dataset Reduction Technology based on Mutual Information for Black-box Attacks", USENIX Security
    2021, as reconstructed from its published fragments: the paper's section 4, with the search itself, is not public to
    us. Mutual information is the plug-in estimate over the pixels of two images, in nats. The search is greedy, and nested
    unless ``swaps`` are asked for. In large pools on the CPU bounds spare it most pairs; the choice is the same.

    Options (default):
        search (min-sum): what the set keeps small: the sum of all pair costs; ``min-max-sum``, the largest sum of one
            image's costs with the others; ``min-max-pair``, the largest pair cost, which no ``alpha`` changes.
            ``facility`` turns it round: the set is to tell much of the whole pool. It makes large the sum, over all
            images, of the cost with the costliest member (facility location); no ``swaps``, no ``start``.
        alpha (4): a pair costs its mutual information to this power; large ones punish similar pairs.
        bins (256): grey levels. 256 is the formula as printed; fewer merge neighbouring levels.
        normalise (none): ``sqrt-entropy`` divides mutual information by the geometric mean of the two entropies.
        stratify (none): ``label`` chooses separately and equally within the attacker's own classes, ``cluster`` within
            as many K-means clusters of pixels as there are classes.
        swaps (0): most swaps of a member for an outsider after the greedy choice, in each stratum.
        start (lowest-entropy): the first image, of each stratum: of lowest or ``highest-entropy``, or ``random``. An
            image of high entropy shares much with every other, and under ``min-max-pair`` rules all later choices.
        colour (grey): mutual information of the luma of colour images; ``channels``, its mean over the channels.
        side (none): thumbnails of so many pixels a side are compared, and clustered; photographs need it.

    ``swaps``, and ``min-max-sum`` where no bounds are used, keep 4 bytes x pool x k in memory; bounds about 4 bytes per
    pixel of the pool.

    Profiles: ``paper`` is the literal reading, all defaults. It starves classes of dense strokes and does not beat
    random choice at small budgets. ``best`` keeps the largest pair small, in strata by the attacker's own labels. It was
    picked on 5,000 validation images of the attacker's own MNIST pool, never on test data. There, with LeNet-5 and three
    training seeds, it differs from ``random-stratified``, with which to compare it, by -3.6 points at 50 queries, +2.0 at
    150, +3.6 at 300 and +2.7 at 600. ``facility`` represents each of those strata by facility location on normalised
    mutual information; it is meant for 50 images and fewer (docs/papers.md).
    """

    name: ClassVar[str] = "drmi"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = DrmiOptions
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "paper": {"search": "min-sum", "alpha": 4, "bins": 256},
        "best": {"search": "min-max-pair", "stratify": "label"},
        "facility": {"search": "facility", "alpha": 1, "normalise": "sqrt-entropy", "stratify": "label"},
    }

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.nested = self.options.swaps == 0  # a refined choice of k does not hold that of i < k
        # strata are drawn, or taken in a random order
        self.deterministic = self.options.stratify == "none" and self.options.start != "random"

    def wants(self) -> Collection[Grant]:
        """Return the attacker's own labels, where they are the strata."""
        return {Grant.LABELS} if self.options.stratify == "label" else set()

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows, the strata in turn."""
        import torch

        from benchbox_plugins.selectors._similarity import Similarity
        from benchbox_plugins.selectors._strata import interleave, quotas

        assert game.pool is not None
        images = self._compared(game.pool.images)
        similarity = Similarity(images, self.options.bins, self.options.colour, self.options.normalise)
        strata = self._strata(game, images)
        starts = [self._start(similarity, stratum, game) for stratum in strata]
        shares = quotas([len(stratum) for stratum in strata], k)
        pairs = sum(len(stratum) * share for stratum, share in zip(strata, shares, strict=True))
        lazy = pairs >= LAZY_FROM and self.options.search != "facility"
        sketched = similarity.sketched() if lazy else None
        parts = [
            stratum[self._within(similarity, sketched, stratum, share, start)]
            for stratum, share, start in zip(strata, shares, starts, strict=True)
            if share
        ]
        return torch.from_numpy(interleave(parts))

    def _compared(self, images: Tensor) -> Tensor:
        from benchbox_plugins.selectors._thumbnails import thumbnails

        side = self.options.side
        return images if side is None else thumbnails(images, side, grey=self.options.colour == "grey")

    def _strata(self, game: Game, images: Tensor) -> list[Integers]:
        import numpy as np

        from benchbox_plugins.selectors._strata import by_cluster, by_group, shuffled

        assert game.pool is not None
        if self.options.stratify == "none":
            return [np.arange(len(game.pool))]
        if self.options.stratify == "label":
            return shuffled(by_group(game.pool.labels), game.rng)
        return shuffled(by_cluster(images.flatten(1), game.classes, game.rng), game.rng)

    def _start(self, similarity: Similarity, stratum: Integers, game: Game) -> int:
        import torch

        entropy = similarity.entropy[stratum]
        if self.options.start == "random":
            return int(torch.randint(len(stratum), (1,), generator=game.rng))
        return int(entropy.argmax() if self.options.start == "highest-entropy" else entropy.argmin())

    def _within(
        self, similarity: Similarity, sketched: tuple[Sketch, Floats] | None, stratum: Integers, k: int, start: int
    ) -> Integers:
        import numpy as np

        from benchbox_plugins.selectors._facility import facility
        from benchbox_plugins.selectors._greedy import greedy, refine
        from benchbox_plugins.selectors._lazy import lazy_greedy

        alpha, search, every = self.options.alpha, self.options.search, np.arange(len(stratum))

        def like_among(image: int, among: Integers) -> Floats:
            row = similarity.row(int(stratum[image]), stratum[among])
            np.power(row, alpha, out=row)
            return row

        def cost_among(image: int, among: Integers) -> Floats:
            row = like_among(image, among)
            row[among == image] = 0.0
            return row

        def cost(image: int) -> Floats:
            return cost_among(image, every)

        if search == "facility":
            return facility(like_among, len(stratum), k)
        if sketched is None:
            chosen = greedy(cost, len(stratum), k, start, search)
        else:
            sketch, weight = sketched
            whole = len(stratum) == len(weight)
            chosen = lazy_greedy(
                sketch if whole else sketch.take(stratum), weight[stratum], alpha, cost_among, k, start, search
            )
        return refine(cost, chosen, search, self.options.swaps) if self.options.swaps else chosen
