"""Whoever reads results needs neither torch nor what attacks are made with: here, importing any of it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from report_samples import put

from benchbox.store import Store

HEAVY = ("torch", "torchvision", "art", "numba", "sklearn", "pytest")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, and modules of these names that cannot be imported."""
    folder = tmp_path_factory.mktemp("light")
    for name in HEAVY:
        (folder / "fakes" / name).mkdir(parents=True)
        (folder / "fakes" / name / "__init__.py").write_text(f"raise ImportError('{name} is not for readers')")
    with Store.open(folder / "results.db") as store:
        put(store, "random", (0.60, 0.80, 0.93), position=0)
        put(store, "drmi", (0.62, 0.83, 0.95), position=1)
    return folder


def python(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(folder / "fakes"), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": path, "BENCHBOX_HOME": str(folder / "home")}  # no discovery is remembered there
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def run(folder: Path, *arguments: str) -> str:
    done = python(folder, "from benchbox.cli import main; main()", *arguments)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.mark.parametrize("name", HEAVY)
def test_the_modules_cannot_be_imported_here(folder: Path, name: str) -> None:
    assert f"{name} is not for readers" in python(folder, f"import {name}").stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("leaderboard", "start at"),
        ("leaderboard --print", "drmi"),
        ("results --metric accuracy --csv", "drmi"),
        ("plot --suite label-only --out curves.svg", "curves.svg"),
        ("plugins drmi", "USENIX"),
        ("suites label-only", "drmi-best"),
        ("merge results.db --db copy.db", "taken over"),
        ("db upgrade", "up to date"),
    ],
)
def test_reading_needs_none_of_it(folder: Path, command: str, said: str) -> None:
    assert said in run(folder, *command.split())


def test_neither_does_a_cell_nor_a_baseline(folder: Path) -> None:
    with Store.open(folder / "results.db") as store:
        cell = store.cells(label="drmi")["cell"].iloc[0]
    assert "real data / drmi" in run(folder, "show", cell)
    run(folder, "baseline", "save", "mine", "--suite", "label-only")
    assert "same" in run(folder, "compare", "mine")
