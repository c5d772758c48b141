"""Rules about selectors: the rows that they choose."""

from __future__ import annotations

from dataclasses import replace

from benchbox.contracts import NotApplicable, Selector
from benchbox.testing.rule import Failed, Skipped, Subject, rule


def _selector(subject: Subject) -> Selector:
    method = subject.method()
    assert isinstance(method, Selector)
    return method


def _chosen(subject: Subject, budget: int, size: int, seed: int = 1) -> list[int]:
    """Return the rows that it chooses last at a budget among a pool of ``size``; the core has checked them."""
    from benchbox.testing.arena import play

    method = _selector(subject)
    rows: list[int] = []
    select = method.select

    def noted(game: object, wanted: int) -> object:
        found = select(game, wanted)  # type: ignore[arg-type]
        rows[:] = found.tolist()
        return found

    method.select = noted  # type: ignore[method-assign, assignment]
    play(method, replace(subject.house, budgets=(budget,), pool=size, seed=seed))
    return rows


@rule(
    "selector", expects="distinct rows of the pool, as many as it says, for every budget from 1 to the size of the pool"
)
def chooses_k_rows(subject: Subject) -> None:
    """One row, nearly all rows, all rows, and a pool of one image."""
    whole = len(subject.house.budgets) == 1  # it plays for the whole pool only
    for k, size in ((1, 1), (13, 13)) if whole else ((1, 1), (1, 13), (12, 13), (13, 13)):
        try:
            rows = _chosen(subject, k, size)
        except NotApplicable as reason:
            raise Skipped(f"not applicable: {reason}") from reason
        wanted = _selector(subject).choice_size(k)
        if sorted(set(rows)) != sorted(rows) or len(rows) != wanted:
            raise Failed(f"chose {rows} when it was asked for {wanted} of {size} rows")


@rule("selector", expects="nested = False, or the choice of i as the first i rows of the choice of k, without a query")
def nested_choices_are_nested(subject: Subject) -> None:
    """A nested selector chooses once for all budgets, so its first rows must be the smaller choice."""
    if not _selector(subject).nested:
        raise Skipped("it says that it is not nested")
    subject.house  # noqa: B018 - what plays no game at all is skipped
    large = _chosen(subject, 24, 40)
    for k in (1, 5, 12):
        small = _chosen(subject, k, 40)
        if small != large[:k]:
            raise Failed(f"chose {small[:6]} as the best {k} and {large[:6]} as the first of 24")


@rule(
    "selector", expects="deterministic = False, or the same rows under every seed, without a question, note or picture"
)
def deterministic_choices_are_deterministic(subject: Subject) -> None:
    """A choice of which a selector says so stands for those of other seeds and games."""
    if not _selector(subject).deterministic:
        raise Skipped("it does not say that its choice is deterministic")
    first, second = (_chosen(subject, 12, 40, seed) for seed in (1, 2))
    if first != second:
        raise Failed(f"chose {first[:6]} under one seed and {second[:6]} under another")
