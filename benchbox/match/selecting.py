"""A selector's match: it chooses rows, the referee asks them and trains the substitute, for every budget."""

from __future__ import annotations

from torch import Tensor

from benchbox.devices import computing
from benchbox.errors import BudgetExceeded, PluginError
from benchbox.match.desks import SelectorDesk
from benchbox.match.messages import Rows
from benchbox.match.players.game import batch_order
from benchbox.match.table import Table, refuse_what_was_swallowed
from benchbox.records import Diagnostic


def play_selector(table: Table) -> None:
    """Play for every budget: a nested selector chooses once, the others afresh, each time in a process of its own."""
    nested: Tensor | None = None
    for budget in table.parts.budgets:
        desk = SelectorDesk(
            table.meter(budget), table.notes, table.parts.insider, again=budget != table.parts.budgets[0]
        )
        if nested is None:
            choice = _chosen(table, desk, budget)
            nested = choice.rows if choice.nested else None
            rows = choice.rows
        else:
            rows = nested
        _train_and_score(table, desk, rows[:budget], budget)


def _chosen(table: Table, desk: SelectorDesk, budget: int) -> Rows:
    parts, who = table.parts, table.parts.who
    table.players.play(table.brief(budget), desk)
    if desk.choice is None or parts.pool is None:
        raise PluginError(f"{who} ended without a choice")
    refuse_what_was_swallowed(desk.meter)
    if desk.choice.nested and desk.meter.spent:
        raise PluginError(
            f"{who} asked the oracle {desk.meter.spent} images while it chose, and says that it is nested; expected "
            f"nested = False where a choice needs answers"
        )
    rows = checked_rows(who, desk.choice, parts.budgets[-1] if desk.choice.nested else budget, len(parts.pool))
    return desk.choice.model_copy(update={"rows": rows})


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


def _train_and_score(table: Table, desk: SelectorDesk, rows: Tensor, budget: int) -> None:
    parts, meter = table.parts, desk.meter
    assert parts.pool is not None
    rows = rows.to(parts.pool.images.device)
    images = parts.pool.images[rows]
    try:
        answers = desk.answers(images)
    except BudgetExceeded as error:
        raise PluginError(
            f"{parts.who} chose {len(rows)} rows and had spent what their answers cost on other images: it {error}"
        ) from None
    histogram = parts.pool.labels[rows].bincount(minlength=parts.classes).tolist()
    values = {"chosen": len(rows), **{f"class_{c}": count for c, count in enumerate(histogram)}}
    table.notes.diagnostics += [Diagnostic(meter.spent, name, float(value)) for name, value in values.items()]
    with computing(parts.precision, parts.device):
        order = batch_order(parts.seed, f"budget {budget}")
        substitute = parts.recipe(table.substitute(), images, answers, order, parts.device)
    table.score(substitute, budget, meter.spent, meter.ledger.rows(budget))
    table.tell(meter.spent)
