"""Methods: how an attacker spends a query budget. What they are given is a ``Game``; who calls them is the referee."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts.game import Game
from benchbox.contracts.plugin import Plugin

if TYPE_CHECKING:
    from torch import Tensor, nn


class Method(Plugin):
    """A way to spend queries. Subclass Selector or Generator.

    Attributes:
        trains: whether the scenario's trainer makes its substitutes, so that the trainer belongs to its results. True for
            every selector; a generator that calls ``game.train`` says so.
    """

    trains: ClassVar[bool] = False

    def applicable(self, game: Game) -> None:
        """Check the scenario before a query is spent.

        Raises:
            NotApplicable: with these options the method needs what this scenario does not grant; the message is stored. After
                the first answer it is a broken rule.
        """


class Selector(Method):
    """Chooses which rows of the attacker's pool to query; the referee asks them and has the substitute trained.

    A subclass writes ``select``. An adaptive one (``nested = False``) may query the oracle itself, in rounds; rows whose
    images it asked in this game are not paid for twice. One that pays for more answers than the substitute is trained on
    says so in ``choice_size``.

    Attributes:
        nested: whether the first i rows of a choice of k are the choice of i, made without a query. Nested selectors choose
            once, for the largest budget; the others choose, and pay, for every budget afresh, each time in a new process.
            Where it depends on the options, ``__init__`` sets it on the instance.
        deterministic: whether a choice depends on the pool's images, the labels that are granted, the number of classes, the
            options and k alone, and asks, notes and shows nothing: no seed changes it. The referee keeps such choices of
            built-in selectors for other cells. ``__init__`` may set it, too.
    """

    kind: ClassVar[str] = "selector"
    trains: ClassVar[bool] = True
    nested: bool = True
    deterministic: bool = False

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

        A selector that is not nested may answer less, at least 1: it then chooses among rows that it has asked. The referee
        holds it to this number, and writes it down as the diagnostic ``chosen`` beside the queries that were paid.
        """
        return budget


class Generator(Method):
    """Synthesises its queries, round by round.

    A subclass writes ``setup`` and ``round``. Everything that lasts from one round to the next lives on ``self`` as
    something with a ``state_dict`` and ``load_state_dict`` (a module, an optimiser), a tensor, or a plain number or string:
    that is what makes a killed run resume from its last round. After ``setup`` and after every round its weights are taken
    as an offer, and the referee scores the latest offer at or before each budget point.

    Attributes:
        substitute: the network that is offered: what ``game.new_substitute`` or ``game.train`` returned, trained further
            as you like, since an offer is a ``state_dict`` that the referee loads into its own copy of that network.
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
