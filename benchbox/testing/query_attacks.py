"""Rules about query attacks: what each example costs, and what they do when they are told."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

from benchbox.contracts import Grant, NotApplicable, QueryAttack
from benchbox.records import Searches
from benchbox.target.phases import CORE_PHASES
from benchbox.testing.rule import Failed, Skipped, Subject, rule

if TYPE_CHECKING:
    from benchbox.testing.arena import Played

_AMPLE = 400
"""Queries an example with which every toy image that can be moved over the rim of its class should be."""


def _searches(subject: Subject) -> Searches:
    found = subject.standard[1].result.searches
    assert found is not None
    return found


def _told(played: Played) -> tuple[object, ...]:
    """Return what a resumed game has in common with a whole one; what was granted to it is not trained again."""
    return played.result.ledger, played.result.searches, played.result.diagnostics


@rule("query-attack", expects="queries for each example within its budget, and every one of them in the ledger")
def pays_example_by_example(subject: Subject) -> None:
    """The sum over examples, the ledger and a count of its own around the target are equal."""
    from benchbox.testing.toys import POOL

    found, played = _searches(subject), subject.standard[1]
    budget = subject.house.budgets[-1]
    if max(found.asked) > budget:
        raise Failed(f"spent {max(found.asked)} queries on an example with a budget of {budget}")
    if not sum(found.asked):
        raise Failed(f"asked nothing with a budget of {budget} queries an example")
    paid = sum(row.queries for row in played.result.ledger if row.phase not in CORE_PHASES)
    if paid != sum(found.asked):
        raise Failed(f"spent {sum(found.asked)} queries on its examples, and the ledger has {paid}")
    counted, ledger = played.answered - POOL, sum(row.queries for row in played.result.ledger)
    if counted != ledger:
        raise Failed(
            f"had the target answer {counted} images beside the {POOL} clean ones, and the ledger has {ledger}"
        )


@rule("query-attack", expects="no question about an example that game.ask has told to be solved")
def stops_when_it_is_told(subject: Subject) -> None:
    """What is asked of a solved example is paid for, and helps nothing."""
    if late := _searches(subject).late:
        raise Failed(f"spent {late} queries on examples that it had been told to be solved")


@rule("query-attack", expects="a fifth of the toy images solved, given ample queries")
def finds_examples(subject: Subject) -> None:
    """A search whose sign is wrong, or that leaves the threat, solves nothing."""
    played = subject.play(replace(subject.house, budgets=(_AMPLE,)))
    found = played.result.searches
    assert found is not None
    solved = len(found.first) - found.first.count(0)
    if solved < len(found.first) / 5:
        raise Failed(f"solved {solved} of {len(found.first)} toy images with {_AMPLE} queries for each")


@rule("query-attack", expects="a search in L-infinity and L2 balls, or NotApplicable from applicable()")
def plays_in_both_balls(subject: Subject) -> None:
    """A scenario states the norm; who can search one alone says so before the first query."""
    for norm in ("inf", "2"):
        with contextlib.suppress(NotApplicable):
            subject.play(replace(subject.house, norm=norm))


@rule("query-attack", expects="a search with one substitute or several ready ones, or NotApplicable from applicable()")
def plays_with_surrogates(subject: Subject) -> None:
    """Who starts from a substitute meets scenarios that grant networks of others in its place; nobody else sees them."""
    for surrogates in (1, 3) if Grant.SUBSTITUTE in subject.plugin().wants() else ():
        with contextlib.suppress(NotApplicable):
            subject.play(replace(subject.house, surrogates=surrogates))


@rule("query-attack", expects="targeted = False, or examples of a goal class")
def reaches_goals(subject: Subject) -> None:
    """With goals, a search moves towards a class, not away from one."""
    attack = subject.plugin()
    assert isinstance(attack, QueryAttack)
    if not attack.targeted:
        raise Skipped("it says that it searches no goal class")
    found = subject.play(replace(subject.house, budgets=(_AMPLE,), goal="others")).result.searches
    assert found is not None
    if not any(found.first):
        raise Failed(f"solved none of {len(found.first)} goals with {_AMPLE} queries for each")


@rule("query-attack", expects="the same questions again when its block is played again, with all chance from game.rng")
def resumes_where_it_was_killed(subject: Subject) -> None:
    """A run that is killed is played again with the answers that were paid for; the target is asked nothing twice."""
    from benchbox.testing.keeper import Keeper, Killed

    house, whole = subject.standard
    keeper = Keeper(4)
    with contextlib.suppress(Killed):
        subject.play(house, keeper)
        raise Skipped("it asks too few times in the toy game")
    state = keeper.load()
    if state is None:
        raise Failed("keeps a state that does not cross to the referee and back")
    kept = state["state"]
    before = sum(kept["recall"]["sizes"]) + (0 if kept["prior"] is None else kept["prior"]["spent"])
    resumed = subject.play(house, Keeper(kept=keeper.kept))
    if _told(resumed) != _told(whole):
        raise Failed("went another way when it was killed and resumed")
    if resumed.answered != whole.answered - before:
        raise Failed(f"had the target answer {resumed.answered} images after {before} were paid for")
