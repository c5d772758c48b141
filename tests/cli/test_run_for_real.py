"""``benchbox run`` as users run it: real cells, real processes, methods that raise, hang, die, and a user who stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).with_name("troublesome.py")
SUITE = """
title = "Trial"
datasets = ["digits"]
seeds = {seeds}

[[scenario]]
name = "real data"
plays = "selector"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "label"
pool = {{}}
budgets = [20]
methods = [{methods}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TROUBLE", str(tmp_path))
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    return tmp_path


def start(folder: Path, *methods: str, seeds: int = 1, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    quoted = ", ".join(f'"{method}"' for method in methods)
    (folder / "trial.toml").write_text(SUITE.format(seeds=seeds, methods=quoted))
    program = [sys.executable, "-c", "from benchbox.cli import main; main()"]
    command = [*program, "run", "--suite", "trial.toml", "--plugin", str(PLUGINS), "--device", "cpu", *options]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    assert err == ""
    return process.returncode, out


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_trouble_stays_in_its_cell_and_the_same_command_mends_what_can_be_mended(folder: Path) -> None:
    methods = ("quick", "raises", "dies-once")
    code, out = finish(start(folder, *methods, options=("--jobs", "2")))
    assert code == 2
    assert "1 cell done, 2 failed" in out
    assert "failed: raises on digits, real data, seed 0: RuntimeError: no rows today (benchbox show " in out
    assert "interrupted: dies-once on digits, real data, seed 0: worker died: signal 9 (benchbox show " in out
    assert "a plugin that prints" not in out

    code, out = finish(start(folder, *methods, options=("--jobs", "2")))
    assert code == 2
    assert "1 cell to run" in out
    assert "1 cell done, 1 done before, 1 failed" in out


def test_a_method_that_hangs_is_ended_at_its_time_limit(folder: Path) -> None:
    code, out = finish(start(folder, "hangs", options=("--time-limit", "3")))
    assert code == 2
    assert "failed: hangs on digits, real data, seed 0: ran over its time limit of 3 s (benchbox show " in out


def test_ctrl_c_keeps_what_is_done_and_the_same_command_resumes(folder: Path) -> None:
    process = start(folder, "gated", seeds=3)
    end = time.monotonic() + 60
    while len(began := sorted(folder.glob("began-*"))) < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    code, out = finish(process)
    assert code == 130
    assert "stopped: 1 cell done, 2 left; the same command resumes" in out
    with pytest.raises(ProcessLookupError):
        os.kill(int(began[1].name.rpartition("-")[2]), 0)

    (folder / "gate").touch()
    code, out = finish(start(folder, "gated", seeds=3, options=("--json",)))
    events = objects(out)
    assert code == 0
    assert (events[-1]["done"], events[-1]["already"], events[-1]["failures"]) == (2, 1, [])
    finished = [event for event in events if event["event"] == "cell-finished"]
    assert all(0.05 < event["accuracy"]["20"] < 1 for event in finished)

    code, out = finish(start(folder, "gated", seeds=3))
    assert (code, "nothing to run: 3 cells done before" in out) == (0, True)
    assert [path.name for path in (folder / "results.db.work").iterdir()] == []


def test_jobs_do_not_change_the_numbers(folder: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        process = start(folder, "quick", seeds=2, options=("--json", "--jobs", jobs, "--db", f"{jobs}.db"))
        events = objects(finish(process)[1])
        found.append({event["cell"]: event["accuracy"] for event in events if event["event"] == "cell-finished"})
    assert len(found[0]) == 2
    assert found[0] == found[1]
