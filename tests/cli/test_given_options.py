"""Naming a target of one's own on the command line: what is added, listed and refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchbox.cli import main

CODE = """
def predict(images):
    return (images.mean((1, 2, 3)) > 0.5).astype(int)
"""


@pytest.fixture(autouse=True)
def _owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "shopcode.py").write_text(CODE)
    labels = np.arange(40) % 2
    images = (np.random.default_rng(0).random((40, 6, 6)) * 100 + labels[:, None, None] * 150).astype(np.uint8)
    np.savez("toy.npz", x_train=images[:30], y_train=labels[:30], x_test=images[30:], y_test=labels[30:])


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_a_target_is_added_measured_listed_and_removed() -> None:
    added = call("targets", "add", "mine", "shopcode:predict", "--dataset", "npz:toy.npz")
    assert added.exit_code == 0, added.output
    assert "target 'mine': 100.00% of 10 test images, as it was given; it is not trained" in added.stderr
    listed = call("targets").stdout.splitlines()
    assert any(line.split()[:3] == ["mine", "100.00%", "10"] and "shopcode:predict" in line for line in listed)
    assert json.loads(call("targets", "--json").stdout)[-1]["name"] == "mine"
    wrong = call("targets", "remove", "mime")
    assert (wrong.exit_code, "did you mean 'mine'?" in wrong.stderr) == (2, True)
    assert call("targets", "remove", "mine").exit_code == 0
    assert "shopcode" not in call("targets").stdout


def test_a_dry_audit_says_how_many_images_it_would_ask_and_asks_none(tmp_path: Path) -> None:
    (tmp_path / "untouched.py").write_text("def predict(images):\n    raise ValueError('asked')\n")
    narrow = ("--scenario", "real images, labels", "--method", "random", "--budgets", "5,10")
    told = call("audit", "--target", "untouched:predict", "--data", "toy.npz", *narrow, "--dry-run")
    assert told.exit_code == 0, told.output
    assert "2 cells: 2 to run" in told.stdout  # random, with either trainer
    # of each 5 and 10 of the thief's, ten test images, and those once more, changed by each of two attacks
    assert "would be asked about 90 images at most" in told.stdout
    assert not (tmp_path / "audit").exists()


def test_what_was_measured_by_one_name_is_listed_by_every_other() -> None:
    call("targets", "add", "mine", "shopcode:predict", "--dataset", "npz:toy.npz")
    assert call("targets", "add", "ours", "shopcode:predict", "--dataset", "npz:toy.npz").exit_code == 0
    rows = {line.split()[0]: line.split()[1:3] for line in call("targets").stdout.splitlines()}
    assert rows["mine"] == rows["ours"] == ["100.00%", "10"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["run", "--suite", "smoke", "--classes", "0,1"],
            "--classes says how a target is asked; name one with --target",
        ),
        (["run", "--suite", "smoke", "--host", "x.org"], "--host says how a target is asked; name one with --target"),
        (
            ["run", "--suite", "smoke", "--target", "gone.pt"],
            "target 'gone.pt' is no file, no URL and no module:function",
        ),
        (["run", "--suite", "smoke", "--target", "shopcode:predict", "--host", "x.org"], "--host is for endpoints"),
        (["run", "--suite", "mega-mnist", "--target", "shopcode:predict"], "there is no suite 'mega-mnist'"),
        (["targets", "--into", "x", "add", "a", "shopcode:predict"], "--into before 'add' says nothing"),
        (["targets", "--json", "remove", "a"], "--json before 'remove' says nothing"),
        (["audit", "--target", "gone.pt", "--data", "toy.npz"], "target 'gone.pt' is no file"),
        (["audit", "--target", "shopcode:predict", "--data", "toys"], "there is no dataset 'toys'"),
        (
            ["audit", "--target", "shopcode:predict", "--data", "toy.npz", "--scenario", "none"],
            "there is no scenario 'none'",
        ),
        (
            ["audit", "--target", "shopcode:predict", "--data", "toy.npz", "--out", "toy.npz"],
            "'toy.npz' is a file; name a folder",
        ),
        (
            ["audit", "--target", "shopcode.py:predict", "--data", "toy.npz", "--budgets", "5"],
            "'shopcode.py' is a file where a module is named; write shopcode:predict",
        ),
        (["audit", "--target", "shopcode:predict", "--data", "gone.npz"], "there is no file gone.npz\n"),
        (["run", "--suite", "toy.npz"], "there is no suite 'toy.npz'; a suite file ends in .toml"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_what_cannot_be_is_one_sentence(arguments: list[str], said: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not Path("results.db").exists()
