"""Plugins that are classes of the caller's own process, as a notebook defines them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from digits_suite import digits_suite

CELLS = '''
import torch
import benchbox
from benchbox.contracts import Attack, Options, Selector, Threat

class Settings(Options):
    first: int = 0

class Mine(Selector):
    """Takes images in a row."""
    name = "mine"
    Options = Settings

    def select(self, game, k):
        print("from", self.options.first)
        return torch.arange(k) + self.options.first

class Shade(Attack):
    """Darkens."""
    name = "shade"

    def threat(self):
        return Threat("inf", 0.1)

    def perturb(self, substitute, images, labels, *, classes, targeted):
        return (images - 0.1).clamp(0, 1)

def play(method):
    asked = dict(plugins=[Mine, Shade], jobs=0, device="cpu", db="mine.db", report=print)
    print("done", benchbox.run("suite.toml", methods=method, attacks="shade", **asked).done)

play("mine[first=2]")

class Mine(Mine):
    def select(self, game, k):
        print("backwards")
        return torch.arange(k).flip(0)

play("mine[first=2]")
frame = benchbox.results("mine.db")
print(*set(frame["label"]), *set(frame["sealed"]), "asr_untargeted" in set(frame["metric"]))
'''


def test_they_play_in_this_process_and_again_where_they_are_defined_anew(tmp_path: Path) -> None:
    attacks = '[{ use = "fgsm", images = 20, at = "last" }]'
    (tmp_path / "suite.toml").write_text(digits_suite("random", budgets=[5], attacks=attacks))
    (tmp_path / "cells.py").write_text(CELLS)
    done = subprocess.run([sys.executable, "cells.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "from 2",
        "done 1",
        "the source of attack shade, selector mine changed since it was played: 1 done cells are played again",
        "backwards",
        "done 1",
        "mine[first=2] no True",
    ]
