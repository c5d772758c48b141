"""The tutorial on running and reading is executed."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page is played."""
    return tmp_path_factory.mktemp("running")


@pytest.fixture(scope="module")
def output(folder: Path) -> dict[str, str]:
    """What each command of the page printed, by command."""
    return pages.play("running.md", folder)


def test_more_seeds_cost_only_what_is_new(output: dict[str, str]) -> None:
    run = 'benchbox run --suite smoke --scenario "real data"'
    assert "4 cells: 4 to run" in output[f"{run} --dry-run"]
    assert "4 cells done" in output[run]
    assert "1 cell done" in output[f"{run} --method random --seeds 3"]


def test_the_table_has_the_columns_and_marks_that_the_page_explains(output: dict[str, str]) -> None:
    board = output["benchbox leaderboard --print"]
    assert all(word in board for word in ("accuracy at 150", "ASR untargeted", "(own labels)", "under 5 replicates"))


def test_a_cell_is_told_in_full(output: dict[str, str]) -> None:
    sheet = output["benchbox show CELL"]
    assert all(word in sheet for word in ("random", "sealed", "accuracy", "ledger"))


def test_the_pages_and_the_picture_are_where_they_are_said_to_be(output: dict[str, str], folder: Path) -> None:
    assert output
    assert all((folder / name).is_file() for name in ("pages/index.html", "pages/README.md", "curves.svg"))
