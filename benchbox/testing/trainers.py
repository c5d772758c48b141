"""Rules about trainers: what becomes of answered queries."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchbox.contracts import Access, NotApplicable, Selector, Trainer
from benchbox.testing.rule import Failed, Skipped, Subject, rule

if TYPE_CHECKING:
    from torch import Tensor

    from benchbox.contracts import Game
    from benchbox.testing.arena import House, Played


class _First(Selector):
    """Chooses the first rows of the pool."""

    name = "first"

    def select(self, game: Game, k: int) -> Tensor:
        """Return rows 0 to k - 1."""
        import torch

        return torch.arange(k)


def _trainer(subject: Subject) -> Trainer:
    plugin = subject.plugin()
    assert isinstance(plugin, Trainer)
    return plugin


def _house(subject: Subject) -> House:
    from benchbox.testing.arena import House

    trainer = _trainer(subject)
    return House((12, 40), trainer.needed_access(), uses=frozenset(trainer.wants()))


def _played(subject: Subject, house: House) -> Played:
    """Play the game with a fresh trainer.

    Raises:
        Skipped: it cannot train there; the reason is its own.
    """
    from benchbox.testing.arena import play

    try:
        return play(_First(), house, trainer=_trainer(subject))
    except NotApplicable as reason:
        raise Skipped(f"not applicable: {reason}") from reason


def _standard(subject: Subject) -> Played:
    if "trainer" not in subject.kept:
        subject.kept["trainer"] = _played(subject, _house(subject))
    played: Played = subject.kept["trainer"]
    return played


@rule(
    "trainer",
    expects="a substitute that is right more often than one guess in four, after 40 answers on the toy classes",
)
def learns_from_answers(subject: Subject) -> None:
    """The toy classes are four patterns with noise."""
    scores = {m.budget: m.value for m in _standard(subject).result.measurements if m.metric == "accuracy"}
    if (scores[40] or 0) <= 0.3:
        raise Failed(f"reached an accuracy of {scores[40]} after 40 answers")


@rule("trainer", expects="the same weights under the same seed")
def repeats_under_one_seed(subject: Subject) -> None:
    """Two games with one seed are equal."""
    if _played(subject, _house(subject)).trace != _standard(subject).trace:
        raise Failed("trained two different substitutes under one seed")


@rule("trainer", expects="random draws from game.rng, or from the global generators as the core left them")
def each_lesson_stands_alone(subject: Subject) -> None:
    """The substitute of the largest budget is the same where no smaller one was trained before it."""
    alone = _played(subject, replace(_house(subject), budgets=(40,)))
    if alone.weights != _standard(subject).weights:
        raise Failed("trained another substitute where it had not trained a smaller one before")


@rule("trainer", expects="a substitute from any number of answers, down to one, and from answers of one class")
def takes_few_answers(subject: Subject) -> None:
    """One answer, two, and a handful."""
    played = _played(subject, replace(_house(subject), budgets=(1, 2, 5)))
    points = {m.budget for m in played.result.measurements}
    if points != {1, 2, 5}:
        raise Failed(f"was scored at {sorted(points)} of the budgets 1, 2 and 5")


@rule("trainer", expects="training on classes and on probabilities alike")
def takes_probabilities(subject: Subject) -> None:
    """Under Access.PROBABILITIES the answers are float32 (n, classes)."""
    _played(subject, replace(_house(subject), access=Access.PROBABILITIES))


@rule("trainer", expects="a substitute on every device that this machine has")
def trains_on_the_games_device(subject: Subject) -> None:
    """Trains on a GPU where there is one."""
    import torch

    if not torch.cuda.is_available():
        raise Skipped("this machine has no GPU; the source is read for device names all the same")
    _played(subject, replace(_house(subject), device="cuda"))
