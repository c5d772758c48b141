"""Worker processes: their surroundings, and what becomes of calls whose worker dies or hangs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from execution_toys import calls, place, planned, threads, toy

from benchbox.execution.executors import InProcess, OverTime, Processes, WorkerDied
from benchbox.execution.worker import take_gpu


@contextmanager
def processes(slots: int, **options: object) -> Iterator[Processes]:
    workers = Processes(slots, **{"torch": False, **options})  # type: ignore[arg-type]
    try:
        yield workers
    finally:
        workers.kill()


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_worker_has_one_thread_and_a_process_of_its_own() -> None:
    with processes(1, torch=True) as workers:
        measured = workers.submit(threads, planned(), place()).result(60)
    values = {m.metric: m.value for m in measured.measurements}
    assert (values["torch"], values["openmp"]) == (1, 1)
    assert values["pid"] != os.getpid()


def test_in_process_runs_here_on_one_thread_and_puts_the_threads_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = torch.get_num_threads()
    values = {m.metric: m.value for m in InProcess().submit(threads, planned(), place()).result().measurements}
    assert values["torch"] == 1
    assert values["pid"] == os.getpid()
    assert torch.get_num_threads() == before


def test_a_killed_worker_takes_only_its_own_call_with_it(tmp_path: Path) -> None:
    with processes(2) as workers:
        doomed = workers.submit(toy, planned("long"), place(tmp_path))
        other = workers.submit(toy, planned("slower", 1), place(tmp_path))
        until(lambda: len(calls(tmp_path)) == 2)
        os.kill(next(int(pid) for _, pid, name, _ in calls(tmp_path) if name == "long"), signal.SIGKILL)
        with pytest.raises(WorkerDied, match="worker died: signal 9"):
            doomed.result(20)
        assert workers.submit(toy, planned("quick", 2), place(tmp_path)).result(20)
        assert other.result(20)


def test_a_worker_that_is_killed_while_idle_is_replaced(tmp_path: Path) -> None:
    with processes(1) as workers:
        workers.submit(toy, planned(), place(tmp_path)).result(20)
        os.kill(int(calls(tmp_path)[0][1]), signal.SIGKILL)
        time.sleep(0.5)
        workers.submit(toy, planned(seed=1), place(tmp_path)).result(20)
    assert calls(tmp_path)[0][1] != calls(tmp_path)[1][1]


def test_a_call_over_its_time_limit_ends_and_the_next_one_runs(tmp_path: Path) -> None:
    with processes(1, time_limit=1) as workers:
        hung = workers.submit(toy, planned("hangs"), place(tmp_path))
        after = workers.submit(toy, planned(), place(tmp_path))
        with pytest.raises(OverTime, match="ran over its time limit of 1 s"):
            hung.result(20)
        assert after.result(20)


def test_an_exception_and_an_exit_come_back_as_they_were() -> None:
    with processes(1) as workers:
        with pytest.raises(ValueError, match="a plugin raised"):
            workers.submit(toy, planned("raises"), place()).result(20)
        with pytest.raises(SystemExit):
            workers.submit(toy, planned("exits"), place()).result(20)


def test_what_a_worker_prints_goes_to_its_log_and_its_last_words_are_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with processes(1, logs=tmp_path / "logs") as workers, pytest.raises(WorkerDied) as died:
        workers.submit(toy, planned("speaks"), place()).result(20)
    assert "last words" in died.value.log
    assert capfd.readouterr().out == ""
    assert not (tmp_path / "logs").exists()


def test_kill_ends_workers_at_once(tmp_path: Path) -> None:
    with processes(2) as workers:
        for seed in range(2):
            workers.submit(toy, planned("long", seed), place(tmp_path))
        until(lambda: len(calls(tmp_path)) == 2)
    for _, pid, _, _ in calls(tmp_path):
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.parametrize(
    ("visible", "slot", "count", "expected"),
    [("", 3, 2, "1"), ("4,7", 2, 2, "4"), ("4,7", 1, 2, "7"), ("", 3, 1, ""), ("5", 3, 1, "5")],
)
def test_several_gpus_are_dealt_out_and_a_single_one_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, visible: str, slot: int, count: int, expected: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    take_gpu(slot, count)
    assert os.environ["CUDA_VISIBLE_DEVICES"] == expected
