"""A script that calls benchbox where it stands, without a main guard, as the README writes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
(LINES,) = re.findall(r"```python\n(import benchbox\n.*?)```", README, re.DOTALL)
SUITE = """
title = "Tiny"
datasets = ["digits"]
seeds = 2

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "label"
pool = {}
budgets = [20, 40]
methods = ["random"]
"""


@pytest.mark.parametrize("jobs", [2, 0])
def test_the_readmes_script_runs_once_and_to_its_end_with_numbers(jobs: int, tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(SUITE)
    assert LINES.count('"smoke", jobs=2') == LINES.count('suite="smoke"') == 1
    lines = LINES.replace('"smoke", jobs=2', f'"tiny.toml", jobs={jobs}').replace('suite="smoke"', 'suite="tiny"')
    (tmp_path / "script.py").write_text(f"print('begins')\n{lines}\nprint(*frame['value'])\n")
    done = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert done.returncode == 0, done.stderr
    begins, values = done.stdout.splitlines()
    assert begins == "begins"
    assert all(0.3 < float(value) < 0.9 for value in values.split())
    assert len(values.split()) == 4
    assert (tmp_path / "curves.pdf").is_file()
    assert "real data" in (tmp_path / "leaderboard" / "tiny" / "digits.md").read_text()
