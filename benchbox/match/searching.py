"""A query attack's match: block by block it searches examples, and the referee judges every image that it asks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from benchbox.contracts import Access, Grant
from benchbox.errors import PluginError
from benchbox.images.row_tensor import in_parts, taken
from benchbox.match.generating import play_generator
from benchbox.match.parts import SearchTask
from benchbox.match.players.brief import Brief
from benchbox.match.search_desk import Replay, SearchDesk, recalled
from benchbox.match.selecting import play_selector
from benchbox.match.table import Table, Watch
from benchbox.records import SCORING, CellResult, LedgerRow, Picture, Searches, Status
from benchbox.scoring.attacking import aims
from benchbox.scoring.defended import watched
from benchbox.scoring.judging import Judge
from benchbox.scoring.pictures import SHOWN, pairs_png
from benchbox.scoring.searches import measured
from benchbox.seeds import stream_seed
from benchbox.suites.cell import PriorPlan
from benchbox.target.example_meter import ExampleMeter
from benchbox.target.meter import MeteredOracle
from benchbox.target.phases import GRANTED

MOST_EXAMPLES, _MOST_VALUES = 1024, 1 << 25
"""Of one block: a player holds several copies of its images, and of one that is killed every search begins again."""

_OTHERWISE = "asked otherwise when its block was played again behind a kill; expected all chance from game.rng"


def play_query_attack(table: Table) -> None:
    """Have the scenario's substitute trained where the attack uses one, then let it search, and measure."""
    _Game(table).play()


class _Game:
    def __init__(self, table: Table) -> None:
        task = table.parts.search
        assert task is not None
        self._table, self._task = table, task
        self._budget = table.parts.budgets[-1]
        self._rows, self._goals = self._examples(task)
        self._prior: dict[str, Any] | None = None
        self._done: list[dict[str, Any]] = []  # of each finished block, what its judge says and its counts
        self._seconds = 0.0
        oracle = table.meter(max(1, len(self._rows)) * self._budget)
        self._meter, self._start = oracle, oracle.state_dict()

    def play(self) -> None:
        table = self._table
        state = table.kept()
        kept: dict[str, Any] = {}
        if state is not None:
            self._prior, self._done, self._seconds = state["prior"], state["done"], state["seconds"]
            self._start, kept = state["meter"], state["recall"]
            self._meter.load_state_dict(self._start)
            del table.notes.diagnostics[state["notes"] :]  # they are written down again
        if Grant.SUBSTITUTE in table.parts.uses and self._task.prior is not None and self._prior is None:
            self._prior = self._train(self._task.prior)
        size = _block(table.parts.shape)
        for start in range(len(self._done) * size, len(self._rows), size):
            self._play_block(slice(start, start + size), kept)
            kept = {}
        self._measure()

    def _examples(self, task: SearchTask) -> tuple[Tensor, Tensor | None]:
        """Return the test images to search, those that the target classifies correctly, and the goals."""
        parts = self._table.parts
        images, labels = parts.test
        oracle = MeteredOracle(parts.answer, Access.LABEL, len(images), parts.shape, SCORING)
        said = torch.full_like(labels, -1)
        asked = [oracle.query(part, phase=SCORING) for part in in_parts(taken(images, task.rows))]
        said[task.rows] = torch.cat(asked).to(labels)
        rows, goals = aims(task.goal, task.rows, labels, parts.classes)
        counts = said[rows] == labels[rows]
        if goals is not None:
            counts &= goals != labels[rows]
        return rows[counts], None if goals is None else goals[counts]

    def _train(self, prior: PriorPlan) -> dict[str, Any]:
        """Have the substitute made that the scenario grants; return its weights, its price and its ledger's digest."""
        parts = replace(
            self._table.parts,
            contestant=prior.method,
            trainer=prior.trainer,
            budgets=(prior.budget,),
            attacks=(),
            search=None,
        )
        table = _Training(parts, self._table.players, _Silent(self._table.watch), CellResult("", Status.DONE))
        (play_selector if prior.method.kind == "selector" else play_generator)(table)
        assert table.made is not None
        substitute, spent, rows = table.made
        clipped, digest = sum(row.clipped for row in rows), "".join(row.digest for row in rows)
        return {"weights": dict(substitute.state_dict()), "spent": spent, "clipped": clipped, "digest": digest}

    def _play_block(self, part: slice, kept: dict[str, Any]) -> None:
        """Let it search the examples of one block; ``kept`` holds the answers that a killed run had paid for."""
        table, parts = self._table, self._table.parts
        images, labels = (tensor[self._rows[part]] for tensor in parts.test)
        goals = None if self._goals is None else self._goals[part]
        judge = Judge(images, labels, goals, self._task.threat, 0 if self._done else SHOWN)
        replay = Replay(parts.answer, recalled(kept))
        self._meter.answer_by(replay)
        counts = ExampleMeter(self._meter, len(images), self._budget)
        notes = len(table.notes.diagnostics)

        def asked() -> None:
            solved = sum(int((each["first"] > 0).sum()) for each in self._done) + int((judge.first > 0).sum())
            self._check_replay(replay, kept)
            if table.watch.due and not replay.replaying and not replay.full:
                self._keep(replay, notes)
            table.watch.tell(self._meter.spent, len(self._rows) * self._budget, solved / len(self._rows))

        began = time.perf_counter()
        desk = SearchDesk(self._meter, table.notes, counts, judge, asked, again=bool(self._done))
        table.players.play(self._brief(part, images, labels, goals), desk)
        self._seconds += time.perf_counter() - began
        if replay.replaying:
            raise PluginError(f"{parts.who} {_OTHERWISE}")
        self._done.append({**judge.state_dict(), "asked": counts.counts})
        self._start = self._meter.state_dict()
        if table.watch.due:
            self._keep(None, len(table.notes.diagnostics))

    def _check_replay(self, replay: Replay, kept: dict[str, Any]) -> None:
        """Refuse a search that does not ask again what was answered before it was killed: the answers are not to it."""
        if kept and not replay.replaying:
            asked = self._meter.ledger.state_dict() == kept.pop("ledger", None)
            kept.clear()
            if not asked:
                raise PluginError(f"{self._table.parts.who} {_OTHERWISE}")

    def _brief(self, part: slice, images: Tensor, labels: Tensor, goals: Tensor | None) -> Brief:
        table, block = self._table, part.start
        examples = {"images": images, "labels": labels}
        return replace(
            table.brief(self._budget),
            stream=stream_seed(table.parts.seed, f"search/{block}"),
            search={"block": block, "threat": [self._task.threat.norm, self._task.threat.radius]},
            examples=examples if goals is None else {**examples, "goals": goals},
            weights=None if self._prior is None else self._prior["weights"],
            surrogates=self._task.surrogates,
        )

    def _keep(self, replay: Replay | None, notes: int) -> None:
        """Keep what is finished, and of the block in play the answers that were paid for: it is played again with them."""
        self._table.keep(
            {
                "prior": self._prior,
                "done": self._done,
                "seconds": self._seconds,
                "meter": self._start,
                "recall": {} if replay is None else {**replay.state_dict(), "ledger": self._meter.ledger.state_dict()},
                "notes": notes,
            }
        )

    def _measure(self) -> None:
        result, budgets = self._table.result, self._table.parts.budgets
        first, asked, linf, l2, l0 = (self._joined(name) for name in ("first", "asked", "linf", "l2", "l0"))
        goals = [-1] * len(self._rows) if self._goals is None else self._goals.tolist()
        result.searches = Searches(
            rows=self._rows.tolist(),
            goals=goals,
            asked=asked,
            first=first,
            linf=[far if at else None for far, at in zip(linf, first, strict=True)],
            l2=[far if at else None for far, at in zip(l2, first, strict=True)],
            late=sum(each["late"] for each in self._done),
        )
        before = 0 if self._prior is None else self._prior["spent"]
        result.measurements += measured(result.searches, l0, budgets, before, self._seconds)
        result.measurements += watched(self._meter.counts, budgets[-1], self._meter.spent)
        result.ledger += self._meter.ledger.rows(self._budget)
        if self._prior is not None:
            price = self._prior
            result.ledger.append(LedgerRow(self._budget, GRANTED, price["spent"], price["clipped"], price["digest"]))
        self._picture()

    def _joined(self, name: str) -> list[Any]:
        return [value for each in self._done for value in each[name].tolist()]

    def _picture(self) -> None:
        """Keep the first images with what became of each below it."""
        if not self._done:
            return
        images, shown = self._table.parts.test[0], self._done[0]["examples"]
        picture = pairs_png(images[self._rows[: len(shown)]], shown.to(images))
        self._table.notes.pictures["attack/search"] = Picture("attack/search", picture)


class _Training(Table):
    """The table at which the scenario's substitute is made: it is not scored, but handed on.

    Attributes:
        made: the substitute, what it cost, and its ledger.
    """

    made: tuple[nn.Module, int, list[LedgerRow]] | None = None

    def score(
        self, substitute: nn.Module, budget: int, spent: int, rows: list[LedgerRow], counts: Mapping[str, int]
    ) -> None:
        """Take the substitute."""
        self.made = substitute, spent, rows


class _Silent:
    """Follows the training of the substitute, of which no state is kept: it is short beside the searches."""

    due = False

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def tell(self, spent: int, budget: int, accuracy: float | None) -> None:
        """Pass on how far it is."""
        self._watch.tell(spent, budget, None)

    def save(self, state: dict[str, Any]) -> None:
        """Keep nothing."""

    def load(self) -> None:
        """Return nothing."""


def _block(shape: tuple[int, int, int]) -> int:
    channels, height, width = shape
    return max(1, min(MOST_EXAMPLES, _MOST_VALUES // (channels * height * width)))
