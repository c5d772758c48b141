"""The tutorial on query attacks is executed."""

from __future__ import annotations

import pages
import pytest


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed, by command."""
    return pages.play("query-attacks.md", tmp_path_factory.mktemp("queries"))


def test_the_query_attack_of_the_page_keeps_its_contract_and_plays(output: dict[str, str]) -> None:
    assert "squares keeps its contract" in output["benchbox check squares --plugin my_query_attack.py"]
    results = output["benchbox results --metric query_success --db mine.db"]
    assert all(f" {label} " in results for label in ("square", "squares"))


def test_the_table_tells_success_and_both_units_of_queries(output: dict[str, str]) -> None:
    board = output["benchbox leaderboard --print --db mine.db"]
    assert all(title in board for title in ("success at 50", "queries an example at 50", "queries in all at 50"))
