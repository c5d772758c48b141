"""The table: what a selector's and a generator's match have in common, on the referee's side."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, Protocol

from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.errors import PluginError
from benchbox.match.desks import AttackDesk, Notes
from benchbox.match.parts import Parts
from benchbox.match.players.brief import Brief
from benchbox.match.players.game import fresh_substitute
from benchbox.match.players.players import Players
from benchbox.records import CellResult, LedgerRow
from benchbox.scoring.attacking import Assault, AttackTask
from benchbox.scoring.scorer import Scorer, Scores
from benchbox.seeds import stream_seed
from benchbox.target.meter import MeteredOracle

_UNLIMITED = 2**62


class Watch(Protocol):
    """Whoever follows a match: how far it is, and where to go on after a kill."""

    @property
    def due(self) -> bool:
        """Whether it is time to keep a state to resume from."""

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Take note of how far the match is."""

    def save(self, state: dict[str, Any]) -> None:
        """Keep a state."""

    def load(self) -> dict[str, Any] | None:
        """Return the state that was kept, or None."""


class Table:
    """Meters, briefs and scores of one cell.

    Args:
        parts: what is on the table.
        players: lets contestants play.
        watch: follows the match.
        result: where the numbers go.

    Attributes:
        scoring: seconds spent on scores so far.
        unattacked: substitutes whose attacks are due when the method has ended, with their budget points and queries.
    """

    def __init__(self, parts: Parts, players: Players, watch: Watch, result: CellResult) -> None:
        self.parts, self.players, self.watch, self.result = parts, players, watch, result
        self.notes = Notes()
        self.scoring = 0.0
        self.unattacked: list[tuple[nn.Module, int, int]] = []
        self._attacked: set[str] = set()
        oracle = MeteredOracle(parts.answer, Access.LABEL, _UNLIMITED, parts.shape, "scoring")
        images, labels = parts.test
        self._scorer = Scorer(images, labels, parts.classes, oracle, parts.attacks, self._assail, parts.budgets[-1])

    @cached_property
    def fresh(self) -> nn.Module:
        """The untrained substitute, the same for every method under one seed; copy it before it is changed.

        Raises:
            NotApplicable: the model cannot take these images.
        """
        return fresh_substitute(self.parts.build, self.parts.seed, self.parts.device)

    def substitute(self, weights: dict[str, Tensor] | None = None) -> nn.Module:
        """Return a copy of the untrained substitute, with ``weights`` loaded where they are given."""
        network = copy.deepcopy(self.fresh)
        if weights is not None:
            network.load_state_dict(weights)
        return network

    def meter(self, budget: int) -> MeteredOracle:
        """Return a fresh meter in front of the target."""
        return MeteredOracle(self.parts.answer, self.parts.access, budget, self.parts.shape, self.parts.who)

    def score(self, substitute: nn.Module, budget: int, spent: int, rows: list[LedgerRow]) -> None:
        """Score a substitute at a budget point, and write its ledger down. Its attacks wait until the method has ended.

        An attack is given test images, and a method that lived beside it could be told of them: by what the two take from each
        other of the machine, if by nothing else.
        """
        self._keep(self._scorer.score, substitute, budget, spent)
        self.result.ledger += rows
        if self._scorer.attacks_at(budget):
            self.unattacked.append((substitute, budget, spent))

    def attack(self) -> None:
        """Let the attacks play with every substitute that was scored."""
        while self.unattacked:
            self._keep(self._scorer.attack, *self.unattacked.pop(0))

    def _keep(
        self, score: Callable[[nn.Module, int, int], Scores], substitute: nn.Module, budget: int, spent: int
    ) -> None:
        began = time.perf_counter()
        scores = score(substitute, budget, spent)
        self.result.measurements += scores.measurements
        self.result.confusions += scores.confusions
        self.notes.pictures.update({picture.name: picture for picture in scores.pictures})
        self.scoring += time.perf_counter() - began

    def tell(self, spent: int) -> None:
        """Tell whoever watches how far the match is."""
        values = [m.value for m in self.result.measurements if m.metric == "accuracy"]
        self.watch.tell(spent, self.parts.budgets[-1], values[-1] if values else None)

    def brief(self, budget: int) -> Brief:
        """Return what the method is told before a game with an oracle of this budget."""
        parts = self.parts
        return Brief(
            contestant=parts.contestant,
            model=parts.model,
            access=parts.access,
            budgets=parts.budgets,
            budget=budget,
            shape=parts.shape,
            classes=parts.classes,
            device=str(parts.device),
            precision=parts.precision,
            seed=parts.seed,
            stream=stream_seed(parts.seed, "global"),
            insider=parts.insider is not None,
            pool=None if parts.pool is None else (parts.pool.images, parts.pool.labels),
            public=parts.public,
        )

    def _assail(self, task: AttackTask, substitute: nn.Module, assault: Assault) -> None:
        parts = self.parts
        brief = Brief(
            contestant=task.contestant,
            model=parts.model,
            access=parts.access,
            budgets=parts.budgets,
            budget=0,
            shape=parts.shape,
            classes=parts.classes,
            device=str(parts.device),
            precision="float32",
            seed=parts.seed,
            stream=task.seed,
            weights=dict(substitute.state_dict()),
            targeted=task.targeted,
        )
        desk = AttackDesk(assault, again=task.label in self._attacked)
        self._attacked.add(task.label)
        self.players.play(brief, desk)


def refuse_what_was_swallowed(meter: MeteredOracle) -> None:
    """Refuse a method that asked for more than remained, and went on.

    Raises:
        PluginError: it did.
    """
    if meter.refused is not None:
        raise PluginError(
            f"{meter.asker} {meter.refused} and swallowed BudgetExceeded; expected it to ask for no more than "
            f"game.oracle.remaining, or to let the refusal pass"
        )
