"""Rules about methods of every kind: what they pay, what they read, what they depend on."""

from __future__ import annotations

from dataclasses import replace

from benchbox.kinds import METHODS, SUBSTITUTING
from benchbox.testing.rule import Failed, Skipped, Subject, rule


@rule(
    *SUBSTITUTING, expects="queries within the budget, all in the ledger, and as many as it claims with each substitute"
)
def pays_what_it_claims(subject: Subject) -> None:
    """Budget honesty: the ledger equals what the method claims, and nothing is asked after exhaustion."""
    played = subject.standard[1]
    claimed = {m.budget: m.spent for m in played.result.measurements if m.metric == "accuracy"}
    for budget, spent in claimed.items():
        paid = played.queries.get(budget, 0)
        if spent > budget:
            raise Failed(f"claims {spent} queries for a budget of {budget}")
        if paid != spent:
            raise Failed(f"claims {spent} queries at budget {budget}, and the ledger has {paid}")
    if not played.queries:
        raise Failed(f"asked nothing with a budget of {subject.house.budgets[-1]}")


@rule(*METHODS, expects="random draws from game.rng alone")
def ignores_global_random_state(subject: Subject) -> None:
    """The same game, whatever state the global generators of torch, numpy and Python are in."""
    other = replace(subject.house, global_seed=99)
    if subject.play(other).trace != subject.standard[1].trace:
        raise Failed("played another game where the global random generators stood elsewhere")


@rule(*METHODS, expects="the same game whatever probabilities stand behind the labels")
def reads_labels_alone(subject: Subject) -> None:
    """Access honesty: two targets with the same labels and other probabilities are one to a label-only method."""
    if not subject.label_only:
        raise Skipped("it asks for more than labels")
    sharp = replace(subject.house, sharp=True)
    if subject.play(sharp).trace != subject.standard[1].trace:
        raise Failed("played another game against a target with the same labels and other probabilities")
