"""Results of two scoring versions stand in no table side by side."""

from __future__ import annotations

from collections.abc import Callable

from store_samples import Row, cell, done

from benchbox.store import Store, merge
from benchbox.suites import Cell


def scored(version: int, seed: int = 0, **options: object) -> Cell:
    return cell(seed=seed, **options).model_copy(update={"scoring_version": version})


def put(store: Store, played: Cell, accuracy: float = 0.5, label: str = "drmi") -> None:
    store.enrol("s", [Row(played, label=label)])
    store.record(played, done(played, accuracy))


def test_the_newer_takes_the_place_and_the_older_is_kept(store: Store) -> None:
    old, new = scored(1), scored(2)
    put(store, old, 0.5)
    put(store, new, 0.7)
    assert old.id != new.id
    assert store.cells(suite="s").cell.tolist() == [new.id]
    assert store.measurements(suite="s", metric="accuracy", budget=50).value.tolist() == [0.7]
    assert store.cells(suite="").scoring.tolist() == [1]
    assert store.cell(old.id).superseded_by == new.id
    assert store.cell(new.id).superseded_by is None


def test_older_results_beside_newer_ones_are_superseded_and_say_so(store: Store) -> None:
    for seed in range(3):
        put(store, scored(1, seed))
    put(store, scored(1, 0, k=5), label="other")
    put(store, scored(2, 1), 0.7)
    frame = store.cells(suite="s")
    assert dict(zip(zip(frame.label, frame.seed, strict=True), frame.status, strict=True)) == {
        ("drmi", 0): "superseded",
        ("drmi", 1): "done",
        ("drmi", 2): "superseded",
        ("other", 0): "superseded",
    }
    assert frame.error[0] == "scored under version 1, others of its scenario under 2: run it again"
    assert store.measurements(suite="s").seed.unique().tolist() == [1]
    assert store.confusions(suite="s").seed.tolist() == store.pictures(suite="s").seed.tolist() == [1]
    assert set(store.measurements(status="superseded").seed) == {0, 2}, "they are there for who asks"
    assert len(store.measurements(cell=scored(1, 0).id)) == 4


def test_other_scenarios_keep_their_older_results(store: Store) -> None:
    put(store, scored(1, dataset="mnist"))
    put(store, scored(2))
    assert set(store.cells().status) == {"done"}


def test_a_newer_cell_without_result_supersedes_nothing(store: Store) -> None:
    put(store, scored(1, 0))
    store.enrol("s", [Row(scored(2, 1))])
    assert store.cells(suite="s").status.tolist() == ["done", "missing"]


def test_a_merge_gives_a_place_to_the_newer_scoring(
    store: Store, dialect: str, new_store: Callable[[str, str], Store]
) -> None:
    other = new_store(dialect, "other")
    put(store, scored(1, 0))
    put(store, scored(2, 1))
    put(other, scored(2, 0))
    put(other, scored(1, 1))
    merge(store, other)
    frame = store.cells(suite="s")
    assert frame.scoring.tolist() == [2, 2]
    assert set(frame.status) == {"done"}
    assert len(store.cells(suite="")) == 2


def test_a_merge_gives_up_no_result_for_a_plan(
    store: Store, dialect: str, new_store: Callable[[str, str], Store]
) -> None:
    other = new_store(dialect, "other")
    put(store, scored(1, 0))
    store.enrol("s", [Row(scored(1, 1), label="drmi")])
    other.enrol("s", [Row(scored(2, seed), label="drmi") for seed in range(2)])
    merge(store, other)
    frame = store.cells(suite="s")
    assert frame.scoring.tolist() == [1, 2]
    assert frame.status.tolist() == ["done", "missing"]
