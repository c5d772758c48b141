"""What Python callers ask of a store: checked as the command line checks, never an empty frame for a slip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import benchbox
from benchbox.errors import BenchboxError

RESULTS = Path(__file__).parents[1] / "results.db"


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: benchbox.results(RESULTS, metric="acuracy"), "there is no metric 'acuracy'"),
        (lambda: benchbox.results(RESULTS, budget=21), "there is no budget '21'"),
        (lambda: benchbox.results(RESULTS, lable="random"), "there is no filter 'lable'"),
        (lambda: benchbox.results(RESULTS, metric=[]), "metric: an empty list names nothing"),
        (lambda: benchbox.results(RESULTS, method=object()), "there is no method '<object"),
        (lambda: benchbox.plot(RESULTS, suite=None), "suite: None should be text"),  # type: ignore[arg-type]
        (lambda: benchbox.leaderboard(RESULTS, RESULTS), "is a file; a leaderboard is a folder"),
        (lambda: benchbox.leaderboard(RESULTS, None), "out: None should be a path"),  # type: ignore[arg-type]
    ],
)
def test_what_is_not_there_is_one_sentence(ask: Callable[[], Any], said: str) -> None:
    with pytest.raises(BenchboxError) as error:
        ask()
    assert said in str(error.value)


def test_filters_are_values_or_lists_of_them() -> None:
    found = benchbox.results(RESULTS, suite="label-only", dataset="digits", metric=["accuracy"], budget=50, seed=0)
    assert set(found["metric"]) == {"accuracy"}
    assert set(found["budget"]) == {50}
    assert len(found) == 4
