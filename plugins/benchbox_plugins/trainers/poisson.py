"""The trainer ``poisson``: a few answers, spread over the unlabelled pool."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Grant, NotApplicable, Options, Trainer, TrainingGame
from benchbox_plugins.trainers._options import Augment, Prior

if TYPE_CHECKING:
    from torch import Tensor, nn

    from benchbox_plugins.trainers._learner import Learner


class PoissonOptions(Options):
    """Options of ``poisson``."""

    rounds: int = Field(default=8, ge=1, le=1000, description="how often the pool's labels are made anew")
    epochs: int = Field(default=3, ge=1, le=1000, description="passes over the pool in a round")
    updates: int = Field(
        default=3000, ge=1, le=10**7, description="the least number of steps in all: small pools are passed more often"
    )
    batch: int = Field(
        default=64, ge=1, le=10**5, description="pool images a step; a quarter as many answered ones join"
    )
    rate: float = Field(default=1e-3, gt=0, le=10, description="Adam's learning rate")
    neighbours: int = Field(default=10, ge=1, le=1000, description="of an image in the graph")
    prior: Prior = "equal"
    augment: Augment = "auto"
    strength: float = Field(default=1.0, ge=0, le=4, description="of the changes")


class Poisson(Trainer):
    """Spreads a few answers over the unlabelled pool, and trains on the pool.

    Sources: Poisson learning (Calder et al., ICML 2020) on features of patches learnt by K-means (Coates and Ng, ICML 2011);
    attackers with an unlabelled pool are Jagielski et al.'s (USENIX Security 2020).

    Our reading: before the first question the pool's images become nodes of a graph, joined to their 10 nearest in those
    features. Poisson learning spreads the answers; the classes' shares are made equal, from the second round on those too that
    no answer names, a prior that ``prior=none`` leaves out.
    The substitute is trained on the pool's likeliest classes, weighted by their lead, and on the answers. After each round what
    it believes of an image is multiplied with what the graph said, and smoothed over the graph: either mends the other's
    errors. The last weights are their running mean. An answered image that is not in the pool labels the nearest that is.
    """

    name: ClassVar[str] = "poisson"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = PoissonOptions

    def wants(self) -> Collection[Grant]:
        """Return that it learns from images without answers."""
        return {Grant.UNLABELLED}

    def prepare(self, game: TrainingGame) -> Mapping[str, Tensor]:
        """Return the pool's ``features``, and the graph: ``near``, the neighbours, and ``squares``, their distances.

        Raises:
            NotApplicable: there are not two images, or nothing is on them.
        """
        import torch

        from benchbox_plugins._encoder import patch_features
        from benchbox_plugins.trainers._graph import neighbours

        if len(game.unlabelled) < 2:
            raise NotApplicable("poisson spreads answers from image to image, and the attacker has a single one")
        with torch.autocast(game.device.type, enabled=False):  # bfloat16 cannot tell near neighbours apart
            features = patch_features(game.unlabelled, game.rng)
            near, squares = neighbours(features, self.options.neighbours)
        return {"features": features, "near": near, "squares": squares}

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train in rounds: on what is believed of the pool, then believe what graph and substitute agree on."""
        import torch

        from benchbox_plugins.trainers._graph import Graph, balanced
        from benchbox_plugins.trainers._learner import Learner, as_probabilities

        pool, answers = game.unlabelled, as_probabilities(answers, game.classes)
        exact = "donot_use_mm_for_euclid_dist"  # an image of the pool is at 0 from itself, and from none else
        rows = torch.cdist(images.flatten(1), pool.flatten(1), compute_mode=exact).argmin(1)
        graph = Graph(game.prepared["near"], game.prepared["squares"])
        even = balanced if self.options.prior == "equal" else torch.clone
        belief = said = even(graph.spread(rows, answers))
        learner = Learner(network, self.options.rate)
        for _ in range(self.options.rounds):
            self._round(game, learner, images, answers, belief)
            both = (learner.predict(pool) * said).clamp_min(1e-8).sqrt()
            belief = even(graph.smooth(both / both.sum(1, keepdim=True)))
        return learner.finished()

    def _round(self, game: TrainingGame, learner: Learner, images: Tensor, answers: Tensor, belief: Tensor) -> None:
        import torch
        from torch.nn.functional import one_hot

        from benchbox_plugins.trainers._augment import augmented
        from benchbox_plugins.trainers._graph import leads
        from benchbox_plugins.trainers._learner import drawn

        o, pool = self.options, game.unlabelled
        # cross-entropy with a weighted one-hot row is weighted cross-entropy
        targets = one_hot(belief.argmax(1), game.classes) * leads(belief).clamp_min(0.05)[:, None]
        batches = ceil(len(pool) / o.batch)
        for _ in range(max(o.epochs, ceil(o.updates / (o.rounds * batches)))):
            order = torch.randperm(len(pool), generator=game.rng).to(game.device)
            for part in order.tensor_split(batches):
                asked = drawn(len(images), ceil(o.batch / 4), game.rng, game.device)
                batch = augmented(torch.cat([pool[part], images[asked]]), o.augment, o.strength, game.rng)
                learner.learn(batch, torch.cat([targets[part], answers[asked]]))
