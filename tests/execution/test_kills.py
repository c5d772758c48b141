"""Coordinators that are stopped and killed for real, in processes of their own, on real stores."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from execution_toys import calls, planned

from benchbox.records import Status
from benchbox.store import Store

SCRIPT = Path(__file__).with_name("execution_toy_run.py")


def start(folder: Path, method: str, cells: int, jobs: int) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        str(SCRIPT),
        str(folder / "results.db"),
        str(folder / "work"),
        method,
        str(cells),
        str(jobs),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a run and return its last event."""
    out, err = process.communicate(timeout=60)
    assert err == "", err
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    return last


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def statuses(folder: Path, method: str, cells: int) -> dict[str, Status]:
    wanted = [item.cell.id for item in (planned(method, seed) for seed in range(cells)) if item.cell]
    return Store.open(folder / "results.db").statuses(wanted)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def workers(folder: Path) -> set[int]:
    return {int(pid) for _, pid, _, _ in calls(folder / "work")}


def ended(folder: Path, method: str, cells: int) -> int:
    return len(statuses(folder, method, cells)) if (folder / "results.db").exists() else 0


def test_a_worker_killed_mid_run_costs_its_cell_and_the_same_command_mends_it(tmp_path: Path) -> None:
    first = start(tmp_path, "slower", 4, 2)
    until(lambda: len(calls(tmp_path / "work")) == 2)
    os.kill(min(workers(tmp_path)), signal.SIGKILL)
    last = finish(first)
    assert first.returncode == 2
    assert last["done"] == 3
    assert [(f["status"], f["error"]) for f in last["failures"]] == [("interrupted", "worker died: signal 9")]

    again = start(tmp_path, "slower", 4, 2)
    last = finish(again)
    assert (again.returncode, last["done"], last["already"]) == (0, 1, 3)
    assert set(statuses(tmp_path, "slower", 4).values()) == {Status.DONE}


def test_a_killed_coordinator_leaves_no_orphan_and_the_same_command_resumes(tmp_path: Path) -> None:
    first = start(tmp_path, "slower", 5, 2)
    until(lambda: ended(tmp_path, "slower", 5) >= 1 and len(calls(tmp_path / "work")) >= 3)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate(timeout=20)
    until(lambda: all(map(gone, workers(tmp_path))), 10)

    kept = len(statuses(tmp_path, "slower", 5))
    assert 1 <= kept < 5
    again = start(tmp_path, "slower", 5, 2)
    last = finish(again)
    assert (again.returncode, last["done"], last["already"]) == (0, 5 - kept, kept)
    cells = Store.open(tmp_path / "results.db").cells()
    assert sorted(cells["status"]) == ["done"] * 5
    assert len(set(cells["cell"])) == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_keeps_what_is_done_and_ends_the_workers(tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = start(tmp_path, "slower", 5, 2)
    until(lambda: ended(tmp_path, "slower", 5) >= 1 and len(calls(tmp_path / "work")) >= 3)
    os.killpg(process.pid, number) if number is signal.SIGINT else os.kill(process.pid, number)
    last = finish(process)
    assert process.returncode == code
    assert last["event"] == "run-finished"
    assert last["done"] + last["left"] == 5
    assert last["left"] > 0
    assert all(map(gone, workers(tmp_path)))
    assert finish(start(tmp_path, "slower", 5, 2))["done"] == last["left"]


def test_stopping_while_workers_start_says_nothing_ugly(tmp_path: Path) -> None:
    process = start(tmp_path, "slower", 2, 2)
    assert process.stdout is not None
    assert "run-started" in process.stdout.readline()
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process)["left"] == 2
    assert process.returncode == 130


def test_two_runs_on_one_store_share_the_work(tmp_path: Path) -> None:
    both = [start(tmp_path, "slow", 8, 1) for _ in range(2)]
    lasts = [finish(process) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(last["done"] for last in lasts) == 8
    assert all(last["done"] + last["already"] + last["elsewhere"] == 8 for last in lasts)
    assert len(calls(tmp_path / "work")) == 8
    assert all(last["done"] > 0 for last in lasts)


def test_a_run_takes_over_from_one_that_was_killed_beside_it(tmp_path: Path) -> None:
    doomed = start(tmp_path, "gated", 2, 2)
    until(lambda: len(calls(tmp_path / "work")) == 2)
    other = start(tmp_path, "gated", 2, 2)
    assert other.stdout is not None
    until(lambda: "cell-elsewhere" in other.stdout.readline())  # type: ignore[union-attr]
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.communicate(timeout=20)
    (tmp_path / "work" / "gate").touch()
    assert finish(other)["done"] == 2
