"""A recomputation that shares no code with benchbox agrees with every figure of the pages, and sees one that is wrong."""

from __future__ import annotations

import csv
import importlib
import re
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


def test_a_method_with_the_mean_of_the_plainest_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SCRIPT.parent)
    is_plain = importlib.import_module("figures").is_plain
    itself, level = (
        {"over_plainest": "0", "over_plainest_low": f"-{half}", "over_plainest_high": half} for half in "01"
    )
    unranked = dict.fromkeys(itself, "")
    assert [is_plain(row) for row in (itself, level, unranked)] == [True, False, False]


def test_every_figure_is_what_a_stranger_computes(pages: Path) -> None:
    found = recomputed(pages)
    assert found.returncode == 0, found.stdout[-2000:]
    assert " figures agree, 0 do not" in found.stdout


IN_DATA = (
    ("methods.csv", "area_high", "area_high of"),
    ("methods.csv", "rank_worst", "worst place of"),
    ("label-only/digits.csv", "mean", "point's mean of"),
    ("reported.csv", "verdict", "verdict of"),
)
IN_MARKDOWN = (
    ("README.md", r"leads by (\d+)\.", "leads by 9\\1.", "first's lead on the index of"),
    ("README.md", r"leads by", "first by", "leads on the index of"),
    ("label-only/README.md", r"\| leads  ", "| not told", "leads on a suite's page of"),
    ("defences/mnist.md", r"\(-(\d+\.\d)\)", "(-1\\1)", "taken by a defence of"),
    ("query-mnist/mnist.md", r"(\| +± \d+\.\d \| +)(\d)", "\\g<1>9\\2", "in all to 90 % of"),
)


@pytest.fixture(scope="module")
def complaints(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of pages on which one figure of each kind is wrong."""
    folder = tmp_path_factory.mktemp("wrong") / "changed"
    shutil.copytree(pages, folder)
    for file, column, _ in IN_DATA:
        falsify_data(folder / "leaderboard" / "data" / file, column)
    for page, right, wrong, _ in IN_MARKDOWN:
        path = folder / "leaderboard" / page
        text, changed = re.subn(right, wrong, path.read_text(encoding="utf-8"), count=1)
        assert changed, f"{page} has no {right}"
        path.write_text(text, encoding="utf-8")
    found = recomputed(folder)
    assert found.returncode == 1
    return found.stdout


def falsify_data(path: Path, column: str) -> None:
    with path.open(newline="") as read:
        rows = list(csv.DictReader(read))
    row = next(row for row in rows if row[column])
    row[column] = "agreed" if column == "verdict" else f"{1.1 * float(row[column]):.6g}"
    with path.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(row))
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("said", [said for *_, said in (*IN_DATA, *IN_MARKDOWN)])
def test_a_figure_that_is_wrong_is_seen(complaints: str, said: str) -> None:
    assert said in complaints
