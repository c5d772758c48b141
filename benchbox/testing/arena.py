"""Toy games for the conformance kit: four classes of 8x8 images, a small target, played by the core's own match."""

from __future__ import annotations

import hashlib
import random
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

from benchbox.contracts import Access, Attack, Method, PluginError, Pool
from benchbox.match.desks import MethodDesk, Notes
from benchbox.match.match import play_match
from benchbox.match.parts import Parts
from benchbox.match.players.brief import Brief
from benchbox.match.players.game import PlayerGame
from benchbox.match.players.link import Desk, DirectLink
from benchbox.match.players.players import Here
from benchbox.match.resume import packed, unpacked
from benchbox.match.table import Table
from benchbox.records import CellResult, Status
from benchbox.scoring.attacking import checked_examples
from benchbox.scoring.distances import check_threat
from benchbox.seeds import reseed, seeding_noticed
from benchbox.suites.cell import PluginRef
from benchbox.target.answer import Answerer
from benchbox.target.insider import TargetInsider

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
        global_seed: another state of the global generators for the method to find; None leaves the core's.
        device: where the game is played.
    """

    budgets: tuple[int, ...] = (20, 60)
    access: Access = Access.LABEL
    pool: int = POOL
    insider: bool = False
    sharp: bool = False
    seed: int = 1
    global_seed: int | None = None
    device: str = "cpu"


@dataclass
class Played:
    """What a toy game left behind.

    Attributes:
        result: measurements, confusion matrices, ledger and diagnostics, as a cell has them.
        weights: sha256 of the last substitute that was offered or trained.
        spent: queries paid for at each offer.
        rows: the rows that a selector chose last.
    """

    result: CellResult
    weights: str = ""
    spent: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

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


class Killed(Exception):  # noqa: N818 - what happens to a process
    """Ends a game in the middle, as a killed process does."""


@dataclass
class Keeper:
    """Follows a toy game: keeps the state to resume from after every offer, and kills the game after some.

    Attributes:
        kill_after: offers after which ``Killed`` is raised; None plays to the end.
        kept: the state that was kept last.
    """

    kill_after: int | None = None
    kept: bytes | None = None
    offers: int = 1

    @property
    def due(self) -> bool:
        """Always."""
        return True

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Count an offer."""
        self.offers += 1
        if self.kill_after is not None and self.offers > self.kill_after:
            raise Killed

    def save(self, state: dict[str, Any]) -> None:
        """Keep a state."""
        self.kept = packed(state)

    def load(self) -> dict[str, Any] | None:
        """Return the state that was kept."""
        return unpacked(self.kept)


class _Noting:
    """A desk that notes what passes."""

    def __init__(self, desk: Desk, played: Played) -> None:
        self._desk, self._played = desk, played

    @property
    def begun(self) -> bool:
        return self._desk.begun

    def take(self, kind: str, data: Any) -> Any:
        if kind == "offer":
            self._played.spent.append(data["spent"])
            self._played.weights = _digest(data["weights"])
        elif kind == "rows":
            self._played.rows = data["rows"].tolist()
        return self._desk.take(kind, data)


class _Toys(Here):
    """Lets one plugin play, in this process, and notes what passes between it and the referee."""

    def __init__(self, method: Method, parts: Parts, house: House, played: Played) -> None:
        super().__init__(lambda ref: method, parts.build, quick_recipe)
        self._house, self._played = house, played

    def play(self, brief: Brief, desk: Desk) -> None:
        if self._house.global_seed is not None:
            brief = Brief(**{**vars(brief), "stream": self._house.global_seed})
        super().play(brief, _Noting(desk, self._played))


def quick_recipe(
    network: nn.Module, images: Tensor, answers: Tensor, order: torch.Generator, device: torch.device
) -> nn.Module:
    """Train for ten steps on all images at once: a rule asks what a method pays and chooses, not how well it learns."""
    trained: nn.Module = _fitted(network, images, answers, 10)
    return trained


def toy_parts(house: House, plugin: PluginRef) -> Parts:
    """Return the parts of a toy game."""
    device, network = torch.device(house.device), toy_target(house.sharp)
    images, labels = (tensor.to(device) for tensor in toy_images(house.pool, 1))
    test, classes = (tensor.to(device) for tensor in toy_images(POOL, 2))
    return Parts(
        contestant=plugin,
        model=PluginRef(kind="model", name="toy", version=1, spec="toy", options={}),
        build=lambda: dense(16),
        recipe=quick_recipe,
        access=house.access,
        budgets=house.budgets,
        precision="float32",
        seed=house.seed,
        shape=SHAPE,
        classes=CLASSES,
        device=device,
        answer=Answerer(network, device),
        insider=TargetInsider(network, device) if house.insider else None,
        pool=Pool(images, labels),
        public=toy_images(POOL, 3)[0].flip(3),
        test=(test, classes),
    )


def toy_game(house: House) -> PlayerGame:
    """Return a game under the rules, in this process, with an oracle of the last budget."""
    plugin = PluginRef(kind="plugin", name="under test", version=1, spec="", options={})
    parts = toy_parts(house, plugin)
    table = Table(parts, Here(lambda ref: None, parts.build, parts.recipe), Keeper(), CellResult("toy", Status.DONE))  # type: ignore[arg-type,return-value]
    desk = MethodDesk(table.meter(house.budgets[-1]), Notes(), parts.insider)
    return PlayerGame.of(table.brief(house.budgets[-1]), DirectLink(desk), parts.build, parts.recipe)


def play(method: Method, house: House, keeper: Keeper | None = None) -> Played:
    """Play a toy game through the core's match.

    Args:
        method: what plays; a fresh one for every game.
        house: the rules.
        keeper: keeps a killed game's state, and ends the game in the middle.

    Raises:
        NotApplicable: the method cannot play under these rules.
        PluginError: it broke its contract.
    """
    plugin = PluginRef(kind=method.kind, name=method.name, version=method.version, spec=method.name, options={})
    parts, played = toy_parts(house, plugin), Played(CellResult("toy", Status.DONE))
    with surroundings(0):
        play_match(parts, _Toys(method, parts, house, played), keeper or Keeper(), played.result)
    return played


def examples(
    attack: Attack, substitute: nn.Module, clean: Tensor, images: Tensor, labels: Tensor, *, targeted: bool
) -> Tensor:
    """Return what the referee takes of an attack.

    Args:
        attack: the attack.
        substitute: in eval mode.
        clean: the images, to measure distances from.
        images: a copy of them, that the attack is given.
        labels: true classes, or goals.
        targeted: whether they are goals.

    Raises:
        PluginError: it returned no valid examples, or seeded a global generator.
    """
    who = f"attack '{attack.name}'"
    with seeding_noticed() as seeded:
        made = attack.perturb(substitute, images, labels, classes=CLASSES, targeted=targeted)
    if seeded:
        raise PluginError(
            f"{who} seeded the global generator of {seeded[0]}; expected draws that follow the core's seed"
        )
    valid = checked_examples(who, clean, made)
    check_threat(who, attack.threat(), clean, valid)
    return valid


def _digest(weights: dict[str, Tensor]) -> str:
    total = hashlib.sha256()
    for tensor in weights.values():
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
