"""The page on suite files: its example is one. That the site names every key is held where the site is built."""

from __future__ import annotations

import re
from pathlib import Path

import pages


def test_its_example_plans_what_it_says(tmp_path: Path) -> None:
    (printed,) = pages.play("suites.md", tmp_path).values()
    assert "6 cells: 6 to run" in printed
    for label in ("random", "random + standard[schedule=drmi-paper]", "drmi-best"):
        assert re.search(rf" {re.escape(label)} +[01] ", printed)
