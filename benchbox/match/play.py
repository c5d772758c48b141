"""The referee: takes a method's offers, scores the latest at or before each budget point, keeps the state to resume."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from benchbox.contracts import Generator, Offer
from benchbox.errors import PluginError
from benchbox.match.game import LiveGame, Notes
from benchbox.match.scratch import Scratch
from benchbox.match.substitute import check_logits, check_substitute
from benchbox.records import CellResult, Confusion, Diagnostic, LedgerRow, Measurement, Picture
from benchbox.scoring.scorer import Scorer
from benchbox.seeds import seeding_noticed
from benchbox.target.meter import MeteredOracle


@dataclass
class _Held:
    """The latest offer: a copy of the substitute, and the ledger as it stood."""

    substitute: nn.Module
    spent: int
    rows: list[LedgerRow]


class Play:
    """Runs a method's offers against the budget points.

    Args:
        budgets: the points, ascending.
        scorer: the core's scorer.
        notes: what the method writes down; part of a resumed state.
        scratch: progress and resume files.
        result: where the numbers go.
        resumable: the generator whose rounds can be resumed; None for a selector.
        computing: returns the context in which the method's networks compute.
    """

    def __init__(
        self,
        budgets: tuple[int, ...],
        scorer: Scorer,
        notes: Notes,
        scratch: Scratch,
        result: CellResult,
        resumable: Generator | None,
        computing: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._budgets, self._open = budgets, list(budgets)
        self._scorer, self._notes, self._scratch, self._result = scorer, notes, scratch, result
        self._method, self._computing = resumable, computing
        self._game: LiveGame | None = None
        self._meter: MeteredOracle | None = None
        self._held: _Held | None = None
        self._seconds = {"score": 0.0}

    def seat(self, game: LiveGame, meter: MeteredOracle) -> LiveGame:
        """Note the game that the method is about to play, and the meter behind its oracle; the one before is closed."""
        if self._meter is not None:
            self._meter.close()
        self._game, self._meter = game, meter
        return game

    def run(self, offers: Iterator[Offer]) -> None:
        """Take every offer and score every budget point."""
        began = time.perf_counter()
        for number, offer in enumerate(self._turns(offers)):
            if offer.budget is None:
                self._anytime(offer, first=number == 0)
            else:
                self._score(offer.substitute, offer.budget, offer.spent, self._rows(offer.budget))
            self._tell(offer)
        if self._held is not None:
            self._settle(None)
        self._result.timings["score"] = self._seconds["score"]
        self._result.timings["method"] = time.perf_counter() - began - self._seconds["score"]

    def _turns(self, offers: Iterator[Offer]) -> Iterator[Offer]:
        """Let the method move. The oracle answers only meanwhile; what breaks the contract is refused by name."""
        while True:
            if self._meter is not None:
                self._meter.open()
            with seeding_noticed() as seeded, self._computing():
                offer = next(offers, None)
            if self._meter is None or offer is None:
                return
            self._meter.close()
            self._check(offer, seeded)
            yield offer

    def _check(self, offer: Offer, seeded: list[str]) -> None:
        assert self._meter is not None and self._game is not None
        who, refused = self._meter.asker, self._meter.refused
        if seeded:
            raise PluginError(f"{who} seeded the global generator of {seeded[0]}; expected draws from game.rng alone")
        if offer.spent != self._meter.spent:
            raise PluginError(
                f"{who} offered a substitute for {offer.spent} queries and had asked {self._meter.spent}; expected queries "
                f"in rounds, not in setup"
            )
        if refused is not None and not offer.refused:
            raise PluginError(
                f"{who} {refused} and swallowed BudgetExceeded; expected it to ask for no more than game.oracle.remaining, "
                f"or to let the refusal pass"
            )
        check_substitute(who, offer.substitute, self._game)

    def _anytime(self, offer: Offer, *, first: bool) -> None:
        if first and self._resume():
            return
        self._settle(offer.spent)
        assert self._meter is not None
        self._held = _Held(copy.deepcopy(offer.substitute), offer.spent, self._meter.ledger.rows(offer.spent))
        if self._scratch.due:
            self._scratch.save(self._state())

    def _settle(self, spent: int | None) -> None:
        """Score the held offer at every open point that the next offer lies beyond; at all that are left if none follows."""
        while self._open and (spent is None or self._open[0] < spent):
            budget = self._open.pop(0)
            assert self._held is not None
            rows = [LedgerRow(budget, r.phase, r.queries, r.clipped, r.digest) for r in self._held.rows]
            self._score(self._held.substitute, budget, self._held.spent, rows)

    def _score(self, substitute: nn.Module, budget: int, spent: int, rows: list[LedgerRow]) -> None:
        began = time.perf_counter()
        assert self._meter is not None and self._game is not None
        check_logits(self._meter.asker, substitute, self._game)
        scores = self._scorer.score(substitute, budget, spent)
        self._result.measurements += scores.measurements
        self._result.confusions += scores.confusions
        self._notes.pictures.update({picture.name: picture for picture in scores.pictures})
        self._result.ledger += rows
        self._seconds["score"] += time.perf_counter() - began

    def _rows(self, budget: int) -> list[LedgerRow]:
        assert self._meter is not None
        return self._meter.ledger.rows(budget)

    def _tell(self, offer: Offer) -> None:
        values = [m.value for m in self._result.measurements if m.metric == "accuracy"]
        spent = offer.spent
        self._scratch.tell(spent=spent, budget=self._budgets[-1], accuracy=values[-1] if values else None)

    def _state(self) -> dict[str, Any]:
        assert self._method is not None and self._game is not None
        assert self._meter is not None and self._held is not None
        result = self._result
        return {
            "method": self._method.state_dict(),
            "held": {"weights": self._held.substitute.state_dict(), "spent": self._held.spent},
            "held_rows": [asdict(row) for row in self._held.rows],
            "oracle": self._meter.state_dict(),
            "rng": self._game.rng.get_state(),
            "globals": _global_state(),
            "open": list(self._open),
            "measurements": [asdict(m) for m in result.measurements],
            "confusions": [asdict(c) for c in result.confusions],
            "ledger": [asdict(row) for row in result.ledger],
            "diagnostics": [asdict(d) for d in self._notes.diagnostics],
            "pictures": [{"name": p.name, "png": list(p.png)} for p in self._notes.pictures.values()],
        }

    def _resume(self) -> bool:
        state = self._scratch.load()
        if state is None or self._method is None:
            return False
        assert self._game is not None and self._meter is not None
        self._method.load_state_dict(state["method"])
        self._meter.load_state_dict(state["oracle"])
        self._game.rng.set_state(state["rng"])
        _set_global_state(state["globals"])
        held = copy.deepcopy(self._method.substitute)
        held.load_state_dict(state["held"]["weights"])
        self._held = _Held(held, state["held"]["spent"], [LedgerRow(**row) for row in state["held_rows"]])
        self._open = state["open"]
        result = self._result
        result.measurements = [Measurement(**m) for m in state["measurements"]]
        result.confusions = [Confusion(c["attack"], c["budget"], c["matrix"]) for c in state["confusions"]]
        result.ledger = [LedgerRow(**row) for row in state["ledger"]]
        self._notes.diagnostics[:] = [Diagnostic(**d) for d in state["diagnostics"]]
        self._notes.pictures.update({p["name"]: Picture(p["name"], bytes(p["png"])) for p in state["pictures"]})
        return True


def _global_state() -> dict[str, Any]:
    version, words, gauss = random.getstate()
    name, keys, position, has_gauss, cached = np.random.get_state(legacy=True)
    return {
        "torch": torch.get_rng_state(),
        "python": [version, list(words), gauss],
        "numpy": [name, [int(key) for key in keys], int(position), int(has_gauss), float(cached)],
    }


def _set_global_state(state: dict[str, Any]) -> None:
    torch.set_rng_state(state["torch"])
    version, words, gauss = state["python"]
    random.setstate((version, tuple(words), gauss))
    name, keys, position, has_gauss, cached = state["numpy"]
    np.random.set_state((name, np.array(keys, dtype=np.uint32), position, has_gauss, cached))
