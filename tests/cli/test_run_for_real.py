"""``benchbox run`` as users run it: real cells, real processes, methods that raise, hang, die, and a user who stops it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from digits_suite import digits_suite

from benchbox.records import Status
from benchbox.store import CellDetail, Store

PLUGINS = Path(__file__).with_name("troublesome.py")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    return tmp_path


def start(
    folder: Path, *methods: str, seeds: int = 1, options: tuple[str, ...] = (), verbose: bool = False
) -> subprocess.Popen[str]:
    (folder / "trial.toml").write_text(digits_suite(*methods, seeds=seeds))
    program = [sys.executable, "-c", "from benchbox.cli import main; main()"]
    command = [
        *program,
        *(["--verbose"] if verbose else []),
        "run",
        "--suite",
        "trial.toml",
        "--plugin",
        str(PLUGINS),
        "--device",
        "cpu",
        *options,
    ]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    assert err == ""
    return process.returncode, out


def ids(folder: Path) -> list[str]:
    with Store.open(folder / "results.db", create=False) as store:
        return list(store.cells()["cell"])


def store_cell(folder: Path, cell: str) -> CellDetail:
    with Store.open(folder / "results.db", create=False) as store:
        return store.cell(cell)


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_trouble_stays_in_its_cell_and_what_players_print_is_kept(folder: Path) -> None:
    methods = ("quick", "raises", "dies", "halts")
    code, out = finish(start(folder, *methods, options=("--jobs", "2")))
    assert code == 2
    assert "1 cell done, 3 failed" in out
    assert "failed: raises on digits, real data, seed 0: selector 'raises': RuntimeError: no rows today (" in out
    assert (
        "failed: dies on digits, real data, seed 0: selector 'dies' ended its process with exit code 0 in the middle"
        in out
    )
    assert "a player's process has no terminal to stop at; breakpoint() needs --jobs 0 (benchbox show " in out
    assert "a plugin that prints" not in out
    kept = [store_cell(folder, cell).result for cell in ids(folder)]
    assert [result.output for result in kept if result and result.status is Status.DONE] == ["a plugin that prints\n"]

    code, out = finish(start(folder, *methods, options=("--jobs", "2")))
    assert code == 2
    assert "0 cells to run, 1 done before, 3 failed before; --retry-failed runs failed ones again\n" in out
    assert "nothing to run: 1 done before, 3 failed before" in out


def test_what_players_print_is_shown_live_where_it_is_asked_for(folder: Path) -> None:
    code, out = finish(start(folder, "quick", verbose=True))
    assert code == 0
    assert "quick on digits, real data, seed 0: | a plugin that prints" in out


def test_a_method_that_hangs_is_ended_at_its_time_limit(folder: Path) -> None:
    code, out = finish(start(folder, "hangs", options=("--time-limit", "3")))
    assert code == 2
    assert (
        "failed: hangs on digits, real data, seed 0: ran over its time limit of 3 s; --time-limit sets another (benchbox show "
        in out
    )


def test_ctrl_c_keeps_what_is_done_and_the_same_command_resumes(folder: Path) -> None:
    process = start(folder, "slow", seeds=3, options=("--json",))
    assert process.stdout is not None
    seen: list[str] = []
    while seen[-2:] != ["cell-finished", "cell-started"]:
        event = json.loads(process.stdout.readline())["event"]
        seen += [event] if event != "cell-progress" else []
    os.killpg(process.pid, signal.SIGINT)
    code, out = finish(process)
    assert code == 130
    assert (objects(out)[-1]["done"], objects(out)[-1]["left"]) == (1, 2)

    code, out = finish(start(folder, "slow", seeds=3, options=("--json",)))
    events = objects(out)
    assert code == 0
    assert (events[-1]["done"], events[-1]["already"], events[-1]["failures"]) == (2, 1, [])
    finished = [event for event in events if event["event"] == "cell-finished"]
    assert all(0.05 < event["accuracy"]["20"] < 1 for event in finished)

    code, out = finish(start(folder, "slow", seeds=3))
    assert (code, "nothing to run: 3 done before" in out) == (0, True)
    assert not (folder / "results.db.work").exists()


def test_jobs_do_not_change_the_numbers(folder: Path) -> None:
    found = []
    for jobs, printed in (("1", ""), ("2", ""), ("0", "a plugin that prints\n" * 2)):
        process = start(folder, "quick", seeds=2, options=("--json", "--jobs", jobs, "--db", f"{jobs}.db"))
        out, err = process.communicate(timeout=120)
        assert err == printed  # in this process it prints at once, and leaves JSON alone
        events = objects(out)
        found.append({event["cell"]: event["accuracy"] for event in events if event["event"] == "cell-finished"})
    assert len(found[0]) == 2
    assert found[0] == found[1] == found[2]
