"""What strangers do wrong at run time costs them a failed cell whose sentence names the plugin and what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchbox.contracts import Generator, PluginError, Selector
from benchbox.records import CellResult, Status

SOURCE = """
import torch
from benchbox.contracts import BudgetExceeded, {kind}

class Mine({kind}):
    '''A plugin of the test.'''
    name = "mine"
    nested = True
{body}
"""
SELECT = "    def select(self, game, k):\n        {}\n        return torch.arange(k)\n"
ROUNDS = """
    def setup(self, game):
        {setup}
        self.substitute = game.new_substitute()
    def round(self, game):
        game.oracle.query(torch.rand(100, *game.shape, generator=game.rng))
        {round}
        return True
"""
SWALLOW = """
        try:
            game.oracle.query(torch.rand(9999, *game.shape))
        except BudgetExceeded:
            pass"""


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("Selector", SELECT.format("return list(range(k))"), "returned list; expected a tensor of 60 integers"),
        ("Selector", SELECT.format("torch.manual_seed(1)"), "seeded the global generator of torch; expected draws"),
        ("Selector", SELECT.format("import numpy; numpy.random.seed(1)"), "seeded the global generator of numpy"),
        ("Selector", SELECT.format(SWALLOW), "asked for 9999 answers with 20 queries remaining and swallowed"),
        (
            "Selector",
            "    def applicable(self, game):\n        game.oracle.query(game.pool.images[:1])\n" + SELECT.format(""),
            "asked the oracle out of turn",
        ),
        (
            "Selector",
            SELECT.format("")
            + "    nested = False\n    def known(self):\n        return torch.arange(20), torch.arange(20)\n",
            "says it knows 20 answers to 20 rows and has paid for 0",
        ),
        (
            "Generator",
            ROUNDS.format(setup="", round=SWALLOW),
            "swallowed BudgetExceeded; expected it to ask for no more",
        ),
        ("Generator", ROUNDS.format(setup="", round="import random; random.seed(1)"), "global generator of random"),
        ("Generator", ROUNDS.format(setup="", round="self.substitute.to('meta')"), "on 'meta'; expected it on 'cpu'"),
        ("Generator", ROUNDS.format(setup="", round="self.substitute = 3"), "offered int as its substitute"),
        (
            "Generator",
            ROUNDS.format(setup="game.oracle.query(torch.rand(5, *game.shape))", round=""),
            "for 0 queries and had asked 5",
        ),
        (
            "Generator",
            ROUNDS.format(setup="", round="self.substitute = torch.nn.Flatten()"),
            "gives (2, 784) for 2 images; expected (2, 10)",
        ),
    ],
)
def test_it_is_caught_by_name(kind: str, body: str, said: str, play: Callable[..., CellResult]) -> None:
    result = play(SOURCE.format(kind=kind, body=body), methods=("mine",))
    assert result.status is Status.FAILED
    assert f"{kind.lower()} 'mine'" in result.error
    assert said in result.error
    assert "\n" not in result.error


def test_torch_may_be_seeded_within_fork_rng(play: Callable[..., CellResult]) -> None:
    body = SELECT.format("with torch.random.fork_rng():\n            torch.manual_seed(1)")
    assert play(SOURCE.format(kind="Selector", body=body), methods=("mine",)).status is Status.DONE


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((Selector,), r"'Mine' overrides Selector\.play, .* every selector does; expected it to write select$"),
        ((Generator,), r"'Mine' overrides Generator\.play, .* expected it to write round and setup$"),
        ((type("Mixin", (), {"play": None}), Selector), r"overrides Selector\.play"),
        ((Generator, Selector), r"overrides Selector\.play"),
    ],
)
def test_what_the_core_does_for_every_method_cannot_be_replaced(kinds: tuple[type, ...], said: str) -> None:
    body = {"play": lambda self, budgets, game_at: iter(())} if len(kinds) == 1 else {}
    with pytest.raises(PluginError, match=said):
        type("Mine", kinds, body)


def test_the_names_of_helpers_are_the_plugins_own(play: Callable[..., CellResult]) -> None:
    helpers = "".join(f"    def {name}(self):\n        raise SystemExit\n" for name in ("_choose", "_ask", "_report"))
    assert (
        play(SOURCE.format(kind="Selector", body=SELECT.format("") + helpers), methods=("mine",)).status is Status.DONE
    )
