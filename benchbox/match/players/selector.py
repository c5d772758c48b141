"""A selector at play: it chooses rows, and the referee asks and trains."""

from __future__ import annotations

from benchbox.contracts import Selector
from benchbox.errors import Blocked, BudgetError, NotApplicable, PluginError
from benchbox.match.players.game import PlayerGame
from benchbox.match.players.link import Link


def play_selector(selector: Selector, game: PlayerGame, link: Link) -> None:
    """Choose once: for the largest budget where it is nested, else for the budget of this game.

    Raises:
        NotApplicable: the scenario has no pool.
        PluginError: it says a size that it cannot choose, or chooses no rows.
    """
    import torch

    who = f"selector '{selector.name}'"
    if game.pool is None:
        raise NotApplicable(f"{who} needs a pool of real images, and the scenario has none")
    k = _size(selector, game, who)
    if k > len(game.pool):
        raise BudgetError(f"{who} was asked for {k} rows of a pool of {len(game.pool)} images")
    size = {"wanted": k, "nested": bool(selector.nested)}
    if selector.deterministic and link.call("recall", size)["known"]:
        return
    try:
        rows = selector.select(game, k)
    except Blocked:
        return  # the referee has the trainer learn from what was answered
    if not isinstance(rows, torch.Tensor):
        raise PluginError(
            f"{who} was asked for {k} rows and returned {type(rows).__name__}; expected a tensor of {k} integers"
        )
    link.call("rows", {"rows": rows.detach(), **size})


def _size(selector: Selector, game: PlayerGame, who: str) -> int:
    if not selector.nested:
        budget = game.oracle.remaining
        k = selector.choice_size(budget)
        if not 1 <= k <= budget:
            raise PluginError(f"{who} says that it chooses {k} rows at a budget of {budget}; expected 1 to {budget}")
        return k
    for budget in game.budgets:
        k = selector.choice_size(budget)
        if k != budget:
            raise PluginError(
                f"{who} says that it chooses {k} rows at a budget of {budget} and that it is nested; expected "
                f"nested = False where the choice is smaller than the budget"
            )
    return game.budgets[-1]
