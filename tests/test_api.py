"""From Python: what is played again because its source changed, and how a run is put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from digits_suite import digits_suite

import benchbox
from benchbox.contracts import Access
from benchbox.errors import DataError, OptionError, SuiteError
from benchbox.playing import changed
from benchbox.records import Sealed, Status
from benchbox.store import Store
from benchbox.suites import AttackPlan, Cell, PluginRef, Scenario, TargetRef

PLUGIN = """
import torch
from benchbox.contracts import Selector

class Mine(Selector):
    '''A selector of the test.'''
    name = "mine"
    def select(self, game, k):
        return torch.arange(k)
"""


def ref(kind: str, name: str, source: str, *, builtin: bool = False) -> PluginRef:
    return PluginRef(kind=kind, name=name, version=1, spec=name, options={}, source=source, builtin=builtin)


def cell(method: PluginRef, *attacks: PluginRef) -> Any:
    plans = tuple(AttackPlan(attack=attack, goal="untargeted", success=()) for attack in attacks)
    scenario = Scenario(
        dataset="toy",
        dataset_hash="0",
        target=TargetRef(name="toy", sha256="0" * 64),
        substitute=ref("model", "toy", ""),
        access=Access.LABEL,
        pool=None,
        budgets=(10,),
        attacks=plans,
    )
    return SimpleNamespace(cell=Cell(scenario=scenario, method=method, seed=0))


class Kept:
    """A store that knows of every cell what its contestants' sources were."""

    def __init__(self, **sources: str) -> None:
        self._sources = {key.replace("_", " "): source for key, source in sources.items()}

    def sources(self, ids: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        return dict.fromkeys(ids, self._sources)


@pytest.mark.parametrize(
    ("item", "then", "again"),
    [
        (cell(ref("selector", "mine", "new")), {"selector_mine": "old"}, "selector mine"),
        (cell(ref("selector", "mine", "old")), {"selector_mine": "old"}, ""),
        (cell(ref("selector", "mine", "new")), {}, ""),
        (cell(ref("selector", "mine", "new", builtin=True)), {"selector_mine": "old"}, ""),
        (cell(ref("selector", "a", "x", builtin=True), ref("attack", "b", "new")), {"attack_b": "old"}, "attack b"),
        (cell(ref("selector", "a", "new"), ref("attack", "b", "old")), {"selector_a": "x", "attack_b": "old"}, "selector a"),
        (cell(ref("selector", "a", "x"), ref("attack", "b", "new", builtin=True)), {"attack_b": "old"}, ""),
    ],
)  # fmt: skip
def test_a_strangers_changed_source_is_played_again_and_a_built_in_ones_not(
    item: Any, then: dict[str, str], again: str
) -> None:
    said: list[str] = []
    assert changed([item], Kept(**then), said.append) == ({item.cell.id} if again else set())  # type: ignore[arg-type]
    assert said == (
        [f"the source of {again} changed since it was played: 1 done cells are played again"] if again else []
    )


def test_cells_without_an_id_changed_nothing() -> None:
    assert changed([SimpleNamespace(cell=None)], Kept(), lambda line: None) == set()  # type: ignore[arg-type, list-item]


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.toml"
    file.write_text(digits_suite("random", "mine", budgets=[5]))
    (tmp_path / "mine.py").write_text(PLUGIN)
    return file


def test_a_plugin_whose_source_changed_is_played_again_and_the_others_are_left(suite: Path, tmp_path: Path) -> None:
    db, said = str(tmp_path / "results.db"), list[str]()

    def run(**more: Any) -> Any:
        return benchbox.run(
            str(suite), db=db, jobs=0, device="cpu", plugins=[tmp_path / "mine.py"], report=said.append, **more
        )

    first = run()
    assert (first.done, first.exit_code, said) == (2, 0, [])
    again = run()
    assert (again.done, again.already, said) == (0, 2, [])

    (tmp_path / "mine.py").write_text(PLUGIN.replace("torch.arange(k)", "torch.arange(k) + 7"))
    changed = run()
    assert (changed.done, changed.already, changed.exit_code) == (1, 1, 0)
    assert said == ["the source of selector mine changed since it was played: 1 done cells are played again"]
    assert run().already == 2
    with Store.open(db) as store:
        results = [store.cell(cell_id).result for cell_id in store.cells()["cell"]]
    assert all(result is not None and (result.status, result.sealed) == (Status.DONE, Sealed.NO) for result in results)
    assert not Path(f"{db}.work").exists()


def test_a_suite_that_demands_walls_is_refused_where_there_are_none(suite: Path, tmp_path: Path) -> None:
    suite.write_text(digits_suite("random", "mine", budgets=[5], settings='sealed = "process"'))
    with pytest.raises(SuiteError, match=r"'process', and they would be as 'no': jobs=0 plays in this process"):
        benchbox.run(str(suite), db=str(tmp_path / "results.db"), jobs=0, device="cpu", plugins=[tmp_path / "mine.py"])
    assert not (tmp_path / "results.db").exists()


def test_what_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="-1 jobs are not possible"):
        benchbox.run("label-only", jobs=-1)
    with pytest.raises(OptionError, match="no device 'gpu'"):
        benchbox.plan("label-only", device="gpu")
    with pytest.raises(DataError, match="does not exist"):
        benchbox.plan("label-only", data_dir=tmp_path / "nowhere")
