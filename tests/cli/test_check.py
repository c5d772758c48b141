"""``benchbox check``: what it prints, its exit codes, and that it refuses what a run refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from benchbox.cli import main

BROKEN = Path(__file__).parents[1] / "testing" / "broken"
SOUND = Path(__file__).parents[1] / "testing" / "sound"


def check(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, words)])


def test_a_plugin_that_prints_leaves_json_whole(tmp_path: Path) -> None:
    path = tmp_path / "wordy.py"
    path.write_text("print('imported')\n" + (SOUND / "model.py").read_text())
    done = check("mine", "--plugin", path, "--json")
    assert done.exit_code == 0
    assert {finding["verdict"] for finding in json.loads(done.stdout)} <= {"passed", "skipped"}
    assert "imported" in done.stderr


def test_a_broken_rule_is_a_line_and_exit_code_1() -> None:
    done = check("mine", "--plugin", BROKEN / "model_gives_logits_2.py")
    assert done.exit_code == 1
    assert "failed  gives-logits  model 'mine' ends in a softmax" in done.stdout
    assert done.stdout.endswith("mine breaks 1 of 11 rules\n")


def npz(path: Path, images: np.ndarray, first: int = 0) -> str:
    labels = np.arange(len(images)) % 2 + first
    np.savez(path, x_train=images[:20], y_train=labels[:20], x_test=images[20:], y_test=labels[20:])
    return f"npz:{path}"


def test_a_file_that_is_named_is_held_to_what_a_run_takes(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8)).astype(np.uint8)
    assert check(npz(tmp_path / "sound.npz", images)).exit_code == 0
    (tmp_path / "none.npz").write_text("no archive")
    for name, said in (
        (npz(tmp_path / "from1.npz", images, 1), "the labels go from 1 to 2"),
        (npz(tmp_path / "black.npz", images // 255), "which is black"),
        (f"npz:{tmp_path / 'none.npz'}", "cannot be read as an .npz"),
        (f"npz:{tmp_path / 'gone.npz'}", "there is no file"),
    ):
        done = check(name)
        assert done.exit_code == 1, name
        (failed,) = (line for line in done.stdout.splitlines() if line.startswith("failed"))
        assert "loads-valid-images" in failed
        assert said in failed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fgsm[eps=8]"], "write eps=8/255"),
        (["pgd[targeted=true]"], 'write goal = "class:3"'),
        (["npz"], "option 'path'"),
        ([""], "'' is not a plugin"),
        (["random", "--kind", "attack"], "there is no attack 'random'"),
    ],
)
def test_what_cannot_be_checked_is_one_sentence_with_exit_code_2(words: list[str], said: str) -> None:
    done = check(*words)
    assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr
