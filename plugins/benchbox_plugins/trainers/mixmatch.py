"""The trainer ``mixmatch``: answered images, guesses about others, and mixtures of both."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from benchbox.contracts import Grant, Options, Trainer, TrainingGame
from benchbox_plugins.trainers._options import Augment

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn


class MixmatchOptions(Options):
    """Options of ``mixmatch``: the authors' but for what is said."""

    updates: int = Field(default=3000, ge=1, le=10**7, description="steps (the authors: a million)")
    batch: int = Field(default=64, ge=1, le=10**5, description="answered images a step, and as many of the pool")
    rate: float = Field(default=2e-3, gt=0, le=10, description="Adam's learning rate")
    decay: float = Field(default=0.02, ge=0, lt=1, description="weight decay, in shares of the learning rate a step")
    temperature: float = Field(default=0.5, gt=0, le=1, description="guesses are raised to 1 over this")
    mixing: float = Field(default=0.75, gt=0, le=100, description="a of the Beta(a, a) that images are mixed by")
    weight: float = Field(
        default=10.0, ge=0, le=10**4, description="of the guesses' loss at the end; it rises from 0 (the authors: 75)"
    )
    augment: Augment = "auto"
    strength: float = Field(default=1.0, ge=0, le=4, description="of the changes")


class Mixmatch(Trainer):
    """Learns from mixtures of answered images and of the pool's with its own guesses.

    Source: Berthelot et al., MixMatch: a holistic approach to semi-supervised learning (NeurIPS 2019), with which Jagielski et
    al. (High accuracy and high fidelity extraction of neural networks, USENIX Security 2020) extract a model from few answers.
    The guess about a pool image is the mean over two changed copies, sharpened; each answered image and each copy is mixed
    with a random one of all; the loss is cross-entropy on the answered ones, and the squared error of probabilities on the
    others.

    Our reading: changes are affine for what is drawn, where the authors shift and flip; all images of a step pass the network
    together, where theirs interleaves them in thirds; 3,000 steps, with the guesses' weight rising over all of them, to 10:
    with the authors' 75, which a million steps bear, a class that few answers name was lost on digits. The running mean
    forgets a hundredth a step, theirs a thousandth; all weights decay, of theirs the kernels alone.
    """

    name: ClassVar[str] = "mixmatch"
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = MixmatchOptions
    options: MixmatchOptions

    def wants(self) -> Collection[Grant]:
        """Return that it learns from images without answers."""
        return {Grant.UNLABELLED}

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train on mixtures, with the running mean of the weights as the result."""
        import numpy as np
        import torch
        from torch.nn.functional import cross_entropy

        from benchbox_plugins._seeds import draw_seed
        from benchbox_plugins.trainers._augment import augmented
        from benchbox_plugins.trainers._learner import Learner, as_probabilities, drawn

        o, pool, rng, device = self.options, game.unlabelled, game.rng, game.device
        answers, weight = as_probabilities(answers, game.classes), torch.zeros((), device=device)

        def loss(logits: Tensor, targets: Tensor) -> Tensor:
            off = (logits[o.batch :].softmax(1) - targets[o.batch :]).square().mean()
            return cross_entropy(logits[: o.batch], targets[: o.batch]) + weight * off

        learner = Learner(network, o.rate, loss, decay=o.decay)
        mixing = np.random.default_rng(draw_seed(rng))  # torch draws no Beta from a stream
        for step in range(o.updates):
            weight.fill_(o.weight * step / o.updates)
            asked = drawn(len(images), o.batch, rng, device)
            seen = pool[drawn(len(pool), o.batch, rng, device)]
            copies = [augmented(seen, o.augment, o.strength, rng) for _ in range(2)]
            guess = (learner.guess(copies[0]) + learner.guess(copies[1])).pow(1 / o.temperature)
            guess = guess / guess.sum(1, keepdim=True)
            x = torch.cat([augmented(images[asked], o.augment, o.strength, rng), *copies])
            y = torch.cat([answers[asked], guess, guess])
            learner.learn(*_mixed(x, y, o.mixing, mixing))
        return learner.finished()


def _mixed(images: Tensor, targets: Tensor, a: float, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return each image and target mixed with a random other's, its own share drawn from Beta(a, a) and at least half."""
    import numpy as np
    import torch

    share = rng.beta(a, a, len(images))
    own = torch.from_numpy(np.maximum(share, 1 - share)).to(images)[:, None]
    other = torch.from_numpy(rng.permutation(len(images))).to(images.device)
    by_pixel = own[:, :, None, None]
    return by_pixel * images + (1 - by_pixel) * images[other], own * targets + (1 - own) * targets[other]
