"""The page on defences is executed."""

from __future__ import annotations

import pages
import pytest


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed, by command."""
    return pages.play("defences.md", tmp_path_factory.mktemp("defences"))


def test_a_defence_stands_before_the_target_on_the_command_line(output: dict[str, str]) -> None:
    (results,) = [text for line, text in output.items() if line.startswith("benchbox results")]
    assert all(name in results for name in ("rounding", "top-k"))


def test_the_table_holds_defences_against_the_bare_target(output: dict[str, str]) -> None:
    table = output["benchbox defences --db defended.db"]
    assert [
        line.split("  ")[0] for line in table.splitlines() if line.startswith(("no defence", "rounding", "top-k"))
    ] == [
        "no defence",
        "rounding",
        "top-k",
    ] * 2


def test_the_defence_of_the_page_keeps_its_contract_and_blocks(output: dict[str, str]) -> None:
    assert "tired keeps its contract" in output["benchbox check tired --plugin my_defence.py"]
