"""A selector's match: it chooses rows, the referee asks them, the trainer makes a substitute, for every budget."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor

from benchbox.errors import BudgetExceeded, PluginError
from benchbox.images.row_tensor import in_parts, taken
from benchbox.match.desks import SelectorDesk, TrainerDesk
from benchbox.match.messages import Rows
from benchbox.match.table import Table, refuse_what_was_swallowed
from benchbox.match.weights import check_weights
from benchbox.records import Diagnostic


def play_selector(table: Table) -> None:
    """Play for every budget: a nested selector chooses once, the others afresh, each time in a process of its own."""
    _Game(table).play()


class _Game:
    """The budgets that are still to play, and whose lesson is out."""

    def __init__(self, table: Table) -> None:
        assert table.parts.trainer is not None
        self._table, self._trainer = table, table.parts.trainer
        self._open = list(table.parts.budgets)
        self._rows: Tensor | None = None
        self._nested = False
        self._desk = self._new_desk(self._open[0])
        self._taught: int | None = None  # the budget whose lesson is out

    def play(self) -> None:
        table = self._table
        state = table.kept()
        if state is not None:
            self._open, self._rows, table.prepared = state["open"], state["rows"], state["prepared"]
            self._nested = self._rows is not None
        table.prepare()
        self._keep()
        while self._open:
            if not self._nested:
                self._choose(self._open[0])
            self._learn()

    def _new_desk(self, budget: int) -> SelectorDesk:
        table = self._table
        again = budget != table.parts.budgets[0]
        choices = table.parts.choices
        return SelectorDesk(table.meter(budget), table.notes, table.parts.insider, again=again, choices=choices)

    def _choose(self, budget: int) -> None:
        choices = self._table.parts.choices
        with nullcontext() if choices is None else choices.turn():
            self._have_chosen(budget)
            if choices is not None and self._rows is not None and self._desk.deterministic:
                choices.keep(self._rows, self._nested)

    def _have_chosen(self, budget: int) -> None:
        parts, who = self._table.parts, self._table.parts.who
        self._desk = desk = self._new_desk(budget)
        self._table.players.play(self._table.brief(budget), desk)
        if desk.choice is None and desk.blocked:
            self._rows, self._nested = None, False
            return
        if desk.choice is None or parts.pool is None:
            raise PluginError(f"{who} ended without a choice")
        refuse_what_was_swallowed(desk.meter)
        self._nested = desk.choice.nested
        if self._nested and desk.meter.spent:
            raise PluginError(
                f"{who} asked the oracle {desk.meter.spent} images while it chose, and says that it is nested; expected "
                f"nested = False where a choice needs answers"
            )
        self._rows = checked_rows(who, desk.choice, parts.budgets[-1] if self._nested else budget, len(parts.pool))

    def _learn(self) -> None:
        """Give lessons in one game: all that are left where the choice is nested, else one.

        The answers of a nested choice are all among those of the next budget. Other choices must not see each other's.
        """
        table = self._table
        last = self._open[-1] if self._nested else self._open[0]
        left = [budget for budget in self._open if budget > last]
        again = self._open[0] != table.parts.budgets[0]
        exchange = partial(self._exchange, last)
        desk = TrainerDesk(self._trainer.who, table.notes, lambda: self._desk.meter.spent, exchange, again=again)
        table.players.play(table.lessons(last), desk)
        if self._open != left:
            raise PluginError(f"{self._trainer.who} ended before it had learnt from all its answers")

    def _exchange(self, last: int, weights: dict[str, Tensor] | None) -> dict[str, Any] | None:
        """Score what came of the lesson that is out, and return the next."""
        if (weights is None) != (self._taught is None):
            raise PluginError(f"{self._trainer.who} sent weights out of turn; expected one answer to each lesson")
        if weights is not None:
            self._score(weights)
        if not self._open or self._open[0] > last:
            return None
        budget = self._taught = self._open[0]
        images, answers = self._paid() if self._rows is None else self._ask(budget, self._rows)
        if not len(images):
            raise PluginError(f"{self._table.parts.who} was answered nothing at all: the defence blocked every image")
        return {"images": images, "answers": answers, "stream": f"budget {budget}"}

    def _paid(self) -> tuple[Tensor, Tensor]:
        """Return what was answered before a block ended the choice."""
        images, answers = zip(*self._desk.paid, strict=True)
        return torch.cat(images), torch.cat(answers)

    def _ask(self, budget: int, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Return the chosen images that are answered, and their answers."""
        parts, notes = self._table.parts, self._table.notes
        assert parts.pool is not None
        if self._nested:
            self._desk = self._new_desk(budget)
        rows = chosen[:budget].to(parts.pool.images.device)
        images = taken(parts.pool.images, rows)
        try:
            answered = [self._desk.answers(part) for part in in_parts(images)]
        except BudgetExceeded as error:
            raise PluginError(
                f"{parts.who} chose {len(rows)} rows and had spent what their answers cost on other images: it {error}"
            ) from None
        histogram = parts.pool.labels[rows].bincount(minlength=parts.classes).tolist()
        values = {"chosen": len(rows), **{f"class_{c}": count for c, count in enumerate(histogram)}}
        spent = self._desk.meter.spent
        notes.diagnostics += [Diagnostic(spent, name, float(value)) for name, value in values.items()]
        kept = torch.cat([each[0] for each in answered])
        answers = torch.cat([each[1] for each in answered if len(each[1])] or [answered[0][1]])
        return (images if bool(kept.all()) else taken(images, kept.nonzero()[:, 0])), answers

    def _score(self, weights: dict[str, Tensor]) -> None:
        table, meter = self._table, self._desk.meter
        check_weights(self._trainer.who, table.fresh, weights)
        budget, self._taught = self._open.pop(0), None
        table.score(table.substitute(weights), budget, meter.spent, meter.ledger.rows(budget), meter.counts)
        table.tell(meter.spent)
        self._keep()

    def _keep(self) -> None:
        table = self._table
        if table.watch.due and self._open:
            rows = self._rows if self._nested else None
            table.keep({"open": list(self._open), "rows": rows, "prepared": table.prepared})


def checked_rows(who: str, choice: Rows, budget: int, size: int) -> Tensor:
    """Return a choice as int64 on the CPU: distinct rows of a pool of ``size``, no more than the budget.

    Raises:
        PluginError: it is none.
    """
    rows, k = choice.rows, choice.wanted
    expected = budget if choice.nested else k
    if not 1 <= k <= budget or k != expected:
        raise PluginError(f"{who} says that it chooses {k} rows at a budget of {budget}")
    if rows.ndim != 1 or rows.is_floating_point() or rows.is_complex() or len(rows) != k:
        raise PluginError(
            f"{who} was asked for {k} rows and returned {rows.dtype} of shape {tuple(rows.shape)}; expected {k} integers"
        )
    rows = rows.long().cpu()
    low, high = int(rows.min()), int(rows.max())
    if low < 0 or high >= size:
        raise PluginError(f"{who} returned row {low if low < 0 else high}; the pool has rows 0 to {size - 1}")
    repeated = k - len(set(rows.tolist()))
    if repeated:
        raise PluginError(f"{who} returned {repeated} rows twice; rows must differ")
    return rows
