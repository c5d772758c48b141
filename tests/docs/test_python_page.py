"""What the page on Python has its readers run."""

from __future__ import annotations

from pathlib import Path

import pages


def test_it_runs_reads_and_draws(tmp_path: Path) -> None:
    printed = pages.play("python.md", tmp_path)["python first.py"]
    assert "2 cells done" in printed
    assert {"random", "50", "150"} <= set(printed.split())
    assert "\ndrmi[" in printed
    assert all((tmp_path / name).is_file() for name in ("curves.pdf", "pages/index.html"))
