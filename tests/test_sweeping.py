"""Sweeps: what a grid comes to, and that no test image has a part in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from digits_suite import digits_suite

import benchbox
from benchbox.cli import main
from benchbox.errors import OptionError, UnknownNameError
from benchbox.registry import Catalogue
from benchbox.store import Store
from benchbox.suites import load_suite
from benchbox.sweeping import grid_of


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    path = tmp_path / "trial.toml"
    path.write_text(
        digits_suite("random", seeds=3).replace("budgets = [20]", "budgets = { default = [50], digits = [20] }")
    )
    return path


def test_a_grid_is_counted_before_anything_is_read(suite: Path) -> None:
    grid = grid_of(suite, ["drmi[alpha=1,2,bins=16,256]", "random"], budgets=[30])
    assert grid.selection.methods[:2] == ("drmi[alpha=1,bins=16]", "drmi[alpha=1,bins=256]")
    assert grid.suite == "trial[budgets=30]"
    assert grid.told == "5 methods on held-out:digits: 15 cells"


def test_a_sweep_of_nothing_and_of_nobody_is_one_sentence(suite: Path) -> None:
    with pytest.raises(OptionError, match="a sweep of nothing"):
        grid_of(suite, [])
    with pytest.raises(UnknownNameError, match="drmi"):
        grid_of(suite, "drmy[alpha=1,2]")


def test_every_combination_is_a_cell_on_held_out_images(suite: Path) -> None:
    command = [
        "sweep",
        "drmi[alpha=1,2]",
        "--suite",
        str(suite),
        "--dataset",
        "digits",
        "--seeds",
        "2",
        "--dry-run",
        "--json",
    ]
    planned = json.loads(CliRunner().invoke(main, command).stdout)
    assert [(each["method"], each["seed"]) for each in planned] == [
        (method, seed) for method in ("drmi[alpha=1]", "drmi[alpha=2]") for seed in (0, 1)
    ]
    assert {each["dataset"] for each in planned} == {"held-out:digits"}


def test_a_dry_run_refuses_what_the_sweep_would(suite: Path) -> None:
    command = ["sweep", "random", "--suite", str(suite), "--dry-run", "--observer", "nobody"]
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, "there is no observer 'nobody'" in result.stderr) == (2, True)


def test_held_out_images_are_played_by_the_budgets_of_their_data_set(suite: Path) -> None:
    (scenario,) = load_suite(suite, Catalogue.discover()).scenario
    assert scenario.budgets_for("held-out:digits") == (20,)
    assert scenario.budgets_for("held-out:mnist") == (50,)


def test_it_plays_into_a_store_of_its_own(suite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    suite.write_text(suite.read_text().replace("lenet5", "dnn5"))
    labels = np.arange(60) % 2
    images = labels.repeat(36).reshape(60, 6, 6).astype(np.uint8) * 200
    np.savez(tmp_path / "toy.npz", x_train=images, y_train=labels, x_test=images[:2], y_test=labels[:2])
    lines: list[str] = []
    options: dict[str, Any] = {"datasets": "npz:toy.npz", "seeds": 1, "device": "cpu", "report": lines.append}
    assert benchbox.sweep(suite, "random", budgets=20, **options).exit_code == 0
    assert lines[0] == "1 method on held-out:npz:toy.npz: 1 cell"
    with Store.open(tmp_path / "sweep.db", create=False) as store:
        measured = store.measurements(metric="accuracy")
        assert set(measured["dataset"]) == {"held-out:npz:toy.npz"}
        assert set(measured["n"]) == {10}
