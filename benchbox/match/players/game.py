"""The game that a contestant is given: see ``benchbox.contracts.Game`` for what it may rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Plugin, Pool, Shape, Trainer
from benchbox.devices import to_device
from benchbox.errors import Blocked, PluginError
from benchbox.images.grid import GRID
from benchbox.match.players.brief import Brief
from benchbox.match.players.link import Link
from benchbox.match.players.training import PlayerTraining, fitted, noted
from benchbox.seeds import stream_seed
from benchbox.suites.cell import PluginRef

Create = Callable[[PluginRef], Plugin]
"""Makes a contestant."""

_MICRO_BATCH = 128


class RemoteOracle:
    """The metered oracle, seen from the player's side: the meter is the referee's."""

    def __init__(self, link: Link, brief: Brief) -> None:
        self._link, self._who, self._shape = link, brief.who, brief.shape
        self._access, self._budget, self._spent = brief.access, brief.budget, 0

    @property
    def access(self) -> Access:
        """What an answer holds."""
        return self._access

    @property
    def remaining(self) -> int:
        """Queries left."""
        return self._budget - self._spent

    @property
    def spent(self) -> int:
        """Queries paid for so far."""
        return self._spent

    def query(self, images: Tensor, *, phase: str = "main") -> Tensor:
        """Ask the target. See ``benchbox.contracts.Oracle.query``."""
        given: object = images
        if not isinstance(given, Tensor):
            wanted = f"float images of shape (n, {', '.join(map(str, self._shape))}) in [0, 1]"
            raise PluginError(f"{self._who} sent {type(given).__name__} to the oracle; expected {wanted}")
        try:
            reply = self._link.call("query", {"phase": phase, "images": images.detach()})
        except Blocked as blocked:
            self._spent = blocked.spent
            if blocked.answers is not None:
                blocked.answers, blocked.kept = blocked.answers.to(images.device), blocked.kept.to(images.device)
            raise
        self._spent = reply["spent"]
        answers: Tensor = reply["answers"]
        return answers.to(images.device)

    def resume(self, spent: int) -> None:
        """Take note of what a killed run had paid for."""
        self._spent = spent


class RemoteInsider:
    """The target from within, asked of the referee."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def probabilities(self, images: Tensor) -> Tensor:
        """Return softmax outputs, float32 (n, classes)."""
        return self._peek("probabilities", images)

    def activations(self, images: Tensor) -> Iterator[Tensor]:
        """Yield ReLU outputs in micro-batches, one flat row per image; maps reduced to their maximum."""
        for start in range(0, len(images), _MICRO_BATCH):
            yield self._peek("activations", images[start : start + _MICRO_BATCH])

    def _peek(self, what: str, images: Tensor) -> Tensor:
        answer: Tensor = self._link.call("peek", {"what": what, "images": images.detach()})["answer"]
        return answer.to(images.device)


@dataclass(frozen=True)
class PlayerGame:
    """A game in play.

    Attributes:
        build: returns a freshly initialised substitute.
        create: makes the scenario's trainer.
        brief: what the player was told.
        link: where ``log`` and ``picture`` go.
    """

    access: Access
    oracle: RemoteOracle
    pool: Pool | None
    public: Tensor | None
    budgets: tuple[int, ...]
    shape: Shape
    classes: int
    device: torch.device
    rng: torch.Generator
    insider: RemoteInsider | None
    build: Callable[[], nn.Module]
    create: Create
    brief: Brief
    link: Link

    @classmethod
    def of(cls, brief: Brief, link: Link, build: Callable[[], nn.Module], create: Create) -> PlayerGame:
        """Return the game that a brief describes."""
        device = torch.device(brief.device)
        pool = (
            None
            if brief.pool is None
            else Pool(brief.pool.to(device), None if brief.labels is None else brief.labels.to(device))
        )
        return cls(
            access=brief.access,
            oracle=RemoteOracle(link, brief),
            pool=pool,
            public=None if brief.public is None else brief.public.to(device),
            budgets=brief.budgets,
            shape=brief.shape,
            classes=brief.classes,
            device=device,
            rng=torch.Generator().manual_seed(stream_seed(brief.seed, "method")),
            insider=RemoteInsider(link) if brief.insider else None,
            build=build,
            create=create,
            brief=brief,
            link=link,
        )

    @property
    def features(self) -> Tensor | None:
        """What the trainer learnt of the pool's images before the first question."""
        features = self.brief.prepared.get("features")
        return None if features is None else features.to(self.device)

    def new_substitute(self) -> nn.Module:
        """Return a fresh substitute, the same weights under one seed."""
        return fresh_substitute(self.build, self.brief.seed, self.device)

    def train(self, images: Tensor, answers: Tensor, *, stream: str = "main") -> nn.Module:
        """Train a fresh substitute as the scenario's trainer does."""
        game = PlayerTraining(self.brief, self.link, stream)
        return fitted(self._trainer(), game, self.new_substitute(), images, answers)

    def log(self, **values: float) -> None:
        """Record diagnostics at the present number of queries."""
        noted(self.link, values)

    def picture(self, name: str, images: Tensor) -> None:
        """Keep a grid of images."""
        self.link.tell("show", {"name": name, "images": images[: GRID * GRID].detach()})

    def _trainer(self) -> Trainer:
        if self.brief.trainer is None:
            raise PluginError(f"{self.brief.who} called game.train; expected its class to say trains = True")
        trainer = self.create(self.brief.trainer)
        assert isinstance(trainer, Trainer)
        return trainer


def fresh_substitute(build: Callable[[], nn.Module], seed: int, device: torch.device) -> nn.Module:
    """Return a fresh substitute on a device: the same weights under one seed, in any process."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(stream_seed(seed, "substitute"))
        return to_device(build(), device)
