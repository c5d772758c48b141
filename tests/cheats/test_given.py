"""A target that its owner gives lies beside importable code; no player reads the one or the other."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from digits_suite import digits_suite

import benchbox
from benchbox.isolation.walls import SWITCH
from benchbox.records import Sealed
from benchbox.store import Store

OWNERS = """
from torch import nn


def Net():
    return nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10))
"""
THIEF = """
from pathlib import Path
import torch
from benchbox.contracts import Selector

FILES = {files}


class Thief(Selector):
    "Reads the target."
    name = "thief"

    def select(self, game, k):
        found = 0
        for file in FILES:
            try:
                found += bool(Path(file).read_bytes())
            except OSError:
                pass
        game.log(stolen=found)
        return torch.arange(k)
"""


def test_no_player_reads_a_given_target(sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from torch import nn

    if sealed is Sealed.PROCESS:
        monkeypatch.setenv(SWITCH, "off")
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    owner = tmp_path / "owner"
    owner.mkdir()
    (owner / "owners.py").write_text(OWNERS)
    torch.save(nn.Sequential(nn.Flatten(), nn.Linear(28 * 28, 10)).state_dict(), owner / "net.pt")
    monkeypatch.setattr(sys, "path", [*sys.path, str(owner)])
    (tmp_path / "thief.py").write_text(THIEF.format(files=[str(owner / "net.pt"), str(owner / "owners.py")]))
    (tmp_path / "mine.toml").write_text(digits_suite("thief"))
    db = tmp_path / "results.db"
    given = benchbox.given(owner / "net.pt", model="owners:Net")
    summary = benchbox.run(tmp_path / "mine.toml", target=given, plugins=[tmp_path / "thief.py"], db=db)
    assert summary.exit_code == 0, summary
    with Store.open(db) as store:
        notes = store.diagnostics(name="stolen")
        (cell,) = store.cells().itertuples()
    assert cell.sealed == sealed
    assert notes.points.iloc[0][0][1] == 0
