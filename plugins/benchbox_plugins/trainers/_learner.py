"""A network in training, and the running mean of its weights."""

from __future__ import annotations

from copy import deepcopy
from math import cos, pi

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from benchbox_plugins._mean import RunningMean
from benchbox_plugins._step import Stepper
from benchbox_plugins._step.stepper import Loss

_SHARE = 0.01
_BATCH = 500


class Learner:
    """Trains a network by Adam, and follows its weights with a mean; see ``RunningMean``.

    Args:
        network: gives logits; trained in place.
        rate: the learning rate.
        loss: of logits and targets, a mean over the batch.
        decay: of the weights, a share of the learning rate a step.
        steps: how many there will be, for a rate that falls to a fifth along a cosine, as FixMatch's does; None keeps it.
    """

    def __init__(
        self,
        network: nn.Module,
        rate: float,
        loss: Loss = cross_entropy,
        *,
        decay: float = 0,
        steps: int | None = None,
    ) -> None:
        self._network, self._mean = network.train(), deepcopy(network).eval()
        self._first, self._steps, self._done = rate, steps, 0
        self._rate = torch.tensor(rate)  # a tensor may change between steps that are replayed
        rates = rate if steps is None else self._rate
        optimizer = torch.optim.AdamW(network.parameters(), lr=rates, weight_decay=decay, fused=True)
        self._step = Stepper(network, optimizer, loss)
        self._running = RunningMean(self._mean, network, _SHARE)

    def learn(self, images: Tensor, targets: Tensor) -> None:
        """Make one step on images (n, *shape) and what the loss takes."""
        if self._steps is not None:
            self._rate.fill_(self._first * cos(7 * pi / 16 * self._done / self._steps))
            self._done += 1
        self._step(images.contiguous(memory_format=torch.channels_last), targets)
        self._running.follow()

    @torch.no_grad()
    def guess(self, images: Tensor) -> Tensor:
        """Return the probabilities that the network in training gives, float32 (n, classes).

        Batch norms use the mean of these images, and do not remember it: only what is learnt moves their running means.
        """
        kept = [buffer.clone() for buffer in self._network.buffers()]
        guess: Tensor = self._network(images).float().softmax(1)
        for buffer, before in zip(self._network.buffers(), kept, strict=True):
            buffer.copy_(before)
        return guess

    @torch.no_grad()
    def predict(self, images: Tensor) -> Tensor:
        """Return the probabilities that the mean weights give, float32 (n, classes)."""
        return torch.cat([self._mean(batch).float().softmax(1) for batch in torch.split(images, _BATCH)])

    def finished(self) -> nn.Module:
        """Return the network that was given, with the mean weights."""
        self._network.load_state_dict(self._mean.state_dict())
        return self._network


def as_probabilities(answers: Tensor, classes: int) -> Tensor:
    """Return answers, classes (n,) or probabilities, as probabilities, float32 (n, classes)."""
    return one_hot(answers, classes).float() if answers.ndim == 1 else answers.float()


def drawn(n: int, count: int, rng: torch.Generator, device: torch.device) -> Tensor:
    """Return ``count`` random rows of n, with replacement, int64."""
    return torch.randint(n, (count,), generator=rng).to(device)
