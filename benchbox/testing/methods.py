"""Rules about selectors and generators alike: what they pay, what they read, what they depend on."""

from __future__ import annotations

from dataclasses import replace

from benchbox.contracts import Access, NotApplicable
from benchbox.testing.rule import Failed, Skipped, Subject, rule

METHODS = ("selector", "generator")


@rule(*METHODS, expects="queries within the budget, all in the ledger, and as many as it claims with each substitute")
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


@rule(*METHODS, expects="a run to the end within any budget, down to a single query")
def plays_tiny_budgets(subject: Subject) -> None:
    """One query, and several budget points close to each other."""
    from benchbox.testing.arena import play

    subject.house  # noqa: B018 - what plays no game at all is skipped
    refused = []
    for budgets in ((1,), (1, 2, 5)):
        try:
            played = play(subject.method(), replace(subject.house, budgets=budgets))
        except NotApplicable as reason:
            refused.append(str(reason))
            continue
        points = {m.budget for m in played.result.measurements}
        if points != set(budgets):
            raise Failed(f"was scored at {sorted(points)} of the budgets {list(budgets)}")
    if len(refused) == 2:
        raise Skipped(f"not applicable: {refused[0]}")


@rule(*METHODS, expects="the same queries and the same substitute under the same seed")
def repeats_under_one_seed(subject: Subject) -> None:
    """Two games with one seed are equal, query by query."""
    from benchbox.testing.arena import play

    if play(subject.method(), subject.house).trace != subject.standard[1].trace:
        raise Failed("played two different games under one seed")


@rule(*METHODS, expects="random draws from game.rng alone")
def ignores_global_random_state(subject: Subject) -> None:
    """The same game, whatever state the global generators of torch, numpy and Python are in."""
    from benchbox.testing.arena import play

    other = replace(subject.house, global_seed=99)
    if play(subject.method(), other).trace != subject.standard[1].trace:
        raise Failed("played another game where the global random generators stood elsewhere")


@rule(*METHODS, expects="the same game whatever probabilities stand behind the labels")
def reads_labels_alone(subject: Subject) -> None:
    """Access honesty: two targets with the same labels and other probabilities are one to a label-only method."""
    from benchbox.testing.arena import play

    if not subject.label_only:
        raise Skipped("it asks for more than labels")
    sharp = replace(subject.house, sharp=True)
    if play(subject.method(), sharp).trace != subject.standard[1].trace:
        raise Failed("played another game against a target with the same labels and other probabilities")


@rule(*METHODS, expects="a game under every access that covers what it needs")
def plays_with_more_than_it_needs(subject: Subject) -> None:
    """A method that is content with labels meets probabilities in other scenarios."""
    from benchbox.testing.arena import play

    if subject.house.access is Access.PROBABILITIES:
        raise Skipped("it needs the most there is")
    play(subject.method(), replace(subject.house, access=Access.PROBABILITIES))


@rule(*METHODS, expects="a game on every device that this machine has")
def plays_on_the_games_device(subject: Subject) -> None:
    """Plays on a GPU where there is one; the core refuses substitutes on another device than the game's."""
    import torch

    from benchbox.testing.arena import play

    if not torch.cuda.is_available():
        raise Skipped("this machine has no GPU; the source is read for device names all the same")
    play(subject.method(), replace(subject.house, device="cuda"))
