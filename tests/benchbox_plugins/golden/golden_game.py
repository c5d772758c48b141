"""A game of this folder's own: fixed networks, an oracle that writes down what it is asked. Nothing of the match room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchbox.contracts import Access, Asked, BudgetExceeded, Pool, Shape, Threat


@cache
def digits() -> tuple[Tensor, Tensor]:
    """300 of scikit-learn's 8x8 digits with 256 grey levels, and their labels.

    The background is noisy: on even black, what is as large as its neighbour would be for rounding to decide.
    """
    from sklearn.datasets import load_digits

    data = load_digits()
    noise = torch.randint(0, 56, (300, 8, 8), generator=torch.Generator().manual_seed(4))
    images = ((torch.from_numpy(data.images[:300]) / 16 * 199).round() + noise) / 255
    return images.float()[:, None], torch.from_numpy(data.target[:300]).long()


def lenet(seed: int, shape: Shape, classes: int = 10) -> nn.Sequential:
    """A small LeNet of fixed weights; its last layer's are widened, so that it names several classes.

    It takes means of its maps: a maximum sends the gradient elsewhere when rounding swaps two values.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = nn.Sequential(
            *(nn.Conv2d(shape[0], 6, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2)),
            *(nn.Conv2d(6, 12, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
            *(nn.Linear(12 * prod(side // 4 for side in shape[1:]), 24), nn.ReLU(), nn.Linear(24, classes)),
        )
    with torch.no_grad():
        network[-1].weight *= 4
    return network.eval()


@cache
def fitted() -> nn.Sequential:
    """A small LeNet that knows the digits: the target of selectors, and what attacks are made on.

    Its last layer is solved for, not trained: steps of a gradient would carry the rounding of one machine far from another's.
    """
    images, labels = digits()
    network = lenet(1, (1, 8, 8))
    with torch.no_grad():
        features = network[:-1](images).double()
        inputs = torch.cat([features, torch.ones(len(features), 1, dtype=torch.float64)], 1)
        square = inputs.T @ inputs + 1e-2 * torch.eye(inputs.shape[1], dtype=torch.float64)
        solved = 10 * torch.linalg.solve(square, inputs.T @ F.one_hot(labels).double()).float()
        network[-1].weight.copy_(solved[:-1].T)
        network[-1].bias.copy_(solved[-1])
    return network


class WritingOracle:
    """Answers clipped images while the budget lasts; sums up what it was asked, in the order it was asked."""

    def __init__(self, network: nn.Module, access: Access, budget: int) -> None:
        self.access, self.remaining, self.spent = access, budget, 0
        self.phases: Counter[str] = Counter()
        self.asked: list[float] = []
        self._network = network

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        if len(images) > self.remaining:
            raise BudgetExceeded(len(images), self.remaining)
        images = images.detach().float().clamp(0, 1)
        self.remaining -= len(images)
        self.spent += len(images)
        self.phases[phase] += len(images)
        self.asked.append(digest(images))
        with torch.no_grad():
            probabilities: Tensor = self._network(images).softmax(1)
        return probabilities.argmax(1) if self.access is Access.LABEL else probabilities


def digest(values: Tensor) -> float:
    """Return a sum that changes with every value and with their order."""
    flat = values.detach().double().flatten()
    return float((flat * torch.arange(1, len(flat) + 1).double().cos()).sum() + flat.mean())


class AllKnowing:
    """What a privileged method is granted."""

    def __init__(self, network: nn.Sequential) -> None:
        self._network = network

    def probabilities(self, images: Tensor) -> Tensor:
        with torch.no_grad():
            probabilities: Tensor = self._network(images).softmax(1)
        return probabilities

    def activations(self, images: Tensor) -> Iterator[Tensor]:
        with torch.no_grad():
            yield self._network[:8](images)


class GoldenGame:
    """``benchbox.contracts.Game`` on 8x8 digits, or on images of another shape without a pool."""

    def __init__(self, access: Access, budgets: tuple[int, ...], shape: Shape = (1, 8, 8)) -> None:
        images, labels = digits()
        real = shape == (1, 8, 8)
        self.access, self.budgets, self.shape, self.classes = access, budgets, shape, 10
        self.network = fitted() if real else lenet(1, shape)
        self.oracle = WritingOracle(self.network, access, budgets[-1])
        self.pool = Pool(images, labels) if real else None
        self.public = images.flip(3) if real else None
        self.unlabelled = images if real else None
        self.prepared: dict[str, Tensor] = {}
        self.features = None if self.pool is None else images.flatten(1)
        self.device = torch.device("cpu")
        self.rng = torch.Generator().manual_seed(7)
        self.insider = AllKnowing(self.network)
        self.logged: dict[str, float] = {}

    def new_substitute(self) -> nn.Sequential:
        return lenet(2, self.shape)

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        network = self.new_substitute().train()
        optimiser = torch.optim.SGD(
            network.parameters(), lr=0.1, momentum=0.9
        )  # Adam would blow up what rounding leaves
        for _ in range(20):
            optimiser.zero_grad()
            torch.autograd.backward(F.cross_entropy(network(images), answers))
            optimiser.step()
        return network.eval()

    def log(self, **values: float) -> None:
        self.logged.update(values)

    def picture(self, name: str, images: Tensor) -> None: ...


class GoldenSearch:
    """``benchbox.contracts.SearchGame`` on 8x8 digits; sums up what it was asked, a number a request."""

    def __init__(
        self,
        access: Access,
        budget: int,
        threat: Threat,
        images: Tensor,
        labels: Tensor,
        goals: Tensor | None,
        networks: int,
    ) -> None:
        self.access, self.budget, self.threat, self.goals = access, budget, threat, goals
        self.shape, self.classes, self.device = (1, 8, 8), 10, torch.device("cpu")
        self.rng = torch.Generator().manual_seed(7)
        self.pool = Pool(*digits())
        self.unlabelled = self.pool.images
        learnt = (slice(100 * i, 100 * i + 100) for i in range(networks))
        self.substitutes = tuple(GoldenGame(access, (1,)).train(*(part[rows] for part in digits())) for rows in learnt)
        self.substitute = self.substitutes[0]
        self.counts = torch.zeros(len(images), dtype=torch.int64)
        self.asked: list[float] = []
        self._images, self._labels = images, labels

    def remaining(self, rows: Tensor) -> Tensor:
        return self.budget - self.counts[rows]

    def ask(self, rows: Tensor, images: Tensor, *, phase: str = "main") -> Asked:
        kept = torch.zeros(len(rows), dtype=torch.bool)
        for i, row in enumerate(rows.tolist()):
            kept[i] = self.counts[row] < self.budget
            self.counts[row] += kept[i].long()
        if len(rows) and not kept.any():
            raise BudgetExceeded(len(rows), 0)
        mine, shown = rows[kept], images[kept].detach().clamp(0, 1)
        self.asked.append(digest(shown))
        with torch.no_grad():
            answers: Tensor = fitted()(shown).softmax(1)
        said = answers.argmax(1)
        change = (shown - self._images[mine]).flatten(1)
        far = change.norm(dim=1) if self.threat.norm == "2" else change.abs().amax(1)
        fools = said != self._labels[mine] if self.goals is None else said == self.goals[mine]
        solved = fools & (far <= self.threat.radius + 1e-5)
        return Asked(kept, said if self.access is Access.LABEL else answers, solved)

    def log(self, **values: float) -> None: ...

    def picture(self, name: str, images: Tensor) -> None: ...
