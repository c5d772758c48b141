"""A small game without a core: a metered oracle over a fixed network, a pool of digits, a quick recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from selector_games import CPU, Played, fit, play
from torch import Tensor, nn

from benchbox.contracts import Access, BudgetExceeded, Pool, Selector
from benchbox.target.insider import TargetInsider


def small_network(seed: int, pixels: int, classes: int) -> nn.Sequential:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(nn.Flatten(), nn.Linear(pixels, 24), nn.ReLU(), nn.Linear(24, classes)).eval()


class FakeOracle:
    def __init__(self, network: nn.Module, access: Access, budget: int) -> None:
        self.access, self.remaining, self.spent = access, budget, 0
        self.phases: dict[str, int] = {}
        self.asked: list[Tensor] = []
        self._network = network

    def probabilities(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            probabilities: Tensor = self._network(images).softmax(1)
        return probabilities

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        if len(images) > self.remaining:
            raise BudgetExceeded(len(images), self.remaining)
        self.remaining -= len(images)
        self.spent += len(images)
        self.phases[phase] = self.phases.get(phase, 0) + len(images)
        self.asked.append(images)
        probabilities = self.probabilities(images)
        return probabilities.argmax(1) if self.access is Access.LABEL else probabilities


class Insider(TargetInsider):
    """The referee's own, batch by batch as a player is told."""

    def activations(self, images: Tensor) -> Iterator[Tensor]:  # type: ignore[override]
        yield from map(super().activations, images.split(64))


class FakeGame:
    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        target: nn.Sequential,
        *,
        budget: int = 20,
        access: Access = Access.LABEL,
        insider: bool = False,
        seed: int = 0,
        budgets: tuple[int, ...] | None = None,
    ) -> None:
        self.access, self.classes = access, int(labels.max()) + 1
        self.oracle = FakeOracle(target, access, budget)
        self.pool = Pool(images, labels)
        self.public = None
        self.features: Tensor | None = None
        self.budgets = budgets or (budget,)
        self.shape = tuple(images.shape[1:])
        self.device = images.device
        self.rng = torch.Generator().manual_seed(seed)
        self.insider = Insider(target, CPU) if insider else None
        self.trained: list[tuple[int, str]] = []
        self.logged: dict[str, float] = {}

    def new_substitute(self) -> nn.Sequential:
        return small_network(1, int(np.prod(self.shape)), self.classes)

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        self.trained.append((len(images), stream))
        return fit(self.new_substitute(), images, answers)

    def log(self, **values: float) -> None:
        self.logged.update(values)

    def picture(self, name: str, images: Tensor) -> None: ...


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As workers run: threads that wait for each other cost more than these small networks."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def digits() -> tuple[Tensor, Tensor]:
    """300 of scikit-learn's 8x8 digits, as float images in [0, 1] with 256 levels, and their labels."""
    from sklearn.datasets import load_digits

    data = load_digits()
    images = np.round(data.images[:300] / 16 * 255) / 255
    return torch.from_numpy(images).float()[:, None], torch.from_numpy(data.target[:300]).long()


@pytest.fixture(scope="session")
def target(digits: tuple[Tensor, Tensor]) -> nn.Sequential:
    return fit(small_network(5, 64, 10), *digits)


@pytest.fixture
def game(digits: tuple[Tensor, Tensor], target: nn.Sequential) -> Callable[..., FakeGame]:
    """Makes games; ``size`` keeps the first rows of the pool, ``images``/``labels`` replace it."""

    def make(
        size: int | None = None, images: Tensor | None = None, labels: Tensor | None = None, **rules: object
    ) -> FakeGame:
        images = digits[0][:size] if images is None else images
        labels = digits[1][:size] if labels is None else labels
        return FakeGame(images, labels, target, **rules)  # type: ignore[arg-type]

    return make


@pytest.fixture
def match(digits: tuple[Tensor, Tensor], target: nn.Sequential) -> Callable[..., Played]:
    """Plays a selector's whole match: (method, budgets, size of the pool, access) -> what it left behind."""

    def played(
        method: Selector, *budgets: int, size: int | None = None, access: Access = Access.PROBABILITIES
    ) -> Played:
        return play(method, digits[0][:size], digits[1][:size], target, budgets, access)

    return played
