"""What the page on debugging says is done and seen."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest

RUN = "benchbox run --suite smoke --plugin clumsy.py --method clumsy --seeds 1"
WORDY = "benchbox run --suite smoke --plugin wordy.py --method wordy --seeds 1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page is played."""
    return tmp_path_factory.mktemp("debugging")


@pytest.fixture(scope="module")
def output(folder: Path) -> dict[str, str]:
    """What each command of the page printed, by command."""
    return pages.play("debugging.md", folder, "p k\nc\n")


def test_what_a_player_prints_is_shown_live_and_kept(output: dict[str, str]) -> None:
    live = output[WORDY.replace("benchbox", "benchbox --verbose")]
    assert "| choosing 150 of 1400" in live
    assert "output\n  choosing 150 of 1400" in output["benchbox show CELL"]


def test_a_failure_ends_with_the_plugins_own_line(output: dict[str, str]) -> None:
    sheet = output["benchbox show CELL (again)"]
    last = sheet[sheet.index("traceback") :].rstrip().splitlines()
    assert last[-1].strip().startswith("ZeroDivisionError")
    assert any("clumsy.py" in line for line in last[-5:])
    assert "1 failed" in output[f"{RUN} --retry-failed  # exit code 2"]


def test_breakpoints_stop_in_one_process(output: dict[str, str]) -> None:
    text = output["benchbox run --suite smoke --plugin halting.py --method halting --seeds 1 --jobs 0"]
    assert "(Pdb) 150" in text
    assert "1 cell done" in text


def test_from_python_it_prints_and_gives_the_same_numbers(output: dict[str, str], folder: Path) -> None:
    import benchbox

    text = output["python look.py"]
    assert "choosing 150 of 1400\n1 cell done" in text
    apart = benchbox.results(str(folder / "results.db"), method="wordy", metric="accuracy", budget=50)
    assert list(apart["value"]) == [float(text.split()[-1])]


def test_a_class_of_the_callers_process_is_played(output: dict[str, str]) -> None:
    assert "1 cell done" in output["python cells.py"]


def test_what_was_played_in_one_process_is_played_again(output: dict[str, str], folder: Path) -> None:
    import benchbox

    text = output[f"BENCHBOX_SANDBOX=off {WORDY} --db scratch.db"]
    assert "played again, since they were played in one process and unsealed: 1 done cells" in text
    assert "1 cell done" in text
    plays = {"methods": ["wordy"], "seeds": [0], "plugins": [folder / "wordy.py"], "db": str(folder / "scratch.db")}
    assert benchbox.run("smoke", **plays).already == 1  # type: ignore[arg-type]


def test_without_a_sandbox_players_still_have_their_processes(output: dict[str, str], folder: Path) -> None:
    import benchbox

    assert "BENCHBOX_SANDBOX" in output["BENCHBOX_SANDBOX=off benchbox doctor"]
    there, off = (
        benchbox.results(str(folder / db), method="wordy", metric="accuracy") for db in ("results.db", "scratch.db")
    )
    assert set(off["sealed"]) == {"process"}
    assert list(off["value"]) == list(there["value"])


def test_the_selectors_of_the_page_keep_their_contract(output: dict[str, str]) -> None:
    *findings, last = output["benchbox check wordy --plugin wordy.py"].splitlines()
    passed, skipped = (sum(line.startswith(verdict) for line in findings) for verdict in ("passed", "skipped"))
    assert last == f"wordy keeps its contract: {passed} rules{f', {skipped} skipped' if skipped else ''}"
