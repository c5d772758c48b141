"""Toy data and networks for the conformance kit: four classes of 8x8 images, and a small target that knows them."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from benchbox.contracts import Game, Grant, Model, Norm, Selector, Shape, Trainer, TrainingGame
from benchbox.seeds import reseed

SHAPE: Shape = (1, 8, 8)
CLASSES = 4
POOL = 60
"""Images in the pool of the standard toy game."""
RADII: dict[Norm, float] = {"inf": 0.3, "2": 1.5}
"""How far a query attack may go in toy games: about as far as from an image to the rim of its class."""


@cache
def toy_images(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return n noisy copies of one pattern a class, float (n, 1, 8, 8) in [0, 1], and their classes."""
    patterns = torch.rand((CLASSES, *SHAPE), generator=torch.Generator().manual_seed(0)).round()
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % CLASSES
    noise = torch.randn((n, *SHAPE), generator=rng) * 0.25
    return (0.2 + 0.6 * patterns[labels] + noise).clamp(0, 1), labels


def dense(width: int) -> nn.Sequential:
    """Return an untrained toy network."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, CLASSES))


def toy_target(sharp: bool = False) -> nn.Module:
    """Return the toy target; ``sharp`` has other probabilities behind the same labels."""
    return nn.Sequential(*_trained(), _Times(4.0)).eval() if sharp else _trained()


def toy_substitute() -> nn.Module:
    """Return a copy of the toy target for attacks: a network that gives logits, in eval mode."""
    network = dense(32)
    network.load_state_dict(_trained().state_dict())
    return network.eval()


def toy_surrogates(n: int) -> list[dict[str, Tensor]]:
    """Return the weights of n networks that learnt the toy target's task from other images."""
    return [dict(_trained(seed).state_dict()) for seed in range(1, n + 1)]


@cache
def _trained(seed: int = 0) -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = dense(32)
    return _fitted(network, *toy_images(POOL, 4 + seed), 40).requires_grad_(False)


def _fitted(network: nn.Module, images: Tensor, answers: Tensor, steps: int) -> Any:
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(network(images), answers))
        optimiser.step()
    return network.eval()


class ToyModel(Model):
    """Builds the network that the toy target and its surrogates are."""

    name = "toy-model"

    def build(self, shape: Shape, classes: int) -> nn.Module:
        """Return an untrained network."""
        return dense(32)


class QuickTrainer(Trainer):
    """Trains for ten steps on all images at once: a rule asks what a method pays and chooses, not how well it learns."""

    name = "quick"

    def wants(self) -> Collection[Grant]:
        """Return the unlabelled images."""
        return {Grant.UNLABELLED}

    def prepare(self, game: TrainingGame) -> dict[str, Tensor]:
        """Show pixels as features."""
        return {"features": game.unlabelled.flatten(1)}

    def fit(self, game: TrainingGame, network: nn.Module, images: Tensor, answers: Tensor) -> nn.Module:
        """Train for ten steps."""
        trained: nn.Module = _fitted(network, images, answers, 10)
        return trained


class FirstRows(Selector):
    """Takes rows in the order of the trainer's features where it shows any, else as they come."""

    name = "first-rows"

    def select(self, game: Game, k: int) -> Tensor:
        """Return k rows."""
        return torch.arange(k) if game.features is None else game.features.sum(1).argsort(stable=True)[:k]


@contextmanager
def surroundings(seed: int) -> Iterator[None]:
    """Seed the global generators and use one thread, as a worker does; everything is put back afterwards."""
    threads, state, words = torch.get_num_threads(), random.getstate(), np.random.get_state()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            reseed(seed)
            yield
    finally:
        random.setstate(state)
        np.random.set_state(words)
        torch.set_num_threads(threads)


class OneDevice(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses operations on tensors of two devices, which torch lets pass where one of them is the meta device."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation, or raise RuntimeError."""
        tensors = [x for x in tree_leaves((args, kwargs or {})) if isinstance(x, Tensor) and x.ndim]
        if len({tensor.device.type for tensor in tensors}) > 1:
            raise RuntimeError(f"{func} on tensors of two devices")
        return func(*args, **(kwargs or {}))


class _Times(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, logits: Tensor) -> Tensor:
        return self.factor * logits
