"""A real game on the 8x8 digits: a small dense target, a small dense substitute, metered by the core's oracle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from benchbox.match.game import LiveGame
from torch import Tensor, nn

from benchbox.contracts import Oracle


@cache
def digits() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    data = load_digits()
    return torch.tensor(data.images / 16, dtype=torch.float32)[:, None], torch.tensor(data.target)


def dense(width: int, classes: int = 10) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, width), nn.ReLU(), nn.Linear(width, classes))


@cache
def target() -> nn.Sequential:
    images, labels = digits()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = dense(64)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(150):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimiser.step()
    return network.eval()


def sharper() -> nn.Module:
    """The target with other probabilities behind the same labels."""

    class Scaled(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return 4 * target()(images)

    return Scaled().eval()


def accuracy(network: nn.Module) -> float:
    images, labels = digits()
    with torch.no_grad():
        return float((network.eval()(images).argmax(1) == labels).float().mean())


class Quadrants(nn.Module):
    """A target that names the brightest of four quadrants: one that even uniform noise steals."""

    def forward(self, images: Tensor) -> Tensor:
        return 8 * nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)


@cache
def quadrant_images() -> Tensor:
    images = 0.6 * torch.rand(800, 1, 8, 8, generator=torch.Generator().manual_seed(3))
    for i in range(800):
        row, column = divmod(i % 4, 2)
        images[i, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 0.2
    return images


def fidelity(network: nn.Module) -> float:
    """The share of test images on which a substitute of the quadrants' target agrees with it."""
    images = quadrant_images()
    with torch.no_grad():
        return float((network.eval()(images).argmax(1) == Quadrants()(images).argmax(1)).float().mean())


class Spy:
    """An oracle that keeps what it was asked."""

    def __init__(self, oracle: Oracle, asked: list[Tensor]) -> None:
        self._oracle, self._asked = oracle, asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._oracle, name)

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        self._asked.append(images.clone())
        return self._oracle.query(images, phase=phase)


MakeGame = Callable[..., LiveGame]
