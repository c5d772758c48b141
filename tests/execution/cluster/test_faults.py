"""Ten faults at random moments, here and on a cluster; ``benchmarks/faults`` has a hundred, and more kinds of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "faults" / "run.py"


@pytest.mark.timeout(1800)  # each fault costs its run seconds, and a busy machine takes several times as long
def test_no_cell_is_lost_none_is_recorded_twice_and_the_numbers_are_those_of_a_quiet_run(folder: Path) -> None:
    command = [
        sys.executable,
        str(SCRIPT),
        "--faults",
        "10",
        "--cells",
        "5",
        "--stages",
        "local,cluster",
        "--seed",
        "7",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 faults in " in done.stdout
    assert "; 0 came out wrong" in done.stdout
