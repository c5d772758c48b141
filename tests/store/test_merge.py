from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from store_samples import TARGET, Row, cell, done, everything, failed, only_sqlite, ref

from benchbox.contracts import Grant
from benchbox.errors import StoreError
from benchbox.records import Measurement, Status
from benchbox.store import Merged, Store, merge
from benchbox.store.models import AttackRow


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, new_store: Callable[[str, str], Store]) -> Store:
    return new_store(request.param, "other")


def test_the_union_holds_both(store: Store, other: Store) -> None:
    mine, shared, theirs = (cell(seed=seed, k=seed, uses=(Grant.LABELS,)) for seed in range(3))
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
    before = everything(store)
    with pytest.raises(StoreError, match=f"1 cell has other measurements.*nothing was merged: {shared.id}"):
        merge(store, other)
    assert everything(store) == before


@only_sqlite
@pytest.mark.parametrize("other", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n": 180}, "accuracy at 50 queries is 0.5 of 360 here, 0.5 of 180 there"),
        ({"spent": 40}, "accuracy at 50 queries is not measured here, 0.5 of 360 there"),
        ({"budget": 75}, "accuracy at 50 queries is 0.5 of 360 here, not measured there"),
        ({"budget": 25}, "accuracy at 25 queries is not measured here, 0.5 of 360 there"),
    ],
)
def test_of_how_many_images_and_queries_a_number_is_makes_a_conflict_too(
    store: Store, other: Store, change: dict[str, int], said: str
) -> None:
    played = cell()
    store.record(played, done(played))
    theirs = done(played)
    theirs.measurements[0] = dataclasses.replace(theirs.measurements[0], **change)
    other.record(played, theirs)
    with pytest.raises(StoreError, match=said):
        merge(store, other)


@only_sqlite
@pytest.mark.parametrize("other", ["sqlite"], indirect=True)
def test_what_only_theirs_measured_of_a_metric_that_both_knew_is_a_conflict(store: Store, other: Store) -> None:
    played = cell()
    store.record(played, done(played))
    theirs = done(played)
    theirs.measurements.append(Measurement("accuracy", "", 75, 75, 0.55, 360))
    other.record(played, theirs)
    with pytest.raises(StoreError, match=r"accuracy at 75 queries is not measured here, 0.55 of 360 there"):
        merge(store, other)


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


def test_nothing_is_left_of_a_failure_that_a_result_replaces(store: Store, other: Store) -> None:
    played = cell()
    partial = done(played, 0.25)
    partial.status, partial.measurements = Status.FAILED, [Measurement("accuracy", "", 25, 25, 0.25, 360)]
    store.record(played, partial)
    other.record(played, done(played))
    assert merge(store, other) == Merged(taken=1, shared=0)
    assert store.cell(played.id).result == other.cell(played.id).result


def test_versions_of_one_method_stay_apart(store: Store, other: Store) -> None:
    first = cell(seed=0)
    second = first.model_copy(update={"method": ref("selector", "drmi", version=2)})
    store.record(first, done(first))
    other.record(second, done(second))
    merge(store, other)
    assert dict(zip(*(store.cells()[name] for name in ("cell", "version")), strict=True)) == {first.id: 1, second.id: 2}


def test_in_one_place_ours_stays(store: Store, other: Store) -> None:
    ours, theirs = cell(k=1), cell(k=2)
    store.enrol("s", [Row(ours)])
    other.enrol("s", [Row(theirs)])
    other.record(theirs, done(theirs))
    merge(store, other)
    assert store.cells(suite="s").cell.tolist() == [ours.id]
    assert store.cell(theirs.id).result is not None


def test_a_store_is_not_merged_with_itself(store: Store) -> None:
    with pytest.raises(StoreError, match="the same store"), Store.open(store.address) as again:
        merge(store, again)


FORGED_FILE = pytest.mark.parametrize("other", ["sqlite"], indirect=True)


@FORGED_FILE
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE cells SET id = 'abcdefabcdefabcd'",
            "row id 'abcdefabcdefabcd': id is 'abcdefabcdefabcd', its identity gives",
        ),
        ("UPDATE cells SET seed = 9", "seed is 9, its identity says 0"),
        ("UPDATE cells SET privileged = 1", "privileged is True, its identity says False"),
        ("UPDATE cells SET trainer = 'poisson'", "trainer is 'poisson', and its name 'standard'"),
        ("UPDATE cells SET trainer_version = 1", "trainer_version is 1, its identity says 2"),
        ("UPDATE cells SET uses = ''", "uses is '', its identity says 'labels'"),
        ("UPDATE cells SET identity = json_set(identity, '$.seed', 9)", "its identity gives"),
        ("UPDATE methods SET name = 'mega'", "the method's name is 'mega', its identity says 'drmi'"),
        ("UPDATE methods SET version = 2", "the method's version is 2, its identity says 1"),
        ("UPDATE methods SET spec = 'mega'", "the method's spec is 'mega', and its name 'drmi'"),
        (
            "UPDATE scenarios SET identity = json_set(identity, '$.access', 'probabilities')",
            "table 'scenarios', row number 1",
        ),
        ("UPDATE scenarios SET target_sha256 = 'abc'", "target_sha256 is 'abc', its identity says 'fff"),
        ("""UPDATE environments SET data = '{"device":"cuda"}'""", "table 'environments', row hash"),
        (
            "UPDATE measurements SET value = 7 WHERE metric = 1 AND budget = 50",
            "metric 'accuracy', budget 50, spent 50: value",
        ),
        ("UPDATE measurements SET value = -0.5 WHERE metric = 1", "value is -0.5, not between 0 and 1"),
        ("UPDATE measurements SET value = -1 WHERE metric = 3", "value is -1.0, not a finite number of at least 0"),
        ("UPDATE measurements SET value = 9e999", "value is inf, not a finite number"),
        ("UPDATE measurements SET value = 'much'", "value is 'much', not a number"),
        ("UPDATE measurements SET n = -5", "n is -5, not at least 0"),
        ("UPDATE ledger SET queries = -5", "queries is -5, not at least 0"),
        ("UPDATE confusions SET matrix = x'00'", "table 'confusions', row cell"),
        ("UPDATE searches SET counts = x'00'", "table 'searches', row cell"),
    ],
)
def test_a_forged_or_damaged_file_is_refused_whole(store: Store, other: Store, statement: str, said: str) -> None:
    refuse(store, other, statement, said)


@FORGED_FILE
def test_the_store_that_is_damaged_is_the_one_that_is_named(store: Store, other: Store) -> None:
    played = cell(uses=(Grant.LABELS,))
    store.enrol("s", [Row(played)])
    store.record(played, done(played), TARGET)
    refuse(store, other, "UPDATE cells SET identity = '{not json'", "is damaged, or another program wrote to it")


@pytest.mark.parametrize("other", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE cells SET seed = 9", "seed is 9, its identity says 0"),
        ("UPDATE cells SET identity = '[1]'", "'[1]' is not an identity"),
        ("UPDATE cells SET privileged = true", "privileged is True, its identity says False"),
        ("UPDATE measurements SET value = 7 WHERE metric = 1", "metric 'accuracy', budget 50, spent 50: value"),
        ("UPDATE measurements SET value = 'Infinity'", "value is inf, not a finite number"),
        ("UPDATE measurements SET value = 'NaN'", "value is nan, not a finite number"),
        ("UPDATE ledger SET queries = -5", "queries is -5, not at least 0"),
        ("UPDATE confusions SET matrix = '\\x00'", "table 'confusions', row cell"),
    ],
)
def test_a_forged_database_is_refused_whole(store: Store, other: Store, statement: str, said: str) -> None:
    refuse(store, other, statement, said)


def refuse(store: Store, other: Store, statement: str, said: str) -> None:
    """Check that a store with a result is not merged once a statement has changed it."""
    played = cell(uses=(Grant.LABELS,))
    other.enrol("s", [Row(played)])
    other.record(played, done(played), TARGET)
    with other.dialect.writer.begin() as connection:
        connection.exec_driver_sql(statement)
    before = everything(store)
    with pytest.raises(StoreError) as error, Store.open(other.address) as again:
        merge(store, again)
    assert said in str(error.value)
    assert str(other.address) in str(error.value)
    assert "\n" not in str(error.value)
    assert everything(store) == before


def test_the_results_that_ship_have_the_ids_of_their_identities_and_are_moved_as_they_are(store: Store) -> None:
    with Store.open(Path(__file__).parents[2] / "results.db", create=False) as shipped:
        merge(store, shipped)
        reads = ("cells", "measurements", "confusions", "diagnostics", "pictures", "targets")
        assert [name for name in reads if not getattr(store, name)().equals(getattr(shipped, name)())] == []
    assert len(store.cells()) > 100


def test_a_conflict_names_method_seed_scenario_and_what_to_do(store: Store, other: Store) -> None:
    played, unplaced = cell(seed=3), cell(seed=4, method="random", k=2)
    store.enrol("s", [Row(played, label="ours", scenario="hard labels")])
    for one in (played, unplaced):
        store.record(one, done(one, 0.5))
        other.record(one, done(one, 0.25))
    with pytest.raises(StoreError) as error:
        merge(store, other)
    said = str(error.value)
    assert (
        "ours, seed 3, scenario 'hard labels' on digits: accuracy at 50 queries is 0.5 of 360 here, 0.25 of 360 there"
        in said
    )
    assert "random[k=2], seed 4, scenario 'against digits-lenet5' on digits" in said
    assert f"look at both with 'benchbox show {min(played.id, unplaced.id)} --db FILE'" in said
    assert "merge again with --keep-mine" in said


def test_keeping_mine_merges_the_rest(store: Store, other: Store) -> None:
    shared, theirs = cell(seed=0), cell(seed=1)
    store.record(shared, done(shared, 0.5))
    for played in (shared, theirs):
        other.record(played, done(played, 0.25))
    assert merge(store, other, keep_mine=True) == Merged(taken=1, shared=1)
    assert store.measurements(metric="accuracy", budget=50).value.tolist() == [0.5, 0.25]


def test_partial_measurements_of_failed_cells_make_no_conflict(store: Store, other: Store) -> None:
    played = cell()
    store.record(played, done(played, 0.5))
    partial = done(played, 0.25)
    partial.status = Status.FAILED
    other.record(played, partial)
    assert merge(store, other) == Merged(taken=0, shared=1)
