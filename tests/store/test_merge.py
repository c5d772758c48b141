from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import select
from store_samples import TARGET, Row, cell, done, failed

from benchbox.errors import StoreError
from benchbox.records import Measurement
from benchbox.store import Merged, Store, merge
from benchbox.store.models import AttackRow


@pytest.fixture
def other(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "other.db")


def test_the_union_holds_both(store: Store, other: Store) -> None:
    mine, shared, theirs = (cell(seed=seed, k=seed) for seed in range(3))
    store.enrol("s", [Row(c, label="x") for c in (mine, shared)])
    other.enrol("s", [Row(c, label="x") for c in (shared, theirs)])
    for played in (mine, shared):
        store.record(played, done(played))
    for played in (shared, theirs):
        other.record(played, done(played), TARGET, "benchbox", "0.1.0")
    assert merge(store, other) == Merged(taken=1, shared=1)
    assert store.cells(suite="s").cell.tolist() == [mine.id, shared.id, theirs.id]
    ours, original = store.cell(theirs.id), other.cell(theirs.id)
    assert ours == original
    assert store.targets().equals(other.targets())
    assert merge(store, other) == Merged(taken=0, shared=2)


def test_a_conflict_names_the_cells_and_writes_nothing(store: Store, other: Store) -> None:
    shared, theirs = cell(seed=0), cell(seed=1)
    store.record(shared, done(shared, 0.5))
    other.record(theirs, done(theirs))
    other.record(shared, done(shared, 0.6))
    before = store.path.read_bytes()
    with pytest.raises(StoreError, match=f"1 cell has other measurements.*nothing was merged: {shared.id}"):
        merge(store, other)
    assert store.path.read_bytes() == before


def test_times_make_no_conflict(store: Store, other: Store) -> None:
    played = cell()
    store.record(played, done(played))
    slower = done(played)
    slower.measurements = [
        dataclasses.replace(m, value=9.0) if m.metric == "attack_seconds" else m for m in slower.measurements
    ]
    other.record(played, slower)
    assert merge(store, other) == Merged(taken=0, shared=1)


def test_a_metric_that_only_one_of_them_knew_makes_no_conflict(store: Store, other: Store) -> None:
    played = cell()
    store.record(played, done(played))
    newer = done(played)
    newer.measurements.append(Measurement("linf_max", "fgsm untargeted", 100, 100, 0.26, 360))
    other.record(played, newer)
    assert merge(store, other) == merge(other, store) == Merged(taken=0, shared=1)


def test_of_one_label_every_plan_keeps_its_own_numbers(store: Store, other: Store) -> None:
    ours, theirs = cell(images=None), cell(images=50)
    for played, into in ((ours, store), (theirs, other)):
        into.record(played, done(played))
    merge(store, other)
    with store.reading() as session:
        rows = session.execute(select(AttackRow.name, AttackRow.images).where(AttackRow.name != "")).all()
    assert sorted(rows, key=str) == [("fgsm untargeted", 50), ("fgsm untargeted", None)]
    assert store.cell(theirs.id).result == other.cell(theirs.id).result


def test_a_done_result_replaces_a_failure_and_not_the_other_way(store: Store, other: Store) -> None:
    first, second, third = (cell(seed=seed) for seed in range(3))
    for played in (first, third):
        store.record(played, failed(played))
    store.record(second, done(second))
    store.enrol("s", [Row(first)])
    other.record(first, done(first))
    other.record(second, failed(second))
    other.record(third, failed(third))
    assert merge(store, other) == Merged(taken=1, shared=2)
    assert store.cells().sort_values("seed").status.tolist() == ["done", "done", "failed"]


def test_in_one_place_ours_stays(store: Store, other: Store) -> None:
    ours, theirs = cell(k=1), cell(k=2)
    store.enrol("s", [Row(ours)])
    other.enrol("s", [Row(theirs)])
    other.record(theirs, done(theirs))
    merge(store, other)
    assert store.cells(suite="s").cell.tolist() == [ours.id]
    assert store.cell(theirs.id).result is not None


def test_a_store_is_not_merged_with_itself(store: Store) -> None:
    with pytest.raises(StoreError, match="the same store"):
        merge(store, Store.open(store.path))
