"""Coordinators that are stopped and killed for real, in processes of their own, on real stores."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from execution_toys import alive, calls, planned, until
from postgres_server import new_schema

from benchbox.records import Status
from benchbox.store import Store

SCRIPT = Path(__file__).with_name("execution_toy_run.py")
Run = subprocess.Popen[str]


@contextmanager
def started(folder: Path, method: str, cells: int, jobs: int, *db: str) -> Iterator[Run]:
    """Start a run; whatever becomes of the test, it is ended."""
    command = [sys.executable, str(SCRIPT), str(folder), method, str(cells), str(jobs), *db]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finish(process: Run) -> dict[str, Any]:
    """Wait for a run and return its last event."""
    out, err = process.communicate(timeout=120)
    assert err == "", err
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    return last


def run(folder: Path, method: str, cells: int, jobs: int) -> dict[str, Any]:
    with started(folder, method, cells, jobs) as process:
        return {**finish(process), "code": process.returncode}


def statuses(folder: Path, method: str, cells: int) -> dict[str, Status]:
    if not (folder / "results.db").exists():
        return {}
    wanted = [item.cell.id for item in (planned(method, seed) for seed in range(cells)) if item.cell]
    with Store.open(folder / "results.db") as store:
        return dict(store.statuses(wanted))


def referees(folder: Path) -> set[int]:
    return {int(call[1]) for call in calls(folder)}


def zygote(process: Run) -> int | None:
    """Return the process id of a run's zygote, its only child, where it has one by now."""
    try:
        children = Path(f"/proc/{process.pid}/task").glob("*/children")
        return next((int(pid) for file in children for pid in file.read_text().split()), None)
    except OSError:
        return None


def test_a_referee_killed_mid_run_costs_its_cell_and_the_same_command_mends_it(tmp_path: Path) -> None:
    with started(tmp_path, "gated", 4, 2) as first:
        until(lambda: len(calls(tmp_path)) == 2)
        os.kill(min(referees(tmp_path)), signal.SIGKILL)
        (tmp_path / "gate").touch()
        last = finish(first)
        assert first.returncode == 2
    assert last["done"] == 3
    assert [(f["status"], f["error"]) for f in last["failures"]] == [("interrupted", "its referee died: signal 9")]
    again = run(tmp_path, "gated", 4, 2)
    assert (again["code"], again["done"], again["already"]) == (0, 1, 3)
    assert set(statuses(tmp_path, "gated", 4).values()) == {Status.DONE}


def test_a_killed_coordinator_leaves_no_orphan_and_the_same_command_goes_on(tmp_path: Path) -> None:
    with started(tmp_path, "slower", 5, 2) as first:
        until(lambda: statuses(tmp_path, "slower", 5) and len(calls(tmp_path)) >= 3)
        there = [zygote(first), *referees(tmp_path)]
        first.kill()
        first.communicate(timeout=60)
    until(lambda: not any(alive(pid) for pid in there if pid))
    kept = len(statuses(tmp_path, "slower", 5))
    assert 1 <= kept < 5
    again = run(tmp_path, "slower", 5, 2)
    assert (again["code"], again["done"], again["already"]) == (0, 5 - kept, kept)
    with Store.open(tmp_path / "results.db") as store:
        cells = store.cells()
    assert sorted(cells["status"]) == ["done"] * 5
    assert len(set(cells["cell"])) == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_keeps_what_is_done_and_ends_all_processes(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with started(tmp_path, "slower", 5, 2) as process:
        until(lambda: statuses(tmp_path, "slower", 5) and len(calls(tmp_path)) >= 3)
        there = [zygote(process), *referees(tmp_path)]
        # Ctrl-C reaches every process of the terminal's group.
        os.killpg(process.pid, number) if number is signal.SIGINT else os.kill(process.pid, number)
        last = finish(process)
        assert process.returncode == code
    assert last["event"] == "run-finished"
    assert last["done"] + last["left"] == 5
    assert last["left"] > 0
    assert not any(alive(pid) for pid in there if pid)
    assert run(tmp_path, "slower", 5, 2)["done"] == last["left"]


def test_stopping_while_the_zygote_starts_says_nothing_ugly(tmp_path: Path) -> None:
    with started(tmp_path, "hangs", 2, 2) as process:
        assert process.stdout is not None
        assert "run-started" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
        assert finish(process)["left"] == 2
        assert process.returncode == 130


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "results.db")
    return new_schema(request.getfixturevalue("postgresql"))


def test_two_runs_on_one_store_share_the_work(tmp_path: Path, db: str) -> None:
    with started(tmp_path, "slow", 8, 1, db) as one, started(tmp_path, "slow", 8, 1, db) as other:
        lasts = [finish(process) for process in (one, other)]
        assert [process.returncode for process in (one, other)] == [0, 0]
    assert sum(last["done"] for last in lasts) == 8
    assert all(last["done"] + last["already"] + last["elsewhere"] == 8 for last in lasts)
    assert len(calls(tmp_path)) == 8


def test_a_run_takes_over_from_one_that_was_killed_beside_it(tmp_path: Path, db: str) -> None:
    with started(tmp_path, "gated", 2, 2, db) as doomed:
        until(lambda: len(calls(tmp_path)) == 2)
        stack = ExitStack()
        other = stack.enter_context(started(tmp_path, "gated", 2, 2, db))
        assert other.stdout is not None
        while "cell-elsewhere" not in other.stdout.readline():
            assert other.poll() is None
        doomed.kill()
        doomed.communicate(timeout=60)
        (tmp_path / "gate").touch()
        with stack:
            assert finish(other)["done"] == 2


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_killed_and_when_no_cell_is_lost_or_recorded_twice(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    cells = 6
    for _ in range(3):
        with started(tmp_path, "slow", cells, 2) as process:
            for _ in range(draw.randint(1, 3)):
                time.sleep(draw.uniform(0.2, 1.5))
                victim = draw.choice(["referee", "zygote", "coordinator"])
                pids = {"coordinator": process.pid, "zygote": zygote(process)}
                pid = max(referees(tmp_path), default=None) if victim == "referee" else pids[victim]
                if pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            process.communicate(timeout=120)
    last = run(tmp_path, "slow", cells, 2)
    assert last["code"] == 0, last
    assert last["done"] + last["already"] == cells
    assert statuses(tmp_path, "slow", cells) == dict.fromkeys(statuses(tmp_path, "slow", cells), Status.DONE)
    assert len(statuses(tmp_path, "slow", cells)) == cells
    until(lambda: not any(map(alive, referees(tmp_path))))
    ended = [call[0] for call in calls(tmp_path)]
    assert set(ended) == {item.cell.id for item in (planned("slow", n) for n in range(cells)) if item.cell}
    assert not [path for path in (tmp_path / "work").glob("*") if path.suffix == ".resume"]
