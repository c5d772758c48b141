from __future__ import annotations

import dataclasses
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update
from store_samples import TARGET, Row, cell, done, failed, only_sqlite, ref

from benchbox.contracts import Grant
from benchbox.errors import StoreError
from benchbox.images.pool import PoolRule
from benchbox.records import Measurement, Sealed, Status
from benchbox.store import NOT_RECORDED, Store
from benchbox.store.models import AttackRow, ClaimRow
from benchbox.store.sentences import look_through
from benchbox.target.recipe import Recipe
from benchbox.target.zoo.record import TargetRecord


def test_a_result_comes_back_as_it_went_in(store: Store) -> None:
    played = cell(k=3)
    assert store.record(played, done(played), TARGET, "benchbox", "0.1.0")
    found = store.cell(played.id)
    expected = done(played)
    assert found.result is not None
    for name in ("measurements", "ledger"):
        got, wanted = getattr(found.result, name), getattr(expected, name)
        assert sorted(got, key=str) == sorted(wanted, key=str)
    same = [f.name for f in dataclasses.fields(expected) if f.name not in ("measurements", "ledger")]
    assert {name: getattr(found.result, name) for name in same} == {name: getattr(expected, name) for name in same}
    assert found.identity == played.identity
    assert found.target_record == TARGET
    assert (found.spec, found.package, found.package_version) == ("drmi[k=3]", "benchbox", "0.1.0")


def test_nothing_that_was_recorded_looks_like_damage(store: Store) -> None:
    store.enrol("s", [Row(cell())])
    store.record(cell(), done(cell()), TARGET)
    assert look_through(store.dialect) is None


def test_a_target_is_taken_from_its_manifest_record(store: Store) -> None:
    more = {
        "model_version": 1,
        "recipe_name": "standard",
        "classes": 10,
        "shape": (1, 28, 28),
        "path": Path("x.safetensors"),
    }
    record = TargetRecord.model_validate({**TARGET, **more, "recipe": Recipe()})
    store.record(cell(), done(cell()), record)
    assert store.targets().to_dict("records") == [{**TARGET, "recipe": Recipe().model_dump(mode="json")}]


def test_spent_leaves_out_scoring_and_counts_the_largest_game(store: Store) -> None:
    played = cell()
    store.record(played, done(played))
    assert store.cell(played.id).spent == 100


def test_a_done_result_is_never_replaced(store: Store) -> None:
    played = cell()
    assert store.record(played, done(played, accuracy=0.5))
    assert not store.record(played, done(played, accuracy=0.9))
    assert not store.record(played, failed(played))
    assert store.statuses([played.id]) == {played.id: Status.DONE}
    assert store.measurements(metric="accuracy", budget=50).value.tolist() == [0.5]


@pytest.mark.parametrize("status", [Status.FAILED, Status.INTERRUPTED, Status.NOT_APPLICABLE])
def test_any_other_result_is_replaced_whole(store: Store, status: Status) -> None:
    played = cell()
    assert store.record(played, failed(played, status))
    assert store.statuses([played.id]) == {played.id: status}
    assert store.record(played, done(played))
    result = store.cell(played.id).result
    assert result is not None
    assert (result.status, result.error, result.traceback) == (Status.DONE, "", "")


def test_a_done_result_gives_way_to_one_that_was_played_again(store: Store) -> None:
    played = cell()
    store.record(played, done(played, accuracy=0.5))
    assert not store.claim(played.id, "me")
    assert store.claim(played.id, "me", set(Status))
    assert not store.record(played, failed(played), again=True)
    assert store.record(played, done(played, accuracy=0.9), again=True)
    result = store.cell(played.id).result
    assert result is not None
    assert [m.value for m in result.measurements if m.metric == "accuracy"] == [0.9, 1.0]


def test_the_sources_of_done_cells_are_read_for_many_at_once(store: Store) -> None:
    played, broken, old = (cell(seed=seed) for seed in range(3))
    store.record(played, done(played))
    store.record(broken, dataclasses.replace(failed(broken), sources={"selector drmi": "00"}))
    store.record(old, dataclasses.replace(done(old), sources={}))
    found = store.sources([played.id, broken.id, old.id, "nowhere"])
    assert found == {played.id: {"selector drmi": "5a" * 32}, old.id: {}}


def test_how_far_a_player_was_sealed_is_a_column_and_a_filter(store: Store) -> None:
    open_, shut, old, waiting = cells = [cell(seed=seed) for seed in range(4)]
    store.enrol("s", [Row(c) for c in cells])
    for played, sealed in ((open_, Sealed.NO), (shut, Sealed.SANDBOX), (old, None)):
        store.record(played, dataclasses.replace(done(played), sealed=sealed))
    found = store.cells(suite="s")
    assert dict(zip(found.cell, found.sealed, strict=True)) == {
        open_.id: "no",
        shut.id: "sandbox",
        old.id: NOT_RECORDED,
        waiting.id: "",
    }
    assert set(store.cells(sealed=["sandbox", NOT_RECORDED]).cell) == {shut.id, old.id}
    assert set(store.measurements(suite="s", sealed="no").cell) == {open_.id}
    assert set(store.measurements(suite="s").sealed) == {"no", "sandbox", NOT_RECORDED}
    assert store.known("sealed") == ["no", NOT_RECORDED, "sandbox"]


def test_who_trained_and_what_was_used_are_columns_and_filters(store: Store) -> None:
    both = (Grant.LABELS, Grant.UNLABELLED)
    plain, short, poisson, own = cells = [
        cell(0),
        cell(1, trainer=ref("trainer", "standard", 2, updates=100), uses=(Grant.LABELS,)),
        cell(2, trainer=ref("trainer", "poisson"), uses=both),
        cell(3, kind="generator", trainer=None),
    ]
    store.enrol("s", [Row(c, label=c.id) for c in cells])
    store.record(short, done(short))
    found = store.cells(suite="s").sort_values("seed")
    assert found.trainer.tolist() == ["standard", "standard[updates=100]", "poisson", ""]
    assert found.trainer_version.tolist() == [2, 2, 1, 0]
    assert found.uses.tolist() == ["", "labels", "labels,unlabelled", ""]
    assert set(store.measurements().trainer) == {"standard[updates=100]"}
    assert set(store.measurements().uses) == {"labels"}
    assert set(store.cells(trainer="standard").cell) == {plain.id, short.id}
    assert set(store.cells(trainer=["standard[updates=100]", "poisson"]).cell) == {short.id, poisson.id}
    assert set(store.cells(uses="labels").cell) == {short.id, poisson.id}
    assert set(store.cells(uses="unlabelled").cell) == {poisson.id}
    assert set(store.cells(uses="").cell) == {plain.id, own.id}
    assert store.known("trainer") == ["poisson", "standard", "standard[updates=100]"]
    assert store.known("uses") == ["labels", "unlabelled"]
    shown = store.cell(poisson.id)
    assert (shown.trainer, shown.trainer_version, shown.uses) == ("poisson", 1, "labels,unlabelled")


def test_scenarios_share_a_row_whatever_they_grant(dialect: str, new_store: Callable[[str, str], Store]) -> None:
    stored = []
    for name, order in (("a", (0, 1)), ("b", (1, 0))):
        with new_store(dialect, name) as store:
            for seed in order:
                played = cell(seed)
                rule = PoolRule(labels=seed == 1, unlabelled=seed == 1)
                scenario = played.scenario.model_copy(update={"pool": rule})
                store.enrol("s", [Row(played.model_copy(update={"scenario": scenario}), label=str(seed))])
            stored.append([store.cell(cell).pool for cell in store.cells().cell])
    assert stored == [[{"dataset": None, "disjoint": False, "size": None}] * 2] * 2


def test_an_attack_is_stored_with_its_plan(store: Store) -> None:
    played = cell(images=50)
    store.record(played, done(played))
    with store.reading() as session:
        rows = {row.name: row for row in session.scalars(select(AttackRow))}
        plan = rows["fgsm untargeted"]
        assert plan.hash == played.scenario.attacks[0].hash
        assert (plan.goal, plan.at, plan.images, plan.definitions) == ("untargeted", "every", 50, ["asr_untargeted"])
        assert (plan.norm, plan.radius) == (None, None)
        assert rows[""].hash == ""


def test_a_whole_suite_gives_up_empty_places_that_it_no_longer_has(store: Store) -> None:
    kept, former, played, elsewhere = cell(k=1), cell(k=2), cell(k=3), cell(k=4)
    labels = {"kept": kept, "former": former, "played": played, "elsewhere": elsewhere}
    store.enrol("s", [Row(c, label=label) for label, c in labels.items()])
    store.enrol("t", [Row(elsewhere, label="elsewhere")])
    store.record(played, done(played))

    def places() -> list[tuple[str, str]]:
        found = store.cells()
        return sorted(zip(found["suite"], found["label"], strict=True))

    everything = [("s", "elsewhere"), ("s", "former"), ("s", "kept"), ("s", "played"), ("t", "elsewhere")]
    store.enrol("s", [Row(kept, label="kept")])
    assert places() == everything, "a narrowed run says nothing of the others"
    store.claim(former.id, "another run")
    store.enrol("s", [Row(kept, label="kept")], whole=True)
    assert places() == everything, "another run may be on its way to them"
    with store.writing() as session:
        session.execute(update(ClaimRow).values(heartbeat=0.0))  # it was killed
    store.enrol("s", [Row(kept, label="kept")], whole=True)
    assert places() == [("s", "kept"), ("s", "played"), ("t", "elsewhere")]


def test_enrolled_cells_show_as_missing_until_they_have_a_result(store: Store) -> None:
    first, second = cell(seed=0), cell(seed=1)
    store.enrol("label-only", [Row(first), Row(second), Row(None)])
    store.record(first, done(first))
    assert store.statuses([first.id, second.id]) == {first.id: Status.DONE}
    frame = store.cells(suite="label-only")
    assert frame.status.tolist() == ["done", "missing"]
    assert math.isnan(frame.seconds[1])


def test_a_cell_stands_in_several_suites_and_a_place_holds_one_cell(store: Store) -> None:
    old, new = cell(k=1), cell(k=2)
    assert store.enrol("label-only", [Row(old)]) == 0
    store.enrol("smoke", [Row(old)])
    assert store.enrol("smoke", [Row(new)]) == 0, "no result has lost its place"
    store.enrol("smoke", [Row(old)])
    store.record(old, done(old))
    store.record(new, done(new))
    assert store.enrol("label-only", [Row(new)]) == 1
    assert store.enrol("label-only", [Row(new)]) == 0
    assert store.cells(suite="label-only").cell.tolist() == [new.id]
    assert store.cells(suite="smoke").cell.tolist() == [old.id]
    store.enrol("smoke", [Row(new)])
    assert store.cells(suite="").cell.tolist() == [old.id], "its result is kept, outside the suites"


def test_frames_keep_their_columns_when_empty(store: Store) -> None:
    assert "value" in store.measurements().columns
    assert "seconds" in store.cells().columns
    assert "matrix" in store.confusions().columns
    assert "png" in store.pictures().columns
    assert list(store.targets().columns) == list(TARGET)


def test_filters_take_a_value_or_several_and_method_matches_name_spec_or_label(store: Store) -> None:
    cells = [cell(seed=seed, method=method, k=2) for method in ("drmi", "random") for seed in (0, 1, 2)]
    store.enrol("s", [Row(c, label=f"my {c.method.name}") for c in cells])
    for played in cells:
        store.record(played, done(played), TARGET)
    assert len(store.cells()) == 6
    assert len(store.cells(seed=[0, 2], method="drmi")) == 2
    assert len(store.cells(method=["drmi[k=2]", "my random"])) == 6
    assert len(store.measurements(metric="accuracy", budget=50, dataset="digits", privileged=False)) == 6
    assert store.measurements(cell=cells[0].id).value.isna().sum() == 1
    assert store.confusions(method="drmi").matrix[0] == [[3, 1], [0, 4]]
    assert store.pictures(seed=1).png[0] == b"\x89PNG\r\n"
    assert store.targets().to_dict("records") == [TARGET]
    with pytest.raises(TypeError, match="sed"):
        store.cells(sed=1)  # type: ignore[call-arg]


def test_frames_do_not_depend_on_the_order_of_writing(dialect: str, new_store: Callable[[str, str], Store]) -> None:
    cells = [cell(seed=seed, method=method) for method in ("random", "drmi") for seed in (0, 1)]
    rows = [Row(c, label=c.method.name, position=int(c.method.name == "drmi")) for c in cells]
    frames = []
    for name, order in (("a", cells), ("b", cells[::-1])):
        store = new_store(dialect, name)
        for played in order:
            store.record(played, done(played))
        store.enrol("s", rows if name == "a" else rows[::-1])
        frames.append(store.measurements())
    assert frames[0].equals(frames[1])
    assert frames[0].label.drop_duplicates().tolist() == ["random", "drmi"], "the suite's order"


def test_a_cell_is_found_by_the_start_of_its_id(store: Store) -> None:
    cells = [cell(seed=seed) for seed in range(20)]
    store.enrol("s", [Row(c) for c in cells])
    assert store.cell(cells[0].id[:12]).id == cells[0].id
    with pytest.raises(StoreError, match="an empty id names no cell"):
        store.cell("")
    shared = next(digit for digit in "0123456789abcdef" if sum(c.id.startswith(digit) for c in cells) > 1)
    with pytest.raises(StoreError, match="start of several cells"):
        store.cell(shared)
    wrong = cells[3].id[:-1] + "x"
    with pytest.raises(StoreError, match=f"no cell '{wrong}'; did you mean '{cells[3].id}'"):
        store.cell(wrong)
    with pytest.raises(StoreError, match="no cell '%'"):
        store.cell("%")


def test_many_cells_are_told_as_each_alone_is(store: Store) -> None:
    cells = [cell(seed=seed) for seed in range(3)]
    store.enrol("s", [Row(c) for c in cells])
    for played in cells[:2]:
        store.record(played, done(played), TARGET)
    ids = [cells[number].id for number in (2, 0, 1)]
    assert list(store.details(ids)) == [store.cell(ident) for ident in ids]
    _, played, _ = store.details(ids, without=("confusions", "pictures", "searches"))
    assert played.result is not None
    assert (bool(played.result.measurements), played.result.confusions, played.result.pictures) == (True, [], [])
    with pytest.raises(StoreError, match=f"there is no cell '{ids[0][:8]}'; expected whole ids"):
        list(store.details([ids[1], ids[0][:8]]))


@only_sqlite
def test_the_store_is_one_file(store: Store) -> None:
    store.record(cell(), done(cell()))
    assert [path.name for path in store.address.file.parent.iterdir()] == ["results.db"]


@only_sqlite
def test_a_full_set_of_suites_stays_small(store: Store) -> None:
    """3,000 cells with 60 measurements must stay under 25 MB; here 60 such cells, so under 500 kB."""
    for seed in range(60):
        played = cell(seed=seed)
        result = done(played)
        result.measurements = [
            Measurement(f"metric {i % 6}", "", budget=100 * i, spent=50, value=1 / (seed + i + 2), n=360)
            for i in range(60)
        ]
        matrix = tuple(tuple((seed * 7 + 13 * i + 31 * j) % 97 for j in range(10)) for i in range(10))
        result.confusions = [dataclasses.replace(result.confusions[0], budget=b, matrix=matrix) for b in range(12)]
        result.ledger = [dataclasses.replace(result.ledger[0], budget=b) for b in range(12)]
        store.record(played, result)
    assert store.address.file.stat().st_size < 500_000


def test_reading_needs_neither_torch_nor_alembic(store: Store) -> None:
    code = (
        "import sys; from benchbox.store import Store; Store.open(sys.argv[1]).measurements();"
        "print([m for m in ('torch', 'art', 'alembic') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(store.address)], capture_output=True, text=True, env=os.environ
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_what_games_were_played_on_is_known_of_those_that_are_done(store: Store) -> None:
    mine, other, broken = cell(seed=0), cell(seed=1), cell(seed=2)
    places = ((mine, "real data"), (other, "elsewhere"), (broken, "real data"))
    store.enrol("toys", [Row(played, scenario) for played, scenario in places])
    for played, processor in ((mine, "A"), (other, "B")):
        store.record(played, dataclasses.replace(done(played), environment={"processor": processor}))
    store.record(broken, dataclasses.replace(failed(broken), environment={"processor": "C"}))
    assert store.played_on("toys", [("digits", "real data")]) == [{"processor": "A"}]
    assert store.played_on("toys", []) == store.played_on("others", [("digits", "real data")]) == []
