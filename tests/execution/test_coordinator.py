"""What a run records, leaves alone and says, with toy cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from execution_toys import Instantly, Recorder, calls, done, ids, place, planned, slots
from sqlalchemy import update

from benchbox.errors import StoreError
from benchbox.execution import (
    CellElsewhere,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    Event,
    RunFinished,
    RunStarted,
    Summary,
    run_cells,
)
from benchbox.execution.executor import Executor, Told
from benchbox.execution.resume import ResumeFiles
from benchbox.records import CellResult, Status
from benchbox.store import Store
from benchbox.store.models import CellRow, ClaimRow
from benchbox.suites import Planned, Setting


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "results.db")


class Played:
    """Plays cells here: those called "raises" fail; keeps what it played."""

    def __init__(self) -> None:
        self.cells: list[str] = []

    def __call__(self, setting: Setting) -> CellResult:
        cell = setting.cell
        self.cells.append(cell.id)
        if cell.method.name == "raises":
            return CellResult(cell.id, Status.FAILED, error="ValueError: a plugin raised", traceback="Traceback ...")
        return done(cell.id)


def run(items: list[Planned], store: Store, play: Callable[[Setting], CellResult] = Played(), **more: Any) -> Summary:  # noqa: B008 - counted by nobody
    start: Callable[[Told], Executor] = more.pop("start", lambda told: Instantly(play))
    return run_cells(items, store, start, resume=more.pop("resume", ResumeFiles(None)), **more)


def test_runs_what_is_missing_and_nothing_twice(store: Store) -> None:
    items, played = [planned(seed=seed) for seed in range(3)], Played()
    first = run(items[:2], store, played)
    second = run(items, store, played)
    assert (first.done, first.already, first.exit_code) == (2, 0, 0)
    assert (second.done, second.already, second.exit_code) == (1, 2, 0)
    assert sorted(played.cells) == sorted(ids(items))
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
    assert kept.traceback == "Traceback ..."

    recorder = Recorder()
    second = run(items, store, display=recorder)
    assert (second.done, second.already, second.exit_code) == (0, 1, 2)
    assert [(failure.before, "--retry-failed" in failure.error) for failure in second.failures] == [(True, True)]
    begin = recorder.events[0]
    assert isinstance(begin, RunStarted)
    assert (len(begin.to_run), begin.already, begin.failed_before) == (0, 1, 1)

    assert run(items, store, lambda setting: done(setting.cell.id), retry_failed=True).done == 1
    assert run(items, store).exit_code == 0


def test_what_is_not_applicable_is_recorded_without_running(store: Store) -> None:
    item, played = planned(reason="needs probabilities"), Played()
    summary = run([item], store, played)
    assert (summary.not_applicable, summary.done, summary.exit_code) == (1, 0, 0)
    kept = store.cell(ids([item])[0]).result
    assert kept is not None
    assert (kept.status, kept.error) == (Status.NOT_APPLICABLE, "needs probabilities")
    assert not played.cells
    assert run([item], store).already == 1


def test_an_interrupted_cell_runs_again(store: Store) -> None:
    item = planned()
    assert item.cell is not None
    store.record(item.cell, CellResult(item.cell.id, Status.INTERRUPTED, error="its referee died"))
    assert run([item], store).done == 1


def test_a_done_cell_is_played_again_where_that_is_asked_and_its_old_result_stays_until_there_is_a_new_one(
    store: Store,
) -> None:
    item, played = planned(), Played()
    run([item], store, played)
    (cell_id,) = ids([item])

    def fails(setting: Setting) -> CellResult:
        return CellResult(setting.cell.id, Status.FAILED, error="no", traceback="at line 3")

    (failure,) = run([item], store, fails, again=[cell_id]).failures
    assert failure.error == "no"
    assert failure.unkept is not None, "no store has its traceback"
    assert failure.unkept.traceback == "at line 3"
    assert store.statuses([cell_id]) == {cell_id: Status.DONE}

    def better(setting: Setting) -> CellResult:
        return CellResult(setting.cell.id, Status.DONE, error="", output="second")

    assert run([item], store, better, again=[cell_id]).done == 1
    kept = store.cell(cell_id).result
    assert kept is not None
    assert kept.output == "second"


@pytest.mark.parametrize("method", ["quick", "raises"])
def test_a_cell_that_is_played_over_its_result_is_taken_over_where_the_other_run_dies(
    store: Store, method: str
) -> None:
    item, played = planned(method), Played()
    (cell_id,) = ids([item])
    run([item], store)
    store.claim(cell_id, "another run", frozenset(Status))
    summary = run([item], store, played, again=[cell_id], retry_failed=True, display=Elsewhere(lambda: dies(store)))
    assert (played.cells, summary.elsewhere) == ([cell_id], 0)


def test_a_cell_that_another_run_played_over_its_result_is_not_played_twice(store: Store) -> None:
    item, played = planned(), Played()
    (cell_id,) = ids([item])
    run([item], store)
    with store.writing() as session:
        session.query(CellRow).one().finished = "2026-01-01T00:00:00+00:00"
    store.claim(cell_id, "another run", frozenset(Status))

    def finishes() -> None:
        assert item.cell is not None
        store.record(item.cell, done(cell_id), again=True)

    summary = run([item], store, played, again=[cell_id], display=Elsewhere(finishes))
    assert (played.cells, summary.elsewhere) == ([], 1)


class Elsewhere(Recorder):
    """Has something happen once another run has a cell."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def show(self, event: Event) -> None:
        if isinstance(event, CellElsewhere) and event.status is None:
            self._then()


def dies(store: Store) -> None:
    """Let the claims of other runs be as those of dead ones."""
    with store.writing() as session:
        session.execute(update(ClaimRow).values(heartbeat=0.0))


def test_a_short_cell_starts_first_then_generators_before_selectors(store: Store) -> None:
    recorder = Recorder()
    kinds = ("generator", "selector", "selector", "generator")
    run([planned("quick", seed, kind=kind) for seed, kind in enumerate(kinds)], store, display=recorder)
    started = [event.planned.seed for event in recorder.events if isinstance(event, CellStarted)]
    assert started == [1, 0, 3, 2]


def test_events_tell_the_run_from_start_to_end_and_states_go_with_their_cells(store: Store, tmp_path: Path) -> None:
    recorder, where = Recorder(), place(tmp_path)
    run(
        [planned("slower"), planned("dies 9")],
        store,
        start=lambda told: slots(1, where, told),
        resume=ResumeFiles(where.scratch),
        display=recorder,
    )
    kinds = [type(event) for event in recorder.events]
    assert (kinds[0], kinds[-1]) == (RunStarted, RunFinished)
    assert [kind for kind in kinds if kind in (CellStarted, CellFinished)] == [CellStarted, CellFinished] * 2
    progress = next(event for event in recorder.events if isinstance(event, CellProgress))
    assert (progress.spent, progress.budget, progress.accuracy) == (7, 20, 0.5)
    assert recorder.closed == 1
    (kept,) = (tmp_path / "work").iterdir()
    assert kept.name == f"{planned('dies 9').cell.id}.resume"  # type: ignore[union-attr]


def test_of_what_executors_tell_the_latest_progress_and_the_end_of_much_output_are_shown() -> None:
    item = planned()
    (cell_id,) = ids([item])
    told = Told({cell_id: item})
    told.progress(cell_id, 1, 20, None)
    told.output(cell_id, "a word ")
    told.progress(cell_id, 2, 20, 0.5)
    told.output(cell_id, "x" * 200_000 + " the end")
    output, progress = told.events()
    assert isinstance(output, CellOutput)
    assert progress == CellProgress(item, 2, 20, 0.5)
    assert (len(output.text), output.text[-7:]) == (64 << 10, "the end")
    assert told.events() == []


def test_workers_are_let_go_in_order_and_killed_however_a_run_ends(store: Store) -> None:
    workers = Instantly(Played())
    run([planned()], store, start=lambda told: workers)
    assert workers.ended == ["shutdown", "kill"]

    class Full(Store):
        def record(self, *_: object, **__: object) -> bool:
            raise StoreError("the disk is full")

    recorder, workers = Recorder(), Instantly(Played())
    with pytest.raises(StoreError, match="disk is full"):
        run([planned(seed=1)], Full(store.dialect), start=lambda told: workers, display=recorder)
    assert workers.ended == ["kill"]
    assert recorder.closed == 1
    assert run([planned(seed=1)], store).done == 1


def test_nothing_to_do_starts_no_worker(store: Store) -> None:
    run([planned()], store)

    def start(told: Told) -> Executor:
        raise AssertionError("a worker was asked for")

    assert run([planned()], store, start=start).already == 1
    assert run([planned(seed=5, reason="too dark")], store, start=start).not_applicable == 1


def test_a_cell_whose_target_is_missing_is_one_sentence(store: Store) -> None:
    from dataclasses import replace

    with pytest.raises(StoreError, match="a cell of scenario 'label' cannot run: its target is not trained"):
        run([replace(planned(), setting=None)], store)
    assert not calls(store.address.file.parent)
