"""What a run records, leaves alone and says, with toy cells in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from execution_toys import Recorder, calls, place, planned, toy

from benchbox.errors import StoreError
from benchbox.execution import CellFinished, CellProgress, CellStarted, RunFinished, RunStarted, Summary, run_cells
from benchbox.execution.executors import Processes
from benchbox.records import CellResult, Status
from benchbox.store import Store
from benchbox.suites import Planned


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "results.db")


def run(items: list[Planned], store: Store, **more: object) -> Summary:
    return run_cells(items, store, **{"place": place(), "jobs": 0, "work": toy, **more})  # type: ignore[arg-type]


def ids(items: list[Planned]) -> list[str]:
    return [item.cell.id for item in items if item.cell is not None]


def test_runs_what_is_missing_and_nothing_twice(store: Store, tmp_path: Path) -> None:
    items = [planned(seed=seed) for seed in range(3)]
    first = run(items[:2], store, place=place(tmp_path / "work"))
    second = run(items, store, place=place(tmp_path / "work"))
    assert (first.done, first.already, first.exit_code) == (2, 0, 0)
    assert (second.done, second.already, second.exit_code) == (1, 2, 0)
    assert sorted(call[0] for call in calls(tmp_path / "work")) == sorted(ids(items))
    assert store.statuses(ids(items)) == dict.fromkeys(ids(items), Status.DONE)


def test_a_cell_that_stands_twice_in_the_plan_runs_once(store: Store) -> None:
    assert run([planned(), planned()], store).done == 1


def test_a_failure_is_recorded_and_left_alone_until_asked(store: Store) -> None:
    items = [planned("raises"), planned("quick")]
    first = run(items, store)
    assert (first.done, first.exit_code) == (1, 2)
    assert [failure.error for failure in first.failures] == ["ValueError: a plugin raised"]
    kept = store.cell(ids(items)[0]).result
    assert kept is not None
    assert "execution_toys.py" in kept.traceback

    second = run(items, store)
    assert (second.done, second.already, len(second.failures), second.exit_code) == (0, 1, 1, 2)
    assert "--retry-failed" in second.failures[0].error

    assert run(items, store, retry_failed=True, work=_succeed).done == 1
    assert run(items, store).exit_code == 0


def _succeed(item: Planned, _: object) -> CellResult:
    assert item.cell is not None
    return CellResult(item.cell.id, Status.DONE)


def test_what_is_not_applicable_is_recorded_without_running(store: Store, tmp_path: Path) -> None:
    item = planned(reason="needs probabilities")
    summary = run([item], store, place=place(tmp_path / "work"))
    assert (summary.not_applicable, summary.done, summary.exit_code) == (1, 0, 0)
    kept = store.cell(ids([item])[0]).result
    assert kept is not None
    assert (kept.status, kept.error) == (Status.NOT_APPLICABLE, "needs probabilities")
    assert not calls(tmp_path / "work")
    assert run([item], store).already == 1


def test_an_interrupted_cell_runs_again(store: Store) -> None:
    item = planned()
    assert item.cell is not None
    store.record(item.cell, CellResult(item.cell.id, Status.INTERRUPTED, error="worker died"))
    assert run([item], store).done == 1


def test_generators_start_before_selectors(store: Store) -> None:
    recorder = Recorder()
    run([planned("quick"), planned("quick", kind="generator")], store, display=recorder)
    started = [event.planned.cell for event in recorder.events if isinstance(event, CellStarted)]
    assert [cell.method.kind for cell in started if cell] == ["generator", "selector"]


def test_events_tell_the_run_from_start_to_end(store: Store, tmp_path: Path) -> None:
    recorder = Recorder()
    workers = Processes(1, torch=False)
    run([planned("slower")], store, display=recorder, place=place(tmp_path / "work"), workers=workers)
    kinds = [type(event) for event in recorder.events]
    assert kinds == [RunStarted, CellStarted, CellProgress, CellFinished, RunFinished]
    progress = recorder.events[2]
    assert isinstance(progress, CellProgress)
    assert (progress.spent, progress.budget, progress.accuracy) == (7, 20, 0.5)
    assert recorder.closed == 1
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["calls"]


def test_the_display_is_closed_when_the_store_fails(store: Store) -> None:
    class Full(Store):
        def record(self, *_: object, **__: object) -> bool:
            raise StoreError("the disk is full")

    recorder = Recorder()
    with pytest.raises(StoreError, match="disk is full"):
        run([planned()], Full(store.path), display=recorder)
    assert recorder.closed == 1
    assert run([planned()], store).done == 1


def test_nothing_to_do_starts_no_worker(store: Store) -> None:
    run([planned()], store)

    class NoWorkers(Processes):
        def submit(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise AssertionError("a worker was asked")

    assert run([planned()], store, workers=NoWorkers(2)).already == 1
