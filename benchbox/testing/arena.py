"""Toy games for the conformance kit: four classes of 8x8 images, a small target, played by the core's own referee."""

from __future__ import annotations

import hashlib
import random
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from benchbox.contracts import Access, Game, Generator, Method, Offer, Pool
from benchbox.match.game import LiveGame, Notes, TargetInsider
from benchbox.match.play import Play
from benchbox.match.scratch import Scratch
from benchbox.records import CellResult, Status
from benchbox.scoring.attacking import reseed
from benchbox.scoring.scorer import Scorer
from benchbox.target.answer import Answerer
from benchbox.target.meter import MeteredOracle

SHAPE = (1, 8, 8)
CLASSES = 4
POOL = 60
"""Images in the pool of the standard toy game."""


@dataclass(frozen=True)
class House:
    """The rules of one toy game.

    Attributes:
        budgets: budget points, ascending.
        access: what the oracle answers.
        pool: images in the pool.
        insider: whether the target is opened to the method.
        sharp: whether other probabilities stand behind the same labels.
        seed: the suite's seed.
        global_seed: the state of the global generators that the method finds.
        device: where the game is played.
    """

    budgets: tuple[int, ...] = (20, 60)
    access: Access = Access.LABEL
    pool: int = POOL
    insider: bool = False
    sharp: bool = False
    seed: int = 1
    global_seed: int = 0
    device: str = "cpu"


@dataclass
class Played:
    """What a toy game left behind.

    Attributes:
        result: measurements, confusion matrices, ledger and diagnostics, as a cell has them.
        weights: sha256 of the last substitute that was offered.
        spent: queries paid for at each offer.
        meters: what still holds an oracle keeps these alive.
    """

    result: CellResult
    weights: str = ""
    spent: list[int] = field(default_factory=list)
    meters: list[weakref.ref[MeteredOracle]] = field(default_factory=list)

    @property
    def trace(self) -> tuple[object, ...]:
        """All that two equal games have in common."""
        result = self.result
        return result.ledger, result.measurements, result.confusions, result.diagnostics, self.weights

    @property
    def queries(self) -> dict[int, int]:
        """Queries in the ledger by budget point."""
        sums: dict[int, int] = {}
        for row in self.result.ledger:
            sums[row.budget] = sums.get(row.budget, 0) + row.queries
        return sums


class Killed(Exception):  # noqa: N818 - what happens to a worker
    """Ends a game in the middle, as a killed worker does."""


class EveryOffer(Scratch):
    """Saves the state to resume from after every offer, not every so many seconds."""

    @property
    def due(self) -> bool:
        """Always."""
        return True


class ToyGame(LiveGame):
    """A live game with a quicker recipe: a rule asks what a method pays and chooses, not how well it learns."""

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        """Train a fresh substitute for ten steps on all images at once."""
        substitute: nn.Module = _fitted(self.new_substitute(), images, answers, 10)
        return substitute


def toy_game(house: House, meter: MeteredOracle | None = None, notes: Notes | None = None) -> LiveGame:
    """Return a game under the rules, with the meter behind its oracle; a fresh one for the last budget where it is None."""
    device, network = torch.device(house.device), toy_target(house.sharp)
    meter = meter or MeteredOracle(Answerer(network, device), house.access, house.budgets[-1], SHAPE, "the plugin")
    images, labels = toy_images(house.pool, 1)
    return ToyGame(
        access=house.access,
        oracle=meter.sealed(),
        pool=Pool(images.to(device), labels.to(device)),
        public=toy_images(POOL, 3)[0].flip(3).to(device),
        budgets=house.budgets,
        shape=SHAPE,
        classes=CLASSES,
        device=device,
        rng=torch.Generator().manual_seed(house.seed),
        insider=TargetInsider(network, device) if house.insider else None,
        build=lambda: dense(16),
        seed=house.seed,
        notes=notes or Notes(),
    )


def play(method: Method, house: House, scratch: Scratch | None = None, kill_after: int | None = None) -> Played:
    """Play a toy game through the core's referee.

    Args:
        method: what plays; a fresh one for every game.
        house: the rules.
        scratch: where a killed game is resumed from.
        kill_after: offers after which ``Killed`` is raised.

    Raises:
        NotApplicable: the method cannot play under these rules.
        PluginError: it broke its contract.
    """
    device, who = torch.device(house.device), f"{method.kind} '{method.name}'"
    network = toy_target(house.sharp)
    answer = Answerer(network, device)
    scoring = MeteredOracle(answer, Access.LABEL, 2**62, SHAPE, "scoring")
    images, labels = (tensor.to(device) for tensor in toy_images(POOL, 2))
    scorer = Scorer(images, labels, CLASSES, scoring, [], house.budgets[-1])
    notes, played = Notes(), Played(CellResult("toy", Status.DONE))
    resumable = method if isinstance(method, Generator) else None
    referee = Play(house.budgets, scorer, notes, scratch or Scratch(None, "toy"), played.result, resumable)

    def game_at(budget: int) -> Game:
        meter = MeteredOracle(answer, house.access, budget, SHAPE, who)
        played.meters.append(weakref.ref(meter))
        return referee.seat(toy_game(house, meter, notes), meter)

    closed = MeteredOracle(answer, house.access, house.budgets[-1], SHAPE, who)
    closed.close()
    method.applicable(toy_game(house, closed, notes))
    with surroundings(house.global_seed):
        referee.run(_noted(method.play(house.budgets, game_at), played, kill_after))
    played.result.diagnostics = notes.diagnostics
    return played


def _noted(offers: Iterator[Offer], played: Played, kill_after: int | None) -> Iterator[Offer]:
    for number, offer in enumerate(offers, start=1):
        if kill_after is not None and number > kill_after:
            raise Killed
        played.spent.append(offer.spent)
        yield offer  # the referee refuses what is no network on the game's device
        played.weights = _digest(offer.substitute)


def _digest(network: nn.Module) -> str:
    total = hashlib.sha256()
    for tensor in network.state_dict().values():
        total.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return total.hexdigest()


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


@cache
def _trained() -> Any:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = dense(32)
    return _fitted(network, *toy_images(POOL, 4), 40).requires_grad_(False)


def _fitted(network: nn.Module, images: Tensor, answers: Tensor, steps: int) -> Any:
    optimiser = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        torch.autograd.backward(nn.functional.cross_entropy(network(images), answers))
        optimiser.step()
    return network.eval()


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
