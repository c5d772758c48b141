from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from benchbox.match.game import LiveGame, Notes
from generator_games import MakeGame, Quadrants, dense, digits, target
from torch import nn

from benchbox.contracts import Access, Generator, Pool
from benchbox.registry import Catalogue, create_spec
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle

CPU = torch.device("cpu")


@pytest.fixture
def game() -> MakeGame:
    """Return a function: (budgets, access, network, real) -> a game; ``real`` deals a pool and public images."""

    def make(
        budgets: tuple[int, ...], access: str = "label", network: nn.Module | None = None, real: bool = True
    ) -> LiveGame:
        images, labels = digits()
        classes = 4 if isinstance(network, Quadrants) else 10
        granted = Access(access)
        return LiveGame(
            access=granted,
            oracle=MeteredOracle(Answerer(network or target(), CPU), granted, budgets[-1], (1, 8, 8), "the test"),
            pool=Pool(images[:300], labels[:300]) if real else None,
            public=images.flip(3) if real else None,
            budgets=budgets,
            shape=(1, 8, 8),
            classes=classes,
            device=CPU,
            rng=torch.Generator().manual_seed(5),
            insider=None,
            build=lambda: dense(48, classes),
            seed=1,
            notes=Notes(),
        )

    return make


@pytest.fixture(scope="session")
def make() -> Callable[[str], Generator]:
    """Return a function: ``name[option=value]`` -> the generator."""
    catalogue = Catalogue.discover()

    def created(spec: str) -> Generator:
        method = create_spec(catalogue, "generator", spec)
        assert isinstance(method, Generator)
        return method

    return created
