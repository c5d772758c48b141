"""Paths as users write them on the command line: homes, commas, umlauts, and folders that are none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from digits_suite import digits_suite

from benchbox.cli import main
from benchbox.store import Store
from benchbox.suites.asked import several


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BENCHBOX_HOME", "~/benchbox")
    monkeypatch.delenv("BENCHBOX_DATA", raising=False)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "trial.toml").write_text(digits_suite("random"))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def npz(path: Path) -> Path:
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    images = rng.integers(0, 256, (60, 28, 28), dtype=np.uint8)
    np.savez(path, x_train=images[:40], y_train=labels[:40], x_test=images[40:], y_test=labels[40:])
    return path


def test_a_comma_behind_a_backslash_belongs_to_the_path(tmp_path: Path) -> None:
    assert several("--dataset", [r"npz:a\,b.npz,digits"]) == ("npz:a,b.npz", "digits")
    assert several("--dataset", [r"npz[path=a\,b.npz],digits"]) == (r"npz[path=a\,b.npz]", "digits")
    assert several("--dataset", [r"npz:C:\a\b.npz"]) == (r"npz:C:\a\b.npz",)
    npz(tmp_path / "a,b.npz")
    for written in (r"npz:a\,b.npz", r"npz[path=a\,b.npz]"):
        shown = invoke("run", "--suite", "~/trial.toml", "--dataset", written, "--dry-run")
        assert shown.exit_code == 0, shown.output
        assert "a,b.npz" in shown.stdout or r"a\,b.npz" in shown.stdout


def test_a_tilde_is_home_in_every_path_option(tmp_path: Path) -> None:
    home, names = tmp_path / "home", ("--data-dir=~/data", "--plugin=~/mine.py", "--db=~/mine.db")
    run = ("run", "--suite=~/trial.toml", "--dry-run", *names)
    assert f"the data folder '{home}/data' does not exist" in invoke(*run).stderr
    (home / "data").mkdir()
    assert f"plugin file '{home}/mine.py' does not exist" in invoke(*run).stderr
    assert f"'{home}/mine.db'" in invoke("results", "--db=sqlite:///~/mine.db").stderr
    Store.open(home / "mine.db").close()
    assert invoke("results", "--db=~/mine.db").exit_code == 0
    assert invoke("merge", "~/mine.db", "--db", "other.db").exit_code == 0
    assert invoke("new", "selector", "mine", "--out=~/mine").exit_code == 0
    assert (home / "mine" / "pyproject.toml").exists()
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize("option", ["--data-dir=", "--plugin=", "--db="])
def test_an_empty_path_as_of_a_variable_that_is_not_set_is_refused(option: str) -> None:
    result = invoke("run", "--suite", "~/trial.toml", "--dry-run", option)
    assert (result.exit_code, "the path is empty" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "command", [("run", "--suite", "~/trial.toml"), ("check", "mnist"), ("targets", "--train", "mnist/lenet5")]
)
def test_a_file_in_place_of_the_data_folder_is_refused_by_every_command(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    npz(tmp_path / "faces.npz")
    result = invoke(*command, "--data-dir", "faces.npz")
    assert result.exit_code == 2
    assert f"the data folder 'faces.npz' is a file; give the folder that it lies in, '{tmp_path}'" in result.stderr


def test_a_new_folder_for_downloads_is_to_be_made_first() -> None:
    result = invoke("run", "--suite", "~/trial.toml", "--dataset", "mnist", "--data-dir", "new", "--download")
    assert result.exit_code == 2
    assert "make it with 'mkdir -p new', and --download fills it" in result.stderr
    assert not Path("new").exists()


@pytest.mark.parametrize("place", ["argument", "variable"])
def test_an_umlaut_under_an_ascii_locale_is_one_sentence(tmp_path: Path, place: str) -> None:
    npz(tmp_path / "öffentlich.npz")
    ascii_only = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    dataset = "npz:öffentlich.npz" if place == "argument" else "digits"
    if place == "variable":
        ascii_only["BENCHBOX_DATA"] = "/ö"
    command = [sys.executable, "-m", "benchbox", "run", "--suite", "~/trial.toml", "--dry-run", "--dataset", dataset]
    done = subprocess.run(command, env=ascii_only, capture_output=True, timeout=120)
    said = done.stderr.decode()
    assert (done.returncode, len(said.splitlines())) == (2, 1), said
    assert "has letters that this locale cannot read; set PYTHONUTF8=1" in said
    assert ("BENCHBOX_DATA" in said) is (place == "variable")
