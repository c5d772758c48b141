"""How far players are sealed, what a suite may demand of that, and what is hidden."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from execution_toys import TARGET, place

from benchbox import playing
from benchbox.errors import SuiteError
from benchbox.execution import sealing
from benchbox.execution.sealing import sealed_place
from benchbox.isolation.capability import Capability
from benchbox.records import Sealed


def suite(sealed: Sealed | None = None) -> Any:
    return SimpleNamespace(name="toys", sealed=sealed)


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(sealed: Sealed, *reasons: str) -> None:
        monkeypatch.setattr(sealing, "capability", lambda: Capability(sealed, 0, reasons))

    return make


@pytest.mark.parametrize("sealed", [Sealed.PROCESS, Sealed.SANDBOX])
def test_players_are_sealed_as_far_as_the_machine_can(able: Any, sealed: Sealed, tmp_path: Path) -> None:
    able(sealed)
    assert sealed_place(place(tmp_path), suite(), (), here=False).sealed is sealed
    assert sealed_place(place(tmp_path), suite(), (), here=True).sealed is Sealed.NO


def test_the_store_the_targets_and_the_states_are_hidden(able: Any, tmp_path: Path) -> None:
    able(Sealed.SANDBOX)
    store, data = tmp_path / "results.db", tmp_path / "data"
    where = place(tmp_path / "targets").model_copy(
        update={"data_dir": data, "scratch": tmp_path / "work", "choices": tmp_path / "choices"}
    )
    for path in (tmp_path / "targets", data, tmp_path / "work", tmp_path / "choices"):
        path.mkdir()
    store.touch()
    hidden = sealed_place(where, suite(), (store,), here=False).walls.hidden
    assert {store, data, data / "targets", tmp_path / "targets", tmp_path / "work", tmp_path / "choices"} <= set(hidden)


def test_what_is_played_in_this_process_keeps_no_choice_for_others(able: Any, tmp_path: Path) -> None:
    able(Sealed.SANDBOX)
    where = place(tmp_path).model_copy(update={"choices": tmp_path})
    assert sealed_place(where, suite(), (), here=False).choices == tmp_path
    assert sealed_place(where, suite(), (), here=True).choices is None


def test_the_weights_of_a_target_are_hidden_wherever_they_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a data folder, each file may be a link into what players see."""
    hidden = set[Path]()
    monkeypatch.setattr(sealing, "sealed_place", lambda place, suite, unseen, here: hidden.update(unseen))
    record = TARGET.model_copy(update={"path": tmp_path / "weights.safetensors"})
    cells = [SimpleNamespace(target=each, setting=None) for each in (record, None)]
    where, nothing = place(tmp_path), SimpleNamespace(target_folders=())
    made: Any = SimpleNamespace(cells=cells, place=where, suite=suite(), catalogue=nothing)
    db: Any = SimpleNamespace(files=())
    playing.start_here(made, db, 0, 1.0, False)
    assert hidden == {record.path}


def test_folders_that_data_sets_name_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "faces").mkdir(parents=True)
    (tmp_path / "own.npz").touch()

    def ref(**options: object) -> object:
        return SimpleNamespace(options=options)

    setting = SimpleNamespace(dataset=ref(path="faces", resize=8, colour="rgb"), pool=ref(path="own.npz"), public=None)
    made: Any = SimpleNamespace(
        cells=[SimpleNamespace(setting=setting), SimpleNamespace(setting=None)],
        place=SimpleNamespace(data_dir=tmp_path / "data"),
    )
    assert playing._data(made) == {tmp_path / "data" / "faces", tmp_path / "own.npz"}
    setting.pool = ref(path="..")
    assert playing._data(made) == {tmp_path / "data" / "faces"}


def test_a_suite_that_demands_more_is_refused_with_the_machines_reason(able: Any, tmp_path: Path) -> None:
    able(Sealed.PROCESS, "user.max_user_namespaces is 0.")
    demanding = suite(Sealed.SANDBOX)
    with pytest.raises(SuiteError, match=r"suite 'toys' demands .* 'sandbox', .* 'process': user.max_user_namespaces"):
        sealed_place(place(tmp_path), demanding, (), here=False)
    with pytest.raises(SuiteError, match="'no': jobs=0 plays in this process"):
        sealed_place(place(tmp_path), demanding, (), here=True)
    able(Sealed.SANDBOX)
    assert sealed_place(place(tmp_path), demanding, (), here=False).sealed is Sealed.SANDBOX
    assert sealed_place(place(tmp_path), suite(Sealed.PROCESS), (), here=False).sealed is Sealed.SANDBOX
