"""Cells in this very process."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from execution_toys import done, ids, place, planned, setting

from benchbox.execution import CellProgress
from benchbox.execution.executor import Told
from benchbox.execution.here import ThisProcess
from benchbox.place import Place
from benchbox.records import CellResult
from benchbox.suites import Setting


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Play toy cells in the place of real ones, and tell how."""
    told: dict[str, Any] = {}

    def play(setting: Setting, where: Place, watch: Any) -> CellResult:
        told.update(threads=torch.get_num_threads(), thread=threading.current_thread(), state=watch.load())
        watch.tell(7, 20, 0.5)
        watch.save({"rounds": 3})
        return done(setting.cell.id)

    monkeypatch.setattr("benchbox.match.run.run_cell", play)
    return told


def test_a_cell_runs_here_on_one_thread_and_the_threads_are_put_back(tmp_path: Path, seen: dict[str, Any]) -> None:
    item = planned()
    told = Told(dict.fromkeys(ids([item]), item))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        future = ThisProcess(place(tmp_path), told).submit(setting())
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert future.result(0) == done(setting().cell.id)
    assert (seen["threads"], seen["thread"]) == (1, threading.current_thread())
    assert told.events() == [CellProgress(item, 7, 20, 0.5)]


def test_its_states_are_kept_for_the_next_attempt_and_not_for_others(tmp_path: Path, seen: dict[str, Any]) -> None:
    told = Told({cell_id: planned() for seed in range(2) for cell_id in ids([planned(seed=seed)])})
    workers = ThisProcess(place(tmp_path), told)
    states = []
    for seed in (0, 0, 1):
        workers.submit(setting(seed=seed))
        states.append(seen["state"])
    assert states == [None, {"rounds": 3}, None]


def test_ctrl_c_in_a_cell_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> CellResult:
        raise KeyboardInterrupt

    monkeypatch.setattr("benchbox.match.run.run_cell", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ThisProcess(place(tmp_path), Told({})).submit(setting())
