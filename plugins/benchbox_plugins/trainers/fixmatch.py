"""The trainer ``fixmatch``: what the substitute is sure of, it learns to see in changed images too."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Grant, Options, Trainer, TrainingGame
from benchbox_plugins.trainers._options import Augment, Prior

if TYPE_CHECKING:
    from torch import Tensor, nn


_SHARE = 0.01


class FixmatchOptions(Options):
    """Options of ``fixmatch``."""

    updates: int = Field(default=1500, ge=1, le=10**7, description="steps")
    batch: int = Field(default=64, ge=1, le=10**5, description="answered images a step, drawn with replacement")
    ratio: int = Field(default=4, ge=1, le=100, description="pool images a step for each answered one (the authors: 7)")
    rate: float = Field(default=2e-3, gt=0, le=10, description="Adam's first learning rate; it falls to a fifth")
    sure: float = Field(default=0.9, ge=0, lt=1, description="probability from which a pool image's class is believed")
    prior: Prior = "equal"
    augment: Augment = "auto"
    weak: float = Field(default=0.33, ge=0, le=4, description="strength of the changes under which images are judged")
    strong: float = Field(default=1.5, ge=0, le=4, description="strength of the changes under which they are learnt")
    hole: float = Field(
        default=0.32, ge=0, le=1, description="side of the square cut from strongly changed images, a share"
    )


class Fixmatch(Trainer):
    """Learns from its own sure guesses about the unlabelled pool.

    Source: Sohn et al., FixMatch: simplifying semi-supervised learning with consistency and confidence (NeurIPS 2020). A pool
    image whose weakly changed copy gets a class with a probability of ``sure`` is learnt with that class in a strongly
    changed copy with a hole; answered images are learnt weakly changed. The learning rate falls along 7/16 of a cosine; the
    last weights are their running mean.

    Our reading: strong changes are larger affine ones (or shifts and flips), where the authors learn a policy over a dozen
    kinds; Adam and 1,500 steps, where they take SGD and a million. As in ReMixMatch (Berthelot et al., ICLR 2020) the guesses
    are moved so that on average all classes are equally frequent, those too that no answer names; a prior that ``prior=none``
    leaves out.
    """

    name: ClassVar[str] = "fixmatch"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = FixmatchOptions
    options: FixmatchOptions

    def wants(self) -> Collection[Grant]:
        """Return that it learns from images without answers."""
        return {Grant.UNLABELLED}

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train on answered images and on guesses; the loss is cross-entropy with both."""
        import torch
        from torch.nn.functional import one_hot

        from benchbox_plugins.trainers._augment import augmented, holed
        from benchbox_plugins.trainers._learner import Learner, as_probabilities, drawn

        o, pool, rng = self.options, game.unlabelled, game.rng
        answers = as_probabilities(answers, game.classes)
        learner = Learner(network, o.rate, steps=o.updates)
        usual = torch.full((game.classes,), 1 / game.classes, device=game.device)  # the running mean of all guesses
        for _ in range(o.updates):
            asked = drawn(len(images), o.batch, rng, game.device)
            seen = pool[drawn(len(pool), o.batch * o.ratio, rng, game.device)]
            belief = learner.guess(augmented(seen, o.augment, o.weak, rng))
            if o.prior == "equal":
                usual.lerp_(belief.mean(0), _SHARE)
                belief = belief / usual
                belief = belief / belief.sum(1, keepdim=True)
            sure, guess = belief.max(1)
            known = (sure >= o.sure).float() / o.ratio  # both means, over batches of their own, have weight 1
            hard = holed(augmented(seen, o.augment, o.strong, rng), o.hole, rng)
            batch = torch.cat([augmented(images[asked], o.augment, o.weak, rng), hard])
            # cross-entropy with a weighted one-hot row is weighted cross-entropy
            learner.learn(batch, torch.cat([answers[asked], one_hot(guess, game.classes) * known[:, None]]))
        return learner.finished()
