"""Methods: how an attacker spends a query budget."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, final

from benchbox.contracts.game import Game
from benchbox.contracts.plugin import Plugin
from benchbox.errors import BudgetError, BudgetExceeded, NotApplicable, PluginError

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Offer:
    """A substitute that a method stands by.

    Attributes:
        substitute: the network. The core copies it before the method goes on.
        spent: queries paid for when it was offered.
        budget: the budget that it was made for, or None for 'whatever is the latest'.
        refused: whether the oracle refused a request, and that ended the run.
    """

    substitute: nn.Module
    spent: int
    budget: int | None = None
    refused: bool = False


class Method(Plugin):
    """A way to spend queries. Subclass Selector or Generator."""

    def applicable(self, game: Game) -> None:
        """Check the scenario before a query is spent.

        Raises:
            NotApplicable: with these options the method needs what this scenario does not grant; the message is stored.
        """

    @abstractmethod
    def play(self, budgets: tuple[int, ...], game_at: Callable[[int], Game]) -> Iterator[Offer]:
        """Spend the budget and yield substitutes. Implemented by Selector and Generator; plugins do not override it.

        Args:
            budgets: the points at which the core scores, ascending.
            game_at: makes the game with a fresh oracle of the given budget.
        """


class Selector(Method):
    """Chooses which rows of the attacker's pool to query; the core asks them and trains the substitute.

    A subclass writes ``select``. An adaptive one (``nested = False``) may query the oracle itself, in rounds; rows whose
    answers it already has, it hands back through ``known`` so that they are not paid for twice. One that pays for more
    answers than the substitute is trained on says so in ``choice_size``.

    Attributes:
        nested: whether the first i rows of a choice of k are the choice of i, made without a query. Nested selectors choose
            once, for the largest budget; the others choose, and pay, for every budget afresh. Where it depends on the
            options, ``__init__`` sets it on the instance.
    """

    kind: ClassVar[str] = "selector"
    nested: bool = True

    @abstractmethod
    def select(self, game: Game, k: int) -> Tensor:
        """Choose k rows of ``game.pool``.

        Args:
            game: the game; ``game.pool`` is not None, and 1 <= k <= len(game.pool).
            k: how many rows to choose: ``choice_size`` of the budget, which is what ``game.oracle.remaining`` says at the
                start of an adaptive selector's choice.

        Returns:
            int64 (k,), distinct row numbers, the most wanted first.
        """

    def choice_size(self, budget: int) -> int:
        """Return how many rows to choose and train on at a budget: as many as it pays for.

        A selector that is not nested may answer less, at least 1: it then chooses among rows that it has asked. The core
        holds it to this number, and writes it down as the diagnostic ``chosen`` beside the queries that were paid.
        """
        return budget

    def known(self) -> tuple[Tensor, Tensor] | None:
        """Return (rows, answers) that ``select`` has already paid for, or None. Rows are int64 (m,)."""
        return None

    @final
    def play(self, budgets: tuple[int, ...], game_at: Callable[[int], Game]) -> Iterator[Offer]:
        """Choose, ask, train: for every budget of the game."""
        rows: Tensor | None = None
        for budget in budgets:
            game = game_at(budget)
            pool = game.pool
            if pool is None:
                raise NotApplicable(f"selector '{self.name}' needs a pool of real images, and the scenario has none")
            k = _choice_size(self, budget)
            if rows is None or not self.nested:
                rows = _choose(self, game, budgets[-1] if self.nested else k, len(pool))
            chosen = rows[:k].to(pool.images.device)
            images = pool.images[chosen]
            answers = _ask(self, game, chosen, images)
            _report(game, chosen)
            yield Offer(game.train(images, answers, stream=f"budget {budget}"), game.oracle.spent, budget)


def _choice_size(selector: Selector, budget: int) -> int:
    k = selector.choice_size(budget)
    if selector.nested and k != budget:
        raise PluginError(
            f"selector '{selector.name}' says that it chooses {k} rows at a budget of {budget} and that it is nested; expected "
            f"nested = False where the choice is smaller than the budget"
        )
    if not 1 <= k <= budget:
        raise PluginError(
            f"selector '{selector.name}' says that it chooses {k} rows at a budget of {budget}; expected 1 to {budget}"
        )
    return k


def _choose(selector: Selector, game: Game, k: int, size: int) -> Tensor:
    import torch

    if k > size:
        raise BudgetError(f"selector '{selector.name}' was asked for {k} rows of a pool of {size} images")
    rows = selector.select(game, k)
    if not isinstance(rows, torch.Tensor):
        raise PluginError(
            f"selector '{selector.name}' was asked for {k} rows and returned {type(rows).__name__}; expected a tensor of "
            f"{k} integers"
        )
    if rows.ndim != 1 or rows.is_floating_point() or rows.is_complex() or len(rows) != k:
        raise PluginError(
            f"selector '{selector.name}' was asked for {k} rows and returned {rows.dtype} of shape {tuple(rows.shape)}; "
            f"expected {k} integers"
        )
    rows = rows.long().cpu()
    low, high = int(rows.min()), int(rows.max())
    if low < 0 or high >= size:
        raise PluginError(
            f"selector '{selector.name}' returned row {low if low < 0 else high}; the pool has rows 0 to {size - 1}"
        )
    repeated = k - len(set(rows.tolist()))
    if repeated:
        raise PluginError(f"selector '{selector.name}' returned {repeated} rows twice; rows must differ")
    return rows


def _ask(selector: Selector, game: Game, rows: Tensor, images: Tensor) -> Tensor:
    paid = None if selector.nested else selector.known()
    if paid is None:
        return game.oracle.query(images, phase="chosen")
    have = {int(row): i for i, row in enumerate(paid[0])}
    if len(paid[0]) != len(paid[1]) or len(have) > game.oracle.spent:
        raise PluginError(
            f"selector '{selector.name}' says it knows {len(paid[1])} answers to {len(have)} rows and has paid for "
            f"{game.oracle.spent}; expected one answer a row, each paid for"
        )
    missing = [i for i, row in enumerate(rows.tolist()) if row not in have]
    answers = paid[1].new_empty((len(rows), *paid[1].shape[1:]))
    for i, row in enumerate(rows.tolist()):
        if row in have:
            answers[i] = paid[1][have[row]]
    if missing:
        answers[missing] = game.oracle.query(images[missing], phase="chosen").to(answers)
    return answers.to(images.device)


def _report(game: Game, rows: Tensor) -> None:
    assert game.pool is not None
    histogram = game.pool.labels[rows].bincount(minlength=game.classes).tolist()
    game.log(chosen=float(len(rows)), **{f"class_{c}": float(count) for c, count in enumerate(histogram)})


class Generator(Method):
    """Synthesises its queries, round by round.

    A subclass writes ``setup`` and ``round``. Everything that lasts from one round to the next lives on ``self`` as a
    module, an optimiser, a tensor or a plain number or string: that is what makes a killed run resume from its last round
    (``state_dict``). ``self.substitute`` is the network that the core scores.
    """

    kind: ClassVar[str] = "generator"
    substitute: nn.Module

    @abstractmethod
    def setup(self, game: Game) -> None:
        """Build the networks and optimisers, ``self.substitute`` among them. Queries belong into ``round``."""

    @abstractmethod
    def round(self, game: Game) -> bool:
        """Query, train, and return whether to go on.

        A round that wants more than ``game.oracle.remaining`` asks for less, or lets BudgetExceeded end the run.
        Keep rounds short against the budget grid: only what a finished round offers is scored.
        """

    def state_dict(self) -> dict[str, Any]:
        """Return all that lasts between rounds: attributes with a state_dict, tensors, numbers and strings."""
        return {
            name: value.state_dict() if hasattr(value, "state_dict") else value
            for name, value in vars(self).items()
            if name != "options" and _lasts(value)
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take up ``state``, as ``state_dict`` returned it, after ``setup``."""
        for name, value in state.items():
            mine: Any = getattr(self, name, None)
            if hasattr(mine, "load_state_dict"):
                mine.load_state_dict(value)
            else:
                setattr(self, name, value)

    @final
    def play(self, budgets: tuple[int, ...], game_at: Callable[[int], Game]) -> Iterator[Offer]:
        """Offer the untrained substitute, then play rounds until the budget is spent.

        After the first offer the core takes up a killed run's state, if there is one.
        """
        game = game_at(budgets[-1])
        self.setup(game)
        yield Offer(self.substitute, 0)
        more, refused = True, False
        while more and game.oracle.remaining > 0:
            before = game.oracle.spent
            try:
                more = self.round(game)
            except BudgetExceeded:
                more, refused = False, True
            if more and game.oracle.spent == before:
                raise PluginError(f"generator '{self.name}' played a round without a query and wants to go on")
            yield Offer(self.substitute, game.oracle.spent, refused=refused)


def _lasts(value: object) -> bool:
    import torch

    return hasattr(value, "state_dict") or isinstance(value, torch.Tensor | int | float | str | bool | None)
