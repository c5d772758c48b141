from __future__ import annotations

from collections.abc import Callable

import pytest
from generator_games import MakeGame, Quadrants, Table, digits, target
from torch import nn

from benchbox.contracts import Access, Generator
from benchbox.registry import Catalogue, create_spec


@pytest.fixture
def game() -> MakeGame:
    """Return a function: (budgets, access, network, real) -> a table; ``real`` deals a pool and public images."""

    def make(
        budgets: tuple[int, ...], access: str = "label", network: nn.Module | None = None, real: bool = True
    ) -> Table:
        classes = 4 if isinstance(network, Quadrants) else 10
        return Table(Access(access), budgets, network or target(), classes, digits() if real else None)

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
