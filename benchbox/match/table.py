"""The table: what all matches have in common, on the referee's side."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Grant
from benchbox.errors import PluginError
from benchbox.images.row_tensor import taken
from benchbox.match.desks import AttackDesk, TrainerDesk
from benchbox.match.notes import Notes
from benchbox.match.parts import Parts
from benchbox.match.players.brief import Brief
from benchbox.match.players.game import fresh_substitute
from benchbox.match.players.players import Players
from benchbox.records import (
    SCORING,
    CellResult,
    Confusion,
    LedgerRow,
    Measurement,
    Picture,
    packed_notes,
    unpacked_notes,
)
from benchbox.scoring.attacking import Assault, AttackTask
from benchbox.scoring.defended import HONEST, honest, watched
from benchbox.scoring.scorer import Scorer, Scores
from benchbox.seeds import stream_seed
from benchbox.suites.cell import PluginRef
from benchbox.target.guard import Guard
from benchbox.target.meter import MeteredOracle

_UNLIMITED = 2**62
_FORM = 4  # of a state to resume from


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
        scoring: seconds spent on scores so far, as ``seconds`` in a killed run's sitting too.
        prepared: what the trainer learnt before the first answer; None until it was asked.
        unattacked: substitutes whose attacks are due when the method has ended, with their budget points and queries.
    """

    def __init__(self, parts: Parts, players: Players, watch: Watch, result: CellResult) -> None:
        self.parts, self.players, self.watch, self.result = parts, players, watch, result
        self.notes = Notes()
        self._began, self.scoring = time.perf_counter(), 0.0
        self.prepared: dict[str, Tensor] | None = None
        self.unattacked: list[tuple[nn.Module, int, int]] = []
        self._attacked: set[str] = set()

    @cached_property
    def _scorer(self) -> Scorer:
        parts = self.parts
        oracle = MeteredOracle(parts.answer, Access.LABEL, _UNLIMITED, parts.shape, SCORING)
        images, labels = parts.test
        return Scorer(images, labels, parts.classes, oracle, parts.attacks, self._assail, parts.budgets[-1])

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

    @property
    def seconds(self) -> float:
        """Seconds of the match so far, with those of killed runs up to the state that this one goes on from."""
        return time.perf_counter() - self._began + self.result.timings.get("earlier", 0.0)

    def meter(self, budget: int) -> MeteredOracle:
        """Return a fresh meter in front of the target, and of its defence, to which this is a new client."""
        return self._meter(budget, self.parts.who, "client")

    def _meter(self, budget: int, who: str, client: str) -> MeteredOracle:
        parts, guard = self.parts, None
        if parts.defence is not None:
            guard = Guard(parts.defence, stream_seed(parts.seed, f"defence/{client}"), ends=parts.block_ends)
        return MeteredOracle(parts.answer, parts.access, budget, parts.shape, who, guard)

    def measure_defence(self) -> None:
        """Let an honest client ask some of the test images, in an order drawn by the seed, where there is a defence."""
        parts = self.parts
        if parts.defence is None:
            return
        began = time.perf_counter()
        images, labels = parts.test
        draw = torch.Generator().manual_seed(stream_seed(parts.seed, "honest images"))
        rows = torch.randperm(len(images), generator=draw)[:HONEST].to(images.device)
        meter = self._meter(len(rows), "an honest client", "honest")
        self.result.measurements += honest(meter, parts.answer, taken(images, rows), labels[rows], parts.budgets[-1])
        self.scoring += time.perf_counter() - began

    def score(
        self, substitute: nn.Module, budget: int, spent: int, rows: list[LedgerRow], counts: Mapping[str, int]
    ) -> None:
        """Score a substitute at a budget point, and write its ledger down. Its attacks wait until the method has ended.

        An attack is given test images, and a method that lived beside it could be told of them: by what the two take from each
        other of the machine, if by nothing else.
        """
        self._write_down(self._scorer.score, substitute, budget, spent)
        self.result.ledger += rows
        self.result.measurements += watched(counts, budget, spent)
        if self._scorer.attacks_at(budget):
            self.unattacked.append((substitute, budget, spent))

    def attack(self) -> None:
        """Let the attacks play with every substitute that was scored."""
        while self.unattacked:
            self._write_down(self._scorer.attack, *self.unattacked.pop(0))

    def _write_down(
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

    def keep(self, state: dict[str, Any]) -> None:
        """Keep a state to go on from, and beside it all that was scored and written down so far."""
        result, notes = self.result, self.notes
        scored = {
            "measurements": [asdict(m) for m in result.measurements],
            "confusions": [asdict(c) for c in result.confusions],
            "ledger": [asdict(row) for row in result.ledger],
            "diagnostics": packed_notes(notes.diagnostics),
            "pictures": [asdict(p) for p in notes.pictures.values()],
            "unattacked": [(dict(network.state_dict()), *point) for network, *point in self.unattacked],
        }
        spent = {"seconds": self.seconds, "scoring": self.scoring}
        self.watch.save({"played": self._played, "state": state, "scored": scored, **spent})

    def kept(self) -> dict[str, Any] | None:
        """Return the state that an earlier, killed run left, and take up what it had scored; None where there is none.

        What other sources have played, or players that were less shut in, would be passed off as these ones'.
        """
        kept = self.watch.load()
        if kept is None or kept.get("played") != self._played:
            return None
        scored, result, notes = kept["scored"], self.result, self.notes
        result.timings["earlier"], self.scoring = kept["seconds"], kept["scoring"]
        result.measurements = [Measurement(**m) for m in scored["measurements"]]
        result.confusions = [Confusion(**c) for c in scored["confusions"]]
        result.ledger = [LedgerRow(**row) for row in scored["ledger"]]
        notes.diagnostics[:] = unpacked_notes(scored["diagnostics"])
        self.unattacked = [(self.substitute(weights), *point) for weights, *point in scored["unattacked"]]
        notes.pictures.update({p["name"]: Picture(p["name"], bytes(p["png"])) for p in scored["pictures"]})
        state: dict[str, Any] = kept["state"]
        return state

    @property
    def _played(self) -> dict[str, Any]:
        line_up = [ref.source for ref in (self.parts.contestant, self.parts.trainer) if ref is not None]
        sealed = self.result.sealed
        return {"form": _FORM, "sources": line_up, "sealed": None if sealed is None else sealed.value}

    def prepare(self) -> None:
        """Have the trainer learn what it can before the first answer, unless that is done or there is nothing to learn.

        Raises:
            NotApplicable: it cannot train under these rules.
            PluginError: what it prepared is no tensors, or no features of the pool.
        """
        trainer, pool = self.parts.trainer, self.parts.pool
        if self.prepared is None and trainer is not None and pool is not None and self._unlabelled:
            desk = TrainerDesk(trainer.who, self.notes, lambda: 0, None)
            self.players.play(self.lessons(0), desk)
            self.prepared = _checked_features(trainer.who, desk.prepared, len(pool))

    @property
    def _unlabelled(self) -> bool:
        return Grant.UNLABELLED in self.parts.uses

    def brief(self, budget: int) -> Brief:
        """Return what the method is told before a game with an oracle of this budget."""
        parts = self.parts
        return replace(
            self._brief(parts.contestant, budget, "global"),
            trainer=parts.trainer,
            insider=parts.insider is not None,
            pool=None if parts.pool is None else parts.pool.images,
            labels=None if parts.pool is None or Grant.LABELS not in parts.uses else parts.pool.labels,
            unlabelled=self._unlabelled,
            prepared=self.prepared or {},
            public=parts.public,
        )

    def lessons(self, budget: int) -> Brief:
        """Return what the trainer is told before it learns from answers of this budget; of 0, before there are any."""
        parts = self.parts
        assert parts.trainer is not None
        return replace(
            self._brief(parts.trainer, budget, "trainer"),
            pool=parts.pool.images if parts.pool is not None and self._unlabelled else None,
            unlabelled=self._unlabelled,
            prepared=self.prepared or {},
        )

    def _brief(self, contestant: PluginRef, budget: int, stream: str) -> Brief:
        parts = self.parts
        return Brief(
            contestant=contestant,
            trainer=None,
            model=parts.model,
            access=parts.access.form,
            budgets=parts.budgets,
            budget=budget,
            shape=parts.shape,
            classes=parts.classes,
            device=str(parts.device),
            precision=parts.precision,
            seed=parts.seed,
            stream=stream_seed(parts.seed, stream),
        )

    def _assail(self, task: AttackTask, substitute: nn.Module, assault: Assault) -> None:
        brief = replace(
            self._brief(task.contestant, 0, "global"),
            precision="float32",
            stream=task.seed,
            weights=dict(substitute.state_dict()),
            targeted=task.targeted,
        )
        desk = AttackDesk(assault, again=task.label in self._attacked)
        self._attacked.add(task.label)
        self.players.play(brief, desk)


def _checked_features(who: str, prepared: dict[str, Tensor] | None, size: int) -> dict[str, Tensor]:
    if prepared is None:
        raise PluginError(f"{who} ended without saying what it prepared")
    features = prepared.get("features")
    if features is not None and (
        features.dtype != torch.float32 or features.ndim != 2 or len(features) != size or not features.isfinite().all()
    ):
        raise PluginError(
            f"{who} prepared features of {features.dtype} and shape {tuple(features.shape)}; expected finite float32, a "
            f"row for each of {size} images"
        )
    return prepared


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
