"""Rules about trainers: what becomes of answered queries."""

from __future__ import annotations

from dataclasses import replace

from benchbox.testing.rule import Failed, Subject, rule

_GUESSING = 0.4
"""More than a guess in four is right of 60 images, but for one time in a hundred."""


@rule("trainer", expects="a substitute that tells the four toy classes apart better than guessing, after 60 answers")
def learns_from_answers(subject: Subject) -> None:
    """The toy classes are four patterns with noise."""
    scores = {m.budget: m.value or 0.0 for m in subject.standard[1].result.measurements if m.metric == "accuracy"}
    if scores[60] <= _GUESSING:
        raise Failed(f"reached an accuracy of {scores[60]:.2f} after 60 answers")


@rule(
    "trainer",
    expects="nothing kept from one fit to the next, and random draws from game.rng or the global generators as the core "
    "left them",
)
def each_lesson_stands_alone(subject: Subject) -> None:
    """The substitute of the largest budget is the same where no smaller one was trained before it."""
    house, played = subject.standard
    if subject.play(replace(house, budgets=house.budgets[-1:])).weights != played.weights:
        raise Failed("trained another substitute where it had not trained a smaller one before")
