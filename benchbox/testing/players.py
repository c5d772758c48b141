"""Rules about whoever reads the target's answers, methods and trainers: what they use, and what they depend on."""

from __future__ import annotations

from dataclasses import replace

from benchbox.contracts import Access, Grant, NotApplicable
from benchbox.kinds import READERS, SUBSTITUTING
from benchbox.testing.rule import Failed, Skipped, Subject, rule

_GIVEN = {
    **dict.fromkeys(SUBSTITUTING, (Grant.LABELS, Grant.INSIDER)),
    "query-attack": (Grant.LABELS, Grant.UNLABELLED, Grant.SUBSTITUTE),
    "trainer": (Grant.UNLABELLED,),
}
"""What a kind can be granted."""


@rule(
    *READERS,
    expects="wants() that names what it uses: Grant.LABELS and Grant.INSIDER of a selector or generator, Grant.LABELS, "
    "Grant.UNLABELLED and Grant.SUBSTITUTE of a query attack, Grant.UNLABELLED of a trainer",
)
def says_what_it_uses(subject: Subject) -> None:
    """A scenario grants no more than a plugin wants, and tables mark it; who reads more is refused by the core."""
    for wanted in map(Grant, subject.plugin().wants()):
        if wanted not in _GIVEN[subject.row.kind]:
            raise Failed(f"wants Grant.{wanted.name}, which no {subject.row.kind} is given")
    subject.house  # noqa: B018 - plays the standard game


@rule(*READERS, expects="a run to the end within any budget, down to a single query")
def plays_tiny_budgets(subject: Subject) -> None:
    """One query, and several budget points close to each other."""
    subject.house  # noqa: B018 - what plays no game at all is skipped
    refused = []
    for budgets in ((1,), (1, 2, 5)):
        try:
            played = subject.play(replace(subject.house, budgets=budgets))
        except NotApplicable as reason:
            refused.append(str(reason))
            continue
        points = {m.budget for m in played.result.measurements}
        if points != set(budgets):
            raise Failed(f"was scored at {sorted(points)} of the budgets {list(budgets)}")
    if len(refused) == 2:
        raise Skipped(f"not applicable: {refused[0]}")


@rule(*READERS, expects="the same queries and the same substitute, or the same examples, under the same seed")
def repeats_under_one_seed(subject: Subject) -> None:
    """Two games with one seed are equal, query by query."""
    if subject.play(subject.house).trace != subject.standard[1].trace:
        raise Failed("played two different games under one seed")


@rule(*READERS, expects="a game under every access that covers what it needs")
def plays_with_more_than_it_needs(subject: Subject) -> None:
    """Who is content with labels meets probabilities in other scenarios."""
    if subject.house.access is Access.PROBABILITIES:
        raise Skipped("it needs the most there is")
    subject.play(replace(subject.house, access=Access.PROBABILITIES))


@rule(*READERS, expects="a game on every device that this machine has")
def plays_on_the_games_device(subject: Subject) -> None:
    """Plays on a GPU where there is one; the core refuses substitutes on another device than the game's."""
    import torch

    if not torch.cuda.is_available():
        raise Skipped("this machine has no GPU; the source is read for device names all the same")
    subject.play(replace(subject.house, device="cuda"))
