"""Rules about generators: rounds that a killed run resumes from."""

from __future__ import annotations

import contextlib

from benchbox.testing.rule import Failed, Skipped, Subject, rule


@rule(
    "generator", expects="all that lasts between rounds on self, as tensors, numbers, texts and what has a state_dict"
)
def resumes_where_it_was_killed(subject: Subject) -> None:
    """A run that is killed after some rounds and resumed by another object equals one that was not."""
    from benchbox.testing.keeper import Keeper, Killed

    whole = subject.standard[1]
    if len(whole.spent) < 3:
        raise Skipped("it plays a single round in the toy game")
    for kill_after in {2, len(whole.spent) - 1}:
        keeper = Keeper(kill_after)
        with contextlib.suppress(Killed):
            subject.play(subject.house, keeper)
        if keeper.load() is None:
            raise Failed("keeps a state that does not cross to the referee and back")
        resumed = subject.play(subject.house, Keeper(kept=keeper.kept))
        if resumed.trace != whole.trace:
            raise Failed(f"went another way when it was killed after round {kill_after - 1} and resumed")
        if len(resumed.spent) != len(whole.spent) - kill_after + 1:
            raise Failed(f"played {len(resumed.spent) - 1} rounds when it was resumed after round {kill_after - 1}")
