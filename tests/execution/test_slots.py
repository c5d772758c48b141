"""Slots of this machine: what becomes of cells whose referee dies, hangs or lies, and what is left of its processes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from execution_toys import NONSENSE, AnyCell, alive, calls, done, ids, place, planned, setting, slots, until

from benchbox.errors import MachineError
from benchbox.execution.executor import Told
from benchbox.execution.referees import Referees, _called, _one_device
from benchbox.execution.slots import LocalSlots
from benchbox.records import CellResult, Status

PATIENCE = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slots")


@pytest.fixture(scope="module")
def workers(folder: Path) -> Iterator[LocalSlots]:
    made = slots(2, place(folder))
    yield made
    made.kill()


@pytest.fixture
def play(workers: LocalSlots) -> Callable[..., CellResult]:
    """Return a function that plays a toy cell, and tells ``Told`` of this cell alone."""

    def played(name: str, seed: int = 0) -> CellResult:
        item = planned(name, seed)
        workers._told = Told(dict.fromkeys(ids([item]), item))
        return workers.submit(setting(name, seed)).result(PATIENCE)

    return played


Play = Callable[..., CellResult]


def test_a_result_comes_back_whole(play: Play) -> None:
    result = play("quick")
    assert result == done(result.cell_id)


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("exits 0", Status.FAILED, "its referee died: exit code 0"),
        ("exits 3", Status.FAILED, "its referee died: exit code 3"),
        ("raises", Status.FAILED, "its referee died: exit code 1"),
        ("dies 9", Status.INTERRUPTED, "its referee died: signal 9"),
        ("dies 11", Status.INTERRUPTED, "its referee died: signal 11"),
        ("dies 15", Status.INTERRUPTED, "its referee died: signal 15"),
    ],
)
def test_a_referee_that_dies_costs_its_own_cell(name: str, status: Status, said: str, play: Play) -> None:
    result = play(name)
    assert (result.status, result.error) == (status, said)
    assert {"raises": "ValueError: a referee raised", "dies 9": "last words"}.get(name, "") in result.traceback
    assert play("quick").status is Status.DONE


@pytest.mark.parametrize("name", ["garbage", "hangs up"])
def test_a_referee_that_is_no_referee_costs_its_own_cell_and_is_gone(
    name: str, play: Play, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchbox.execution.referees._PATIENCE", 0.2)
    result = play(name)
    assert result.status is Status.FAILED
    assert result.error.startswith("its referee hung up: ")
    assert not alive(int(calls(folder)[-1][1]))


@pytest.mark.parametrize("name", NONSENSE)
def test_a_result_that_no_store_could_keep_costs_its_own_cell(name: str, play: Play) -> None:
    result = play(name)
    assert result.status is Status.FAILED
    assert result.error.startswith("its result is malformed: ")
    assert result.error.isprintable()
    assert not result.measurements


@pytest.mark.parametrize("name", ["hangs", "drips"])
def test_a_cell_over_its_time_limit_ends_and_the_next_one_runs(
    name: str, play: Play, workers: LocalSlots, folder: Path
) -> None:
    workers._time_limit = 1.0
    try:
        result = play(name)
    finally:
        workers._time_limit = None
    assert (result.status, result.error) == (Status.FAILED, "ran over its time limit of 1 s; --time-limit sets another")
    assert not alive(int(calls(folder)[-1][1]))
    assert play("quick").status is Status.DONE


def test_what_is_told_reaches_whoever_listens(play: Play, workers: LocalSlots) -> None:
    play("speaks")
    output, progress = workers._told.events()
    assert output.text.endswith("x the end")  # type: ignore[union-attr]
    assert (progress.spent, progress.budget, progress.accuracy) == (7, 20, 0.5)  # type: ignore[union-attr]


def test_a_state_is_kept_and_given_to_the_next_attempt(play: Play, folder: Path) -> None:
    for _ in range(2):
        play("dies 9", 4)
    assert [call[-1] for call in calls(folder)[-2:]] == ["None", "seed-4"]
    assert (folder / "work" / f"{ids([planned('dies 9', 4)])[0]}.resume").read_bytes() == b"seed-4"


def test_a_killed_zygote_interrupts_its_cells_and_is_replaced(play: Play, workers: LocalSlots, folder: Path) -> None:
    before = len(calls(folder))
    workers._told = Told(AnyCell())
    doomed = [workers.submit(setting("hangs", seed)) for seed in range(2)]
    until(lambda: len(calls(folder)) == before + 2)
    assert workers._referees._nursery is not None
    assert workers._referees._nursery._process is not None
    workers._referees._nursery._process.kill()
    for call in calls(folder)[before:]:
        # A toy has no nursery that would tell it; see tests/match/test_apart.py for those that have.
        os.kill(int(call[1]), signal.SIGKILL)
    for future in doomed:
        result = future.result(PATIENCE)
        assert (result.status, result.error) == (Status.INTERRUPTED, "the process that starts others died")
    assert play("quick").status is Status.DONE


def test_a_zygote_that_cannot_start_interrupts_its_cells(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = LocalSlots(1, place(tmp_path), told=Told(AnyCell()), referees=Referees(1, preload=("no_such_module",)))
    result = broken.submit(setting()).result(PATIENCE)
    broken.shutdown()
    assert (result.status, result.error) == (Status.INTERRUPTED, "the process that starts others is gone")
    assert "No module named 'no_such_module'" in capfd.readouterr().err


def test_what_goes_wrong_on_this_side_costs_its_own_cell(
    play: Play, workers: LocalSlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_files(*_: Any, **__: Any) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("benchbox.execution.referees.Output", no_files)
        result = play("quick")
    assert (result.status, result.error) == (Status.FAILED, "OSError: [Errno 24] Too many open files")
    assert play("quick").status is Status.DONE


def test_kill_ends_what_runs_and_what_waits(tmp_path: Path) -> None:
    own = slots(2, place(tmp_path))
    futures = [own.submit(setting("hangs", seed)) for seed in range(3)]
    until(lambda: len(calls(tmp_path)) == 2)
    own.kill()
    assert not any(alive(int(call[1])) for call in calls(tmp_path))
    assert [future.result(PATIENCE).status for future in futures[:2]] == [Status.INTERRUPTED] * 2
    assert futures[2].cancelled() or futures[2].result(PATIENCE).status is Status.INTERRUPTED


def test_kill_while_the_zygote_starts_waits_for_no_cell(tmp_path: Path) -> None:
    for _ in range(5):
        own = slots(2, place(tmp_path))
        futures = [own.submit(setting("hangs", seed)) for seed in range(2)]
        own.kill()
        assert all(future.result(PATIENCE).status is Status.INTERRUPTED for future in futures)


def test_a_slot_is_taken_until_its_cell_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    own = slots(2, place(tmp_path, device="cuda"))
    gated = [own.submit(setting("gated", seed)) for seed in range(3)]
    until(lambda: len(calls(tmp_path)) == 2)
    opened = threading.Timer(0.0, (tmp_path / "gate").touch)
    opened.start()
    assert all(future.result(PATIENCE).status is Status.DONE for future in gated)
    own.shutdown()
    assert sorted(call[4] for call in calls(tmp_path)[:2]) == ["4", "7"]
    assert calls(tmp_path)[2][4] in ("4", "7")


def test_a_machine_of_another_kind_than_earlier_cells_is_refused_before_it_plays(tmp_path: Path) -> None:
    own = slots(1, place(tmp_path))
    here = own._referees.environment("cpu")
    own.check_kind([])
    own.check_kind([here, {**here, "processor": "another"}])
    with pytest.raises(MachineError, match=r"another kind of machine .*processor .* and not another.*--any-machine"):
        own.check_kind([{**here, "processor": "another"}])
    assert own._referees._nursery is not None
    assert not own._referees._nursery.open


@pytest.mark.parametrize(
    ("device", "visible", "slot", "expected"),
    [
        ("cpu", "4,7", 0, ""),
        ("auto", "4,7", 2, "4"),
        ("cuda", "4,7", 1, "7"),
        ("auto", "5", 3, None),
        ("cuda:1", "4,7", 0, None),
        ("cuda:0,2", "4,7,9", 0, "4"),
        ("cuda:0,2", "4,7,9", 1, "9"),
        ("cuda:0,2", "4,7,9", 2, "4"),
    ],
)
def test_several_gpus_are_dealt_out_and_a_single_or_named_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, device: str, visible: str, slot: int, expected: str | None
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert _called(device) == ("cuda" if "," in device else device)
    assert _one_device(device, slot).get("CUDA_VISIBLE_DEVICES") == expected
