"""Observers: what they are told of a run, that they cannot break one, and where they may come from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from digits_suite import digits_suite

import benchbox
from benchbox.cli import main
from benchbox.contracts import CellBegan, CellEnded, CellScored, Observer, RunEnded
from benchbox.errors import OptionError, UnknownNameError
from benchbox.observing import observer_of
from benchbox.store import Store

Install = Callable[..., None]


class Notes(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def cell_began(self, event: CellBegan) -> None:
        self.events.append(event)

    def cell_scored(self, event: CellScored) -> None:
        self.events.append(event)

    def cell_ended(self, event: CellEnded) -> None:
        self.events.append(event)

    def run_ended(self, event: RunEnded) -> None:
        self.events.append(event)


class Failing(Observer):
    """Fails whenever a cell begins or the run ends."""

    def cell_began(self, event: CellBegan) -> None:
        raise OSError("no network today")

    def run_ended(self, event: RunEnded) -> None:
        raise SystemExit(3)


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    (tmp_path / "trial.toml").write_text(digits_suite("random", "random-stratified", budgets=(10, 20)))
    return tmp_path / "trial.toml"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def installed(name: str, body: str, *, plugins: bool = False) -> None:
        info = tmp_path / "site" / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[benchbox.observers]\n{name} = {name}_module:Mine\n" + f"[benchbox]\n{name} = {name}_module\n" * plugins
        )
        (tmp_path / "site" / f"{name}_module.py").write_text(body)
        monkeypatch.delitem(sys.modules, f"{name}_module", raising=False)  # of another test

    return installed


def test_they_are_told_of_every_cell_in_turn_and_a_failing_one_costs_a_warning(suite: Path, tmp_path: Path) -> None:
    notes, lines = Notes(), []
    ended = benchbox.run(
        suite, db=tmp_path / "r.db", device="cpu", observers=[Failing(), notes], display=False, report=lines.append
    )
    assert ended.exit_code == 0
    assert ended.done == 2
    *told, last = notes.events
    assert (type(last), last.done, last.failed, last.left) == (RunEnded, 2, 0, 0)
    for method in ("random", "random-stratified"):
        first, *scores, end = [event for event in told if event.place.method == method]
        assert isinstance(first, CellBegan)
        assert isinstance(end, CellEnded)
        assert all(isinstance(score, CellScored) and score.metric == "accuracy" for score in scores)
        assert (end.status, end.error, end.place.dataset, end.place.seed) == ("done", "", "digits", 0)
        with Store.open(tmp_path / "r.db") as store:
            kept = store.cell(end.place.cell).result
        assert kept is not None
        assert {(m.metric, m.budget, m.value) for m in end.measurements} == {
            (m.metric, m.budget, m.value) for m in kept.measurements
        }
    assert [line for line in lines if "observer" in line] == [
        "observer Failing failed, and the run goes on: OSError: no network today",
        "observer Failing failed 3 times in all",
    ]


def test_one_that_is_installed_is_found_by_its_name(install: Install) -> None:
    install("mine", "from benchbox.contracts import Observer\nclass Mine(Observer):\n    pass\n")
    assert type(observer_of("mine")).__name__ == "Mine"
    with pytest.raises(UnknownNameError, match="did you mean 'mine'"):
        observer_of("mien")


def test_one_that_comes_with_plugins_is_never_imported(install: Install, tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    install("both", f"open({str(trace)!r}, 'w')\nclass Mine:\n    pass\n", plugins=True)
    with pytest.raises(OptionError, match="comes from 'both', which brings plugins, too"):
        observer_of("both")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import nothing_of_that_name", "observer 'bad' cannot be used: ModuleNotFoundError"),
        (
            "class Mine:\n    def __init__(self):\n        raise ValueError('no URL')",
            "cannot be used: ValueError: no URL",
        ),
        ("class Mine:\n    pass", "which is no benchbox.contracts.Observer"),
    ],
)
def test_one_that_cannot_be_used_is_said_before_anything_is_played(
    install: Install, suite: Path, tmp_path: Path, body: str, said: str
) -> None:
    install("bad", body)
    command = ["run", "--suite", str(suite), "--db", str(tmp_path / "r.db"), "--observer", "bad"]
    done = CliRunner().invoke(main, command)
    assert (done.exit_code, said in done.stderr) == (2, True), done.output
    assert not (tmp_path / "r.db").exists()


def test_where_none_is_installed_it_says_how_one_is() -> None:
    with pytest.raises(UnknownNameError, match=r"entry point of the group 'benchbox\.observers'"):
        observer_of("mlflow")
