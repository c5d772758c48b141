"""Code of pages that are not played whole: README's plugin and its lines of Python, an observer, and the sweeps' commands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pages
import pytest

README = Path(__file__).parents[2] / "README.md"


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, _, text in pages.BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


def python(folder: Path, *words: str) -> str:
    environment = {**pages.environment(), "BENCHBOX_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def narrowed(code: str) -> str:
    """Return code whose run of a whole suite plays one cell of it."""
    assert code.count('benchbox.run("smoke", ') == 1
    return code.replace('benchbox.run("smoke", ', 'benchbox.run("smoke", methods=["random"], seeds=[0], ')


def test_the_plugin_of_the_readme_keeps_its_contract(tmp_path: Path) -> None:
    (tmp_path / "brightest.py").write_text(blocks(README, "python")[0])
    assert "brightest keeps its contract" in python(
        tmp_path, "-m", "benchbox", "check", "brightest", "--plugin", "brightest.py"
    )


def test_the_observer_of_the_page_is_told(tmp_path: Path) -> None:
    (code,) = blocks(pages.DOCS / "observers.md", "python")
    (tmp_path / "loud.py").write_text(narrowed(code))
    assert "random done" in python(tmp_path, "loud.py")


@pytest.mark.parametrize("block", blocks(pages.DOCS / "sweeps.md", "sh"))
def test_the_sweeps_of_the_page_can_be_planned(block: str, tmp_path: Path) -> None:
    (line,) = block.splitlines()
    assert " cells: " in python(tmp_path, "-m", *shlex.split(line), "--dry-run")
