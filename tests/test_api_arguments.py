"""What Python callers may write: checked as the command line checks, one alone as good as a list of one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from digits_suite import digits_suite

import benchbox
from benchbox.api import play
from benchbox.contracts import Selector
from benchbox.errors import BenchboxError
from benchbox.suites import Planned


class Mine(Selector):
    """Takes the first images."""

    name = "mine"

    def select(self, game: Any, k: int) -> Any:
        return range(k)


class Lacking(Selector):
    """Writes nothing."""

    name = "lacking"


def inner() -> type[Selector]:
    class Inner(Mine):
        pass

    return Inner


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Planned]:
    """The cells that ``run`` would play, and a folder with a suite."""
    cells: list[Planned] = []

    def run_cells(planned: list[Planned], *_: Any, **__: Any) -> SimpleNamespace:
        cells[:] = planned
        return SimpleNamespace(exit_code=0)

    monkeypatch.chdir(tmp_path)
    Path("trial.toml").write_text(digits_suite("random", "drmi", seeds=2, attacks='[{ use = "fgsm" }]'))
    monkeypatch.setattr("benchbox.execution.run_cells", run_cells)
    return cells


def test_one_alone_is_a_list_of_one_and_paths_are_paths(played: list[Planned]) -> None:
    benchbox.run(Path("trial.toml"), methods="random", seeds=1, budgets=10, db=Path("one.db"), images=5)
    assert [(p.label, p.seed) for p in played] == [("random", 0)]
    assert played[0].cell is not None
    assert played[0].cell.scenario.budgets == (10,)
    assert Path("one.db").is_file()
    assert benchbox.results(Path("one.db")).empty


def test_a_trainer_of_python_is_that_of_the_command_line(played: list[Planned]) -> None:
    benchbox.run("trial.toml", methods="random", trainers="standard[updates=9]", seeds=1)
    assert [p.label for p in played] == ["random + standard[updates=9]"]


def test_seeds_of_python_are_those_of_the_command_line(played: list[Planned]) -> None:
    seeds: Any
    for seeds, expected in ((3, [0, 1, 2]), ("3,", [3]), ([4], [4]), ("2..3", [2, 3])):
        benchbox.run("trial.toml", methods=["random"], seeds=seeds)
        assert [p.seed for p in played] == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": True}, "seeds: True should be a whole number"),
        ({"seeds": -1}, "seeds: -1 is not how many seeds to play"),
        ({"budgets": 0}, "a budget of 0 queries is not possible"),
        ({"budgets": "20"}, "budgets: '20' should be a whole number"),
        ({"methods": ""}, "methods: an empty value names nothing"),
        ({"methods": 3}, "methods: 3 should be text"),
        ({"trainers": 3}, "trainers: 3 should be text"),
        ({"trainers": "standrd"}, "there is no trainer 'standrd' in --trainer; did you mean 'standard'?"),
        ({"datasets": [None]}, "datasets: None should be text"),
        ({"seeds": []}, "seeds: an empty list names nothing; leave seeds out"),
        ({"methods": []}, "methods: an empty list names nothing"),
        ({"device": 3}, "device: 3 should be text"),
        ({"images": 0}, "images: 0 should be a whole number from 1"),
        ({"images": True}, "images: True should be a whole number from 1"),
        ({"precision": "fp16"}, "there is no precision 'fp16'; did you mean 'bf16'?"),
        ({"jobs": -1}, "-1 jobs are not possible"),
        ({"jobs": "2"}, "'2' jobs are not possible"),
        ({"time_limit": 0}, "time_limit: 0 should be a number of seconds above 0"),
        ({"time_limit": float("nan")}, "time_limit: nan should be"),
        ({"time_limit": float("inf")}, "time_limit: inf should be"),
        ({"db": ""}, "db: '' is no store"),
        ({"db": 3}, "db: 3 is no store"),
        ({"plugins": "nowhere.py"}, "plugin file 'nowhere.py' does not exist"),
        ({"plugins": [Mine]}, "without class 'Mine' of this one; say jobs=0, or save it in a file"),
        ({"plugins": [Mine, int], "jobs": 0}, "<class 'int'> is no plugin; subclass Selector"),
        ({"plugins": Selector, "jobs": 0}, "is no plugin; subclass Selector, or another contract, and give it a name"),
        ({"plugins": Lacking, "jobs": 0}, "selector 'lacking' does not write select()"),
        ({"plugins": inner(), "jobs": 0}, "selector 'mine' is not found as 'test_api_arguments:inner.<locals>.Inner'"),
        ({"plugins": 3}, "plugins: 3 should be paths or classes, or a list"),
        ({"suite": Path("nowhere.toml")}, "suite file 'nowhere.toml' cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence_before_anything_runs(
    asked: dict[str, Any], said: str, played: list[Planned]
) -> None:
    with pytest.raises(BenchboxError) as error:
        benchbox.run(**{"suite": "trial.toml", **asked})
    assert said in str(error.value)
    assert not played
    assert not Path("results.db").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"jobs": -1}, "-1 jobs are not possible"),
        ({"jobs": 0, "cluster": "tcp://127.0.0.1:8786"}, "jobs=0 plays in this process"),
        ({"time_limit": -5}, "time_limit: -5 should be a number of seconds above 0"),
    ],
)
def test_what_was_planned_is_not_played_in_an_impossible_way(
    asked: dict[str, Any], said: str, played: list[Planned]
) -> None:
    made = benchbox.plan("trial.toml")
    with pytest.raises(BenchboxError) as error:
        play(made, **asked)
    assert said in str(error.value)
    assert not played


def test_a_run_shows_itself_where_it_is_asked_to(monkeypatch: pytest.MonkeyPatch, played: list[Planned]) -> None:
    given: list[Any] = []
    monkeypatch.setattr(
        "benchbox.execution.run_cells",
        lambda *_, display, **__: given.append(display) or SimpleNamespace(exit_code=0),
    )
    shown: Any
    for shown in (None, False, True):
        benchbox.run("trial.toml", methods="random", seeds=1, display=shown)
    assert [type(display).__name__ for display in given] == ["NoneType", "NoneType", "Plain"]


def test_dir_lists_what_there_is() -> None:
    there = {"run", "plan", "results", "leaderboard", "plot", "audit", "given", "sweep", "BenchboxError"}
    assert there == {n for n in dir(benchbox) if n[0] != "_"}
