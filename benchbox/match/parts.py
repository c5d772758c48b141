"""The ready parts of a game: what ``lay`` loads from files, and what the conformance kit makes up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from benchbox.contracts import Defence, Grant, Pool, Shape, Threat
from benchbox.match.choices import Choices
from benchbox.match.players.brief import Ready
from benchbox.scoring.attacking import AttackTask
from benchbox.suites.cell import PluginRef, Precision, PriorPlan
from benchbox.target.insider import TargetInsider
from benchbox.target.meter import Answer
from benchbox.target.response import Response


@dataclass(frozen=True)
class SearchTask:
    """What a query attack searches.

    Attributes:
        goal: ``untargeted``, ``class:N`` or ``others``.
        rows: the test images, int64 (m,), those among them that the target gets wrong included.
        threat: the ball that an example must lie in to count.
        prior: how its substitute is made; None where the scenario grants none.
        surrogates: what it is given in place of one; none where the scenario grants none, or it uses none.
    """

    goal: str
    rows: Tensor
    threat: Threat
    prior: PriorPlan | None = None
    surrogates: tuple[Ready, ...] = ()


@dataclass(frozen=True)
class Parts:
    """All that a match needs, in memory.

    Attributes:
        contestant: the method that plays.
        trainer: makes substitutes; None where the method makes its own.
        model: the scenario's network; ``build`` returns an untrained one.
        access, budgets, precision: the rules.
        seed: the suite's seed.
        shape: (channels, height, width) of an image.
        classes: how many classes the target knows.
        device: where the target and the scores are computed.
        answer: the target, bare.
        defence: what stands before it when contestants ask, as it was prepared; None where nothing does.
        block_ends: whether the first image that the defence blocks ends a game.
        insider: the target from within; None where the scenario grants it to nobody.
        pool: the attacker's images, on the device; None where there are none.
        uses: what of the scenario's grants the line-up uses.
        public: images of another domain, float32 (n, *shape); None where there are none.
        test: held-out images, float32 (n, *shape), and their classes, int64 (n,), on the device.
        attacks: what is done with each substitute.
        search: what a query attack searches; None for other methods.
        choices: keeps deterministic choices for other cells; None keeps none.
    """

    contestant: PluginRef
    trainer: PluginRef | None
    model: PluginRef
    build: Callable[[], nn.Module]
    access: Response
    budgets: tuple[int, ...]
    precision: Precision
    seed: int
    shape: Shape
    classes: int
    device: torch.device
    answer: Answer
    insider: TargetInsider | None
    pool: Pool | None
    uses: frozenset[Grant]
    public: Tensor | None
    test: tuple[Tensor, Tensor]
    attacks: Sequence[AttackTask] = ()
    search: SearchTask | None = None
    defence: Defence | None = None
    block_ends: bool = True
    choices: Choices | None = None

    @property
    def who(self) -> str:
        """``selector 'mine'``."""
        return self.contestant.who
