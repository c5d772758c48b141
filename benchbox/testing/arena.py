"""Playing toy games: one plugin against the toy target, by the core's own match and in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Attack, Defence, Grant, Method, Norm, Plugin, PluginError, Pool, Threat, Trainer
from benchbox.match.desks import MethodDesk
from benchbox.match.match import play_match
from benchbox.match.notes import Notes
from benchbox.match.parts import Parts, SearchTask
from benchbox.match.players.brief import Brief, Ready
from benchbox.match.players.game import PlayerGame
from benchbox.match.players.link import Desk, DirectLink, does_not_cross
from benchbox.match.players.players import Here
from benchbox.match.resume import packed, unpacked
from benchbox.match.table import Table
from benchbox.records import CellResult, Status
from benchbox.scoring.attacking import checked_examples
from benchbox.scoring.distances import check_threat
from benchbox.scoring.metrics import VOLATILE
from benchbox.seeds import seeding_noticed
from benchbox.suites.cell import PluginRef, PriorPlan
from benchbox.target.answer import Answerer
from benchbox.target.insider import TargetInsider
from benchbox.target.response import Response
from benchbox.testing.keeper import Keeper
from benchbox.testing.toys import (
    CLASSES,
    POOL,
    RADII,
    SHAPE,
    FirstRows,
    QuickTrainer,
    ToyModel,
    dense,
    surroundings,
    toy_images,
    toy_surrogates,
    toy_target,
)

MakeTrainer = Callable[[], Trainer]


@dataclass(frozen=True)
class House:
    """The rules of one toy game.

    Attributes:
        budgets: budget points, ascending.
        access: what the oracle answers.
        pool: images in the pool.
        uses: what the method is granted beyond answers and images.
        sharp: whether other probabilities stand behind the same labels.
        seed: the suite's seed.
        global_seed: another state of the global generators for the method to find; None leaves the core's.
        device: where the game is played.
        norm, goal: of what a query attack searches, within ``RADII``.
        defence: what stands before the target, as it was prepared; ``block_ends`` whether a block ends the game.
        surrogates: how many networks are granted ready, in place of a substitute that is made.
    """

    budgets: tuple[int, ...] = (20, 60)
    access: Access = Access.LABEL
    pool: int = POOL
    uses: Collection[Grant] = ()
    sharp: bool = False
    seed: int = 1
    global_seed: int | None = None
    device: str = "cpu"
    norm: Norm = "inf"
    goal: str = "untargeted"
    defence: Defence | None = None
    block_ends: bool = True
    surrogates: int = 0


@dataclass
class Played:
    """What a toy game left behind.

    Attributes:
        result: measurements, confusion matrices, ledger and diagnostics, as a cell has them.
        weights: sha256 of the last substitute that was offered or trained.
        spent: queries paid for at each offer.
        rows: the rows that a selector chose last.
        answered: images that the target answered, whoever asked.
    """

    result: CellResult
    weights: str = ""
    spent: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    answered: int = 0

    @property
    def trace(self) -> tuple[object, ...]:
        """All that two equal games have in common."""
        result = self.result
        measured = [m for m in result.measurements if m.metric not in VOLATILE]
        return result.ledger, measured, result.confusions, result.diagnostics, self.weights, result.searches

    @property
    def queries(self) -> dict[int, int]:
        """Queries in the ledger by budget point."""
        sums: dict[int, int] = {}
        for row in self.result.ledger:
            sums[row.budget] = sums.get(row.budget, 0) + row.queries
        return sums


class _Noting:
    """A desk that takes what would have crossed a wall, and notes what passes."""

    def __init__(self, who: str, desk: Desk, played: Played) -> None:
        self._who, self._desk, self._played = who, desk, played

    @property
    def begun(self) -> bool:
        return self._desk.begun

    def take(self, kind: str, data: Any) -> Any:
        try:
            data = unpacked(packed(data))
        except TypeError as error:
            raise does_not_cross(self._who, kind, error) from None
        if kind == "offer":
            self._played.spent.append(data["spent"])
            self._played.weights = _digest(data["weights"])
        elif kind == "lesson" and data["weights"] is not None:
            self._played.weights = _digest(data["weights"])
        elif kind == "rows":
            self._played.rows = data["rows"].tolist()
        return self._desk.take(kind, data)


class _Toys(Here):
    """Lets a line-up play, in this process, and notes what passes between it and the referee."""

    def __init__(self, method: Plugin, train: MakeTrainer, parts: Parts, house: House, played: Played) -> None:
        made: dict[str, Callable[[], Plugin]] = {
            "trainer": train,
            "selector": FirstRows,
            "model": ToyModel,
            method.kind: lambda: method,
        }
        super().__init__(lambda ref: made[ref.kind](), parts.build)
        self._house, self._played = house, played

    def play(self, brief: Brief, desk: Desk) -> None:
        if self._house.global_seed is not None:
            brief = replace(brief, stream=self._house.global_seed)
        super().play(brief, _Noting(brief.who, desk, self._played))


def toy_parts(house: House, plugin: PluginRef, trainer: Trainer | None = None) -> Parts:
    """Return the parts of a toy game; without a trainer the contestant makes its own substitutes."""
    wants = () if trainer is None else trainer.wants()
    helped = Grant.SUBSTITUTE in house.uses
    usual = PriorPlan(method=_ref(FirstRows()), trainer=_ref(QuickTrainer()), budget=house.pool)
    prior = usual if helped and not house.surrogates else None
    ready = tuple(Ready(_ref(ToyModel()), weights) for weights in toy_surrogates(house.surrogates if helped else 0))
    device, network = torch.device(house.device), toy_target(house.sharp)
    images, labels = (tensor.to(device) for tensor in toy_images(house.pool, 1))
    test, classes = (tensor.to(device) for tensor in toy_images(POOL, 2))
    return Parts(
        contestant=plugin,
        trainer=None if trainer is None else _ref(trainer),
        model=PluginRef(kind="model", name="toy", version=1, spec="toy", options={}),
        build=lambda: dense(16),
        access=Response(house.access),
        budgets=house.budgets,
        precision="float32",
        seed=house.seed,
        shape=SHAPE,
        classes=CLASSES,
        device=device,
        answer=Answerer(network, device),
        insider=TargetInsider(network, device) if Grant.INSIDER in house.uses else None,
        pool=Pool(images, labels),
        uses=frozenset([*house.uses, *wants]),
        public=toy_images(POOL, 3)[0].flip(3),
        test=(test, classes),
        defence=house.defence,
        block_ends=house.block_ends,
        search=SearchTask(house.goal, torch.arange(len(test)), Threat(house.norm, RADII[house.norm]), prior, ready),
    )


def toy_game(house: House, trainer: Trainer | None = None) -> PlayerGame:
    """Return a game under the rules, in this process, with an oracle of the last budget and a trainer that has prepared."""
    plugin = PluginRef(kind="plugin", name="under test", version=1, spec="", options={})
    made = trainer or QuickTrainer()
    parts = toy_parts(house, plugin, made)
    table = Table(parts, Here(lambda ref: made, parts.build), Keeper(), CellResult("toy", Status.DONE))
    with surroundings(0):
        table.prepare()
    desk = MethodDesk(table.meter(house.budgets[-1]), Notes(), parts.insider)
    return PlayerGame.of(table.brief(house.budgets[-1]), DirectLink(desk), parts.build, lambda ref: made)


def play(method: Plugin, house: House, keeper: Keeper | None = None, train: MakeTrainer = QuickTrainer) -> Played:
    """Play a toy game through the core's match.

    Args:
        method: what plays, a selector, generator or query attack; a fresh one for every game.
        house: the rules.
        keeper: keeps a killed game's state, and ends the game in the middle.
        train: makes the trainer of its substitutes, afresh wherever a cell would have a process of its own.

    Raises:
        NotApplicable: the line-up cannot play under these rules.
        PluginError: it broke its contract.
    """
    trains = isinstance(method, Method) and method.trains
    parts = toy_parts(house, _ref(method), train() if trains else None)
    played = Played(CellResult("toy", Status.DONE))

    def counted(images: Tensor, access: Access) -> Tensor:
        played.answered += len(images)
        return answer(images, access)

    answer = parts.answer
    parts = replace(parts, answer=counted)
    with surroundings(0):
        play_match(parts, _Toys(method, train, parts, house, played), keeper or Keeper(), played.result)
    return played


def _ref(plugin: Plugin) -> PluginRef:
    return PluginRef(kind=plugin.kind, name=plugin.name, version=plugin.version, spec=plugin.name, options={})


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
        PluginError: it returned no valid examples, left its threat, or seeded a global generator.
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
