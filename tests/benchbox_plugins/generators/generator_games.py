"""A real game on the 8x8 digits: a small dense target, a small dense substitute, metered by the core's oracle."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Generator, Oracle
from benchbox.match.desks import GeneratorDesk
from benchbox.match.lineup import create
from benchbox.match.messages import Offer
from benchbox.match.notes import Notes
from benchbox.match.players.brief import Brief
from benchbox.match.players.game import PlayerGame
from benchbox.match.players.generator import play_generator
from benchbox.match.players.link import DirectLink
from benchbox.suites.cell import PluginRef
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle


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


class Table:
    """One game of a generator, in this process: the core's meter, desk and player, without training a target or scoring.

    Args:
        access, budgets: the rules.
        network: the target.
        classes: how many classes it knows.
        images: the pool and, mirrored, the public images; None where there are none.

    Attributes:
        meter: counts what is asked.
        notes: what the generator wrote down.
        game: what it is given.
        offers: what it offered, the untrained substitute first.
        then: called after each offer.
        resumes: what ``restore`` takes, and the meter's state, of a killed game.
    """

    def __init__(
        self,
        access: Access,
        budgets: tuple[int, ...],
        network: nn.Module,
        classes: int,
        images: tuple[Tensor, Tensor] | None,
    ) -> None:
        self.meter = MeteredOracle(
            Answerer(network, torch.device("cpu")), access, budgets[-1], (1, 8, 8), "the generator"
        )
        self.notes, self.offers = Notes(), list[Offer]()
        self.then: Callable[[], None] = lambda: None
        self.resumes: tuple[Any, Any] | None = None
        self._link = DirectLink(GeneratorDesk(self.meter, self.notes, None, self._offered, lambda state: None))
        plugin = PluginRef(kind="generator", name="toy", version=1, spec="toy", options={})
        brief = Brief(
            contestant=plugin,
            trainer=None,
            model=plugin,
            access=access,
            budgets=budgets,
            budget=budgets[-1],
            shape=(1, 8, 8),
            classes=classes,
            device="cpu",
            precision="float32",
            seed=5,
            stream=1,
            pool=None if images is None else images[0][:300],
            public=None if images is None else images[0].flip(3),
        )
        self.game = PlayerGame.of(brief, self._link, lambda: dense(48, classes), create)

    def play(self, method: Generator, game: Any = None) -> list[Offer]:
        """Let it play to its end, in this game or in a changed one, and return what it offered."""
        game = game or self.game
        method.applicable(game)
        play_generator(method, game, self._link, nullcontext)
        return self.offers

    def phases(self) -> dict[str, int]:
        """Return how many images were asked, by phase."""
        return {row.phase: row.queries for row in self.meter.ledger.rows(0)}

    def noted(self, name: str) -> list[float]:
        """Return the values of a diagnostic."""
        return [d.value for d in self.notes.diagnostics if d.name == name]

    def substitute(self, offer: Offer) -> nn.Module:
        """Return the network that was offered."""
        network = self.game.new_substitute()
        network.load_state_dict(offer.weights)
        return network

    def _offered(self, offer: Offer) -> dict[str, Any]:
        weights = {name: tensor.clone() for name, tensor in offer.weights.items()}
        self.offers.append(offer.model_copy(update={"weights": weights}))
        self.then()
        if self.resumes is None or len(self.offers) > 1:
            return {}
        state, meter = self.resumes
        self.meter.load_state_dict(meter)
        return {"state": state, "spent": self.meter.spent}


MakeGame = Callable[..., Table]
