"""A recomputation that shares no code with benchbox agrees with every figure of the pages, and sees one that is wrong."""

from __future__ import annotations

import csv
import fnmatch
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchbox.registry import Catalogue
from benchbox.report import write_leaderboard
from benchbox.store import Store

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "statistics" / "recompute.py"
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the results that ship, as ``results.db``, the pages that are made of them, and what the documentation tells."""
    folder = tmp_path_factory.mktemp("recomputed")
    shutil.copy(ROOT / "results.db", folder)
    (folder / "docs").mkdir()
    for text in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        shutil.copy(text, folder / text.relative_to(ROOT))
    write_leaderboard(Store.open(folder / "results.db"), folder / "leaderboard", Catalogue.discover())
    return folder


def recomputed(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT], cwd=folder, capture_output=True, text=True, check=False)


def test_every_figure_is_what_a_stranger_computes(pages: Path) -> None:
    found = recomputed(pages)
    assert found.returncode == 0, found.stdout[-2000:]
    assert " figures agree, 0 do not" in found.stdout
    assert " figure of the documentation" in found.stdout


IN_DATA = (
    ("methods.csv", "area_high", "area_high of"),
    ("methods.csv", "rank_worst", "rank_worst of"),
    ("methods.csv", "seconds", "seconds of"),
    ("methods.csv", "seeds_wanted", "seeds wanted of"),
    ("label-only/digits.csv", "mean", "point's mean of"),
    ("label-only/digits.csv", "mean", "curves in JSON of"),
    ("reported.csv", "verdict", "verdict of"),
    ("reported.csv", "reported", "no paper's file prints"),
)
"""A file, a column that is wrong there, and what the recomputation says of it."""

IN_TABLES = (
    ("label-only/mnist.md", "", "rank", "rank in Markdown of"),
    ("label-only/mnist.md", "", "area", "area in Markdown of"),
    ("label-only/mnist.md", "", "to the first", "to the first in Markdown of"),
    ("label-only/mnist.md", "", "accuracy at .*", "accuracy at [0-9,]+ in Markdown of"),
    ("label-only/mnist.md", "", "best on the way", "best on the way in Markdown of"),
    ("label-only/mnist.md", "", "fidelity at .*", "fidelity at [0-9,]+ in Markdown of"),
    ("label-only/mnist.md", "More of each method", "over .*", "over .* in Markdown of"),
    ("label-only/mnist.md", "More of each method", "± test sample", "± test sample in Markdown of"),
    ("label-only/mnist.md", "More of each method", "queries to the best", "queries to the best in Markdown of"),
    ("label-only/mnist.md", "More of each method", "to 95 %", "to 95 % in Markdown of"),
    ("label-only/mnist.md", "More of each method", "seeds", "seeds in Markdown of"),
    ("label-only/mnist.md", "More of each method", "s per run", "s per run in Markdown of"),
    ("label-only/mnist.md", "Accuracy by queries", "[0-9,]+", "Accuracy by queries in Markdown of"),
    ("label-only/mnist.md", "Fidelity by queries", "[0-9,]+", "Fidelity by queries in Markdown of"),
    (
        "label-only/mnist.md",
        "Test loss, in nats, by queries",
        "[0-9,]+",
        "Test loss, in nats, by queries in Markdown of",
    ),
    ("label-only/mnist.md", "Queries paid", "[0-9,]+", "Queries paid in Markdown of"),
    ("label-only/mnist.md", "", "accuracy, test images", "accuracy of a target of"),
    ("query-mnist/mnist.md", "", "success at .*", "success at [0-9,]+ in Markdown of"),
    ("query-mnist/mnist.md", "", "queries in all at .*", "queries in all at [0-9,]+ in Markdown of"),
    ("query-mnist/mnist.md", "", "queries an example at .*", "queries an example at [0-9,]+ in Markdown of"),
    ("query-mnist/mnist.md", "More of each method", "in all to 90 %", "in all to 90 % in Markdown of"),
    ("query-mnist/mnist.md", "Queries in all by queries", "[0-9,]+", "Queries in all by queries in Markdown of"),
    ("query-mnist/mnist.md", "How far examples lie from their images", "L2", "L2 in Markdown of"),
    ("mega-attacks/mnist.md", "", "ASR untargeted", "ASR untargeted in Markdown of"),
    ("*/*.md", "", "collapsed", "collapsed in Markdown of"),
    ("mega-attacks/mnist.md", "More of each method", "s per example", "s per example in Markdown of"),
    ("mega-attacks/mnist.md", "Attack success by queries", "[0-9,]+", "Attack success by queries in Markdown of"),
    ("mega-attacks/mnist.md", "Reported and measured", "what", "what in Markdown of"),
    ("mega-attacks/mnist.md", "Reported and measured", "reported", "reported in Markdown of"),
    ("mega-attacks/mnist.md", "Reported and measured", "measured", "measured in Markdown of"),
    ("mega-attacks/mnist.md", "Reported and measured", "difference", "difference in Markdown of"),
    ("mega-attacks/mnist.md", "Reported and measured", "verdict", "note of a verdict of"),
    ("mega-attacks/mnist.md", "Reported and measured", "printed in", "printed in in Markdown of"),
    ("defences/mnist.md", "", "right", "cost of a defence of"),
    ("defences/mnist.md", "", "first alarm", "first alarm of"),
    ("response-ladder/mnist.md", "", "`random`", "reached behind a defence of"),
    ("label-only/README.md", "", "accuracy", "first's figure on a suite's page of"),
    ("query-mnist/README.md", "", "over the plainest", "over the plainest on a suite's page of"),
    ("*/README.md", "", "why", "why nobody is ranked of"),
    ("*/README.md", "", "best by mean", "best mean of"),
    ("README.md", "", "[0-9,]+", "first's mean on the index of"),
)
"""A page, the heading of a part of it, a column whose first number is wrong there, and what the recomputation says of it.

Where new results may take such a column off a page, the first of several that has it is made wrong.
"""

IN_SENTENCES = (
    ("README.md", rf"leads by ({NUMBER})", "first's lead on the index of"),
    ("README.md", r"(\*\*)\d", "leads on the index of"),
    ("README.md", r"not told from [^|]* and (\d+) more", "told on the index of"),
    ("README.md", r"leads at (\d+) of", "leads in a finding of label-only"),
    ("query-mnist/README.md", r"leads at \d+ of (\d+) budgets", "leads in a finding of query-mnist"),
    ("README.md", rf"by up to ({NUMBER}) points", "gain in a finding of"),
    ("README.md", r"At the other (\d+) of", "budgets at which nobody leads of"),
    ("README.md", r"; (\d+) more lead", "more who lead of"),
    ("README.md", r", most of (\d+) poorer", "taken in a finding of response-ladder"),
    ("README.md", r"A method leads at (\d+) of", "led beside what is taken of response-ladder"),
    ("README.md", r"(\d+) figures stand", "count of a paper's figures of index"),
    ("mega-accuracy/README.md", r"further\s+away: (\d+)", "count of a paper's figures of mega-accuracy"),
    ("README.md", r"\((\d+) of \d+\)[;.]", "figures with a condition of"),
    ("README.md", r"(\d+)\s+more\s+conditions", "more conditions of"),
    ("label-only/README.md", r"\| (leads)  ", "leads on a suite's page of"),
    ("*/README.md", r"Not ranked: (\d+) replicates?", "why a suite ranks nobody of"),
    ("defences/README.md", rf"takes ({NUMBER}) \(", "taken in a finding of defences"),
    ("defences/mnist.md", r"\(-(\d+\.\d)\)", "taken by a defence of"),
    ("defences/mnist.md", rf"({NUMBER}) test images is told", "an honest client's images of"),
    ("defences/mnist.md", rf"within ({NUMBER}) queries an example, in per", "budget of a defence's figures of"),
    ("query-mnist/mnist.md", rf"n = ({NUMBER})", "sample above a table of"),
    ("query-mnist/mnist.md", rf"test sample ± ({NUMBER})", "test sample above a table of"),
    ("query-mnist/mnist.md", r"and all (\d+) budgets", "number of budgets of"),
    ("query-mnist/mnist.md", r"\n- Budgets: (\d+)", "Budgets of"),
    ("query-mnist/mnist.md", r"\n- Seeds: (\d+)", "Seeds of"),
    ("query-mnist/mnist.md", r"one for each seed: (\d+)", "number of targets of"),
    ("query-mnist/mnist.md", rf"\n- Search: .* of ({NUMBER}) test", "search of"),
    ("mega-attacks/mnist.md", rf"\n- Attack: .* on ({NUMBER}) test", "Attack of"),
    ("few-queries/mnist.md", r"\n- Trainer of the substitutes: .*, version (\d+)", "trainer's version of"),
    ("mega-attacks/mnist.md", r"\n- Substitute: `\w+?(\d+)`", "Substitute of"),
    ("response-ladder/mnist.md", r"\n- An answer holds: rounded:(\d+)", "An answer holds of"),
    ("*/*.md", r"\n- Target: .*sha256 \w*(\d)", "target's hash of"),
    ("*/*.md", r"installed ones: \w+ (\d+)", "version that was played of"),
    ("label-only/mnist.md", r"its \d+ steps of [\d.]+ come to ([\d.]+)", "reach of an attack of"),
    ("mega-attacks/mnist.md", r"over (\d+) % of the answers", "collapsed of"),
    (
        "mega-attacks/mnist.md",
        r"Why the two are far apart: [^.]*\. Five steps of ([\d.]*\d)",
        "note of a difference of",
    ),
    ("mega-attacks/mnist.md", r"\n2\. MEGA, Table (\d+)", "protocol of"),
    ("label-only/mnist.md", r"Selectors ask real images of the pool, (\d+) to", "description of"),
)
"""A page, or several, where a figure stands there that is wrong, and what the recomputation says of it."""

IN_DOCUMENTATION = (
    ("README.md", rf"\| ({NUMBER}) \[", "figure in a text of README.md"),
    ("docs/papers.md", rf"<!-- results: .*\n.*?: [\d,]+ = ({NUMBER})", "figure of the documentation of papers.md"),
    ("docs/defences.md", r"<!-- results: .*\n.*?: [\d,]+ (= )", "is not METHOD: BUDGET = FIGURE"),
    ("docs/query-attacks.md", r"<!-- results: .*\n(?:.+\n)+?(-->)", "not a comment as documented.py reads them"),
)
"""A text, where a figure stands there that is wrong, or a comment is malformed, and what the recomputation says of it."""

NEW = (
    ("README.md", "nobody recomputes 'Of 17 methods"),
    ("label-only/README.md", "description of label-only"),
    ("query-mnist/mnist.md", "nobody recomputes 'Of 17 methods"),
)
"""A page that says something which no check knows, and what the recomputation says of that."""


def changed(text: str) -> str:
    """Return a number with another last digit, and of a word its first letter alone."""
    return f"{text[:-1]}{(int(text[-1]) + 1) % 10}" if text[-1].isdigit() else text[0]


def falsify_data(path: Path, column: str) -> None:
    with path.open(newline="") as read:
        rows = list(csv.DictReader(read))
    row = next(row for row in rows if row[column])
    row[column] = "agreed" if column == "verdict" else f"{1.1 * float(row[column]):.6g}"
    with path.open("w", newline="") as written:
        writer = csv.DictWriter(written, list(row))
        writer.writeheader()
        writer.writerows(rows)


def falsify_table(text: str, under: str, column: str) -> str | None:
    """Return a page on which the first number is wrong that stands in such a column, below a heading; None without one."""
    lines, here, head = text.splitlines(keepends=True), not under, list[str]()
    for i, line in enumerate(lines):
        here = here or line == f"### {under}\n"
        cells = re.split(r"(?<!\\)\|", line)
        if not line.startswith("|"):
            head = []
        elif not head:
            head = [cell.strip() for cell in cells]
        elif here:
            for j, title in enumerate(head):
                if title and re.fullmatch(column, title) and (number := re.search(rf"(?<![\w-]){NUMBER}", cells[j])):
                    cells[j] = f"{cells[j][: number.start()]}{changed(number[0])}{cells[j][number.end() :]}"
                    return "".join([*lines[:i], "|".join(cells), *lines[i + 1 :]])
    return None


def falsify_sentence(text: str, where: str) -> str | None:
    """Return a page on which the figure is wrong that stands there; None where none does."""
    found = re.search(where, text)
    return f"{text[: found.start(1)]}{changed(found[1])}{text[found.end(1) :]}" if found else None


def falsify(texts: dict[str, str], pages: str, wrong: Callable[[str], str | None]) -> None:
    """Make a figure wrong on the first of the pages that has such a one."""
    for page in fnmatch.filter(texts, pages):
        if (text := wrong(texts[page])) is not None:
            texts[page] = text
            return
    raise AssertionError(f"no page of {pages} has such a figure")


@pytest.fixture(scope="module")
def complaints(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of pages on which one figure of each kind is wrong."""
    folder = tmp_path_factory.mktemp("wrong") / "changed"
    shutil.copytree(pages, folder)
    board = folder / "leaderboard"
    for file, column in dict.fromkeys((file, column) for file, column, _ in IN_DATA):
        falsify_data(board / "data" / file, column)
    texts = {str(path.relative_to(board)): path.read_text(encoding="utf-8") for path in sorted(board.rglob("*.md"))}
    for pages_of, where, _ in IN_SENTENCES:
        falsify(texts, pages_of, lambda text, where=where: falsify_sentence(text, where))
    for pages_of, under, column, _ in IN_TABLES:
        falsify(texts, pages_of, lambda text, under=under, column=column: falsify_table(text, under, column))
    for file, where, _ in IN_DOCUMENTATION:
        text = falsify_sentence((folder / file).read_text(encoding="utf-8"), where)
        assert text is not None
        (folder / file).write_text(text, encoding="utf-8")
    for page, _ in NEW:
        texts[page] += "\nOf 17 methods nobody knows.\n"
    for page, text in texts.items():
        (board / page).write_text(text, encoding="utf-8")
    found = recomputed(folder)
    assert found.returncode == 1
    return found.stdout


@pytest.mark.parametrize("said", [said for *_, said in (*IN_DATA, *IN_TABLES, *IN_SENTENCES, *IN_DOCUMENTATION, *NEW)])
def test_a_figure_that_is_wrong_is_seen(complaints: str, said: str) -> None:
    assert re.search(said, complaints)
