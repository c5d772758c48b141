"""A recomputation that shares no code with benchbox agrees with every figure of the pages, and sees one that is wrong."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchbox.registry import Catalogue
from benchbox.report import write_leaderboard
from benchbox.store import Store

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "statistics" / "recompute.py"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the results that ship, as ``results.db``, and the pages that are made of them."""
    folder = tmp_path_factory.mktemp("recomputed")
    shutil.copy(ROOT / "results.db", folder)
    write_leaderboard(Store.open(folder / "results.db"), folder / "leaderboard", Catalogue.discover())
    return folder


def recomputed(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT], cwd=folder, capture_output=True, text=True, check=False)


def test_every_figure_is_what_a_stranger_computes(pages: Path) -> None:
    found = recomputed(pages)
    assert found.returncode == 0, found.stdout[-2000:]
    assert " figures agree, 0 do not" in found.stdout


@pytest.mark.parametrize(
    ("file", "column", "said"),
    [
        ("methods.csv", "area_high", "area_high of"),
        ("methods.csv", "rank_worst", "worst place of"),
        ("label-only/digits.csv", "mean", "point's mean of"),
        ("reported.csv", "verdict", "verdict of"),
    ],
)
def test_a_figure_that_is_wrong_is_seen(pages: Path, tmp_path: Path, file: str, column: str, said: str) -> None:
    shutil.copytree(pages, tmp_path / "changed")
    path = tmp_path / "changed" / "leaderboard" / "data" / file
    with path.open(newline="") as read:
        rows = list(csv.DictReader(read))
    row = next(row for row in rows if row[column])
    row[column] = "agreed" if column == "verdict" else f"{1.1 * float(row[column]):.6g}"
    with path.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(row))
        writer.writeheader()
        writer.writerows(rows)
    found = recomputed(tmp_path / "changed")
    assert found.returncode == 1
    assert said in found.stdout
