"""The page on regressions is executed: a selector is broken, and the gate catches it."""

from __future__ import annotations

from pathlib import Path

import pages


def test_a_broken_selector_is_caught(tmp_path: Path) -> None:
    output = pages.play("regression.md", tmp_path)
    (table,) = [text for line, text in output.items() if line.startswith("benchbox compare")]
    assert "worse" in table
    assert "watched" in table
    assert (tmp_path / "baselines" / "watched.baseline.json").is_file()
