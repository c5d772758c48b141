"""The page on suite files: its example is one, and it names every key that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest
from pydantic import BaseModel

from benchbox.suites import suite

PAGE = (pages.DOCS / "suites.md").read_text(encoding="utf-8")
TABLES = (
    suite.ScenarioTable,
    suite.TargetTable,
    suite.PoolTable,
    suite.MethodEntry,
    suite.SuiteAttack,
    suite.ThreatTable,
    suite.PriorTable,
)


def test_its_example_plans_what_it_says(tmp_path: Path) -> None:
    (printed,) = pages.play("suites.md", tmp_path).values()
    assert "6 cells: 6 to run" in printed
    for label in ("random", "random + standard[schedule=drmi-paper]", "drmi-best"):
        assert re.search(rf" {re.escape(label)} +[01] ", printed)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_it_names_every_key(table: type[BaseModel]) -> None:
    assert [key for key in table.model_fields if not re.search(rf"`{key}`|[{{ ,]{key} =", PAGE)] == []


def test_it_names_every_key_of_the_file() -> None:
    keys = set(suite.Suite.model_fields) - {"name", "path", "at_most", "scenario"}
    assert [key for key in keys if f"`{key}`" not in PAGE] == []
