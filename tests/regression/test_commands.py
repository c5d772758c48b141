"""``benchbox baseline`` and ``benchbox compare``, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from regression_samples import OLD, Make

from benchbox.cli import main


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture
def folder(tmp_path: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with old.db and the baseline 'gate' of it."""
    monkeypatch.chdir(tmp_path)
    make("old", {"drmi": OLD, "random": OLD})
    saved = run("baseline", "save", "gate", "--suite", "trial", "--metric", "accuracy", "--db", "old.db")
    assert saved.stdout == "baselines/gate.baseline.json: 4 metrics of 2 methods, seeds 0, 1, 2, 3, 4, 5\n"
    return tmp_path


def test_a_baseline_is_not_written_over_by_accident(folder: Path) -> None:
    before = (folder / "baselines" / "gate.baseline.json").read_text()
    again = ("baseline", "save", "gate", "--suite", "trial", "--db", "old.db")
    refused = run(*again)
    assert (refused.exit_code, "--replace writes over it" in refused.stderr) == (2, True)
    assert (folder / "baselines" / "gate.baseline.json").read_text() == before
    assert run(*again, "--replace").stdout.startswith("baselines/gate.baseline.json: 6 metrics")


@pytest.mark.parametrize("name", ["", " ", "../../gate", "a/b", ".gate", "a\nb", "x" * 200])
def test_what_is_no_name_of_a_baseline_is_refused_and_nothing_written(name: str, folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    for command in (("baseline", "save", name, "--suite", "trial", "--db", "old.db"), ("baseline", "show", name)):
        refused = run(*command)
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
        assert "is no name for a baseline" in refused.stderr
    assert sorted(folder.rglob("*")) == before


def test_show_says_what_it_was_measured_under(folder: Path) -> None:
    text = run("baseline", "show", "gate").stdout
    assert "suite trial, seeds 0, 1, 2, 3, 4, 5" in text
    assert "target digits-lenet5" in text
    assert any("drmi (version 1)" in line and "52.00 ± 1.48 (6)" in line for line in text.splitlines())


def test_compare_is_green_and_then_red(folder: Path, make: Make) -> None:
    green = run("compare", "gate", "--db", "old.db", "--fail")
    assert (green.exit_code, green.stdout.splitlines()[-1]) == (0, "green: 4 metrics of suite 'trial': 4 same")
    make("new", {"drmi": [value - 0.1 for value in OLD]})
    told = run("compare", "baselines/gate.baseline.json", "--db", "new.db")
    failed = run("compare", "gate", "--db", "new.db", "--fail")
    assert (told.exit_code, failed.exit_code) == (0, 1)
    assert told.stdout == failed.stdout
    lines = failed.stdout.splitlines()
    assert lines[-1] == "red: 4 metrics of suite 'trial': 2 worse, 2 missing"
    assert [line.split()[0] for line in lines[1:5]] == ["worse", "worse", "missing", "missing"]
    assert lines[5] == "missing: 2 metrics of random on digits, real data: the store has no such cell of suite 'trial'"
    assert max(map(len, lines)) < 130
    assert lines[1].endswith("42.00 ± 1.48 (6)  32.00 ± 1.48 (6)  -10.00      ±1.00")


def test_a_gate_of_two_seeds_cannot_judge_and_is_red(folder: Path, make: Make) -> None:
    make("two", {"drmi": [0.6, 0.7]})
    run("baseline", "save", "two", "--suite", "trial", "--metric", "accuracy", "--db", "two.db")
    make("new", {"drmi": [0.22, 0.42]})
    result = run("compare", "two", "--db", "new.db", "--fail")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "red: 2 metrics of suite 'trial': 2 cannot judge"


@pytest.mark.parametrize("command", [["compare", "gate", "--db", "old.db"], ["baseline", "show", "gate"]])
def test_a_baseline_with_figures_taken_out_is_refused(folder: Path, command: list[str]) -> None:
    path = folder / "baselines" / "gate.baseline.json"
    data = json.loads(path.read_text())
    data["groups"][0]["figures"].pop()
    path.write_text(json.dumps(data))
    result = run(*command)
    assert result.exit_code == 2
    assert result.stderr == (
        "benchbox: baseline 'baselines/gate.baseline.json' holds 3 of the 4 figures that were saved: "
        "save it again with 'benchbox baseline save'\n"
    )


def test_compare_for_programs_and_for_ci(folder: Path, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make("new", {"drmi": OLD, "random": [value - 0.03 for value in OLD]})
    summary = folder / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    result = run("compare", "gate", "--db", "new.db", "--json", "--markdown", "new.md", "--github-summary", "--fail")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["failed"], data["counts"]["worse"]) == (1, True, 2)
    assert summary.read_text() == "before\n" + (folder / "new.md").read_text()
    assert run("compare", "gate", "--db", "new.db", "--fail", "--floor", "4").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "gait", "--db", "old.db"], "there is no baseline 'gait' in 'baselines'; did you mean 'gate'?"),
        (["compare", "gate", "--db", "none.db"], "there is no store 'none.db'"),
        (["compare", "gate", "--db", "old.db", "--github-summary"], "GITHUB_STEP_SUMMARY is not set"),
        (["compare", "gate", "--db", "old.db", "--markdown", "no/x.md"], "'no/x.md' cannot be written"),
        (["baseline", "save", "new", "--suite", "trail", "--db", "old.db"], "did you mean 'trial'?"),
        (["baseline", "save", "new", "--suite", "trial", "--budget", "many", "--db", "old.db"], "not a whole number"),
    ],
)
def test_mistakes_are_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("benchbox: ") and sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (folder / "baselines" / "new.baseline.json").exists()


@pytest.mark.parametrize(
    ("floor", "said"),
    [*((text, f"'{text}' is not a number of at least 0") for text in ("inf", "nan", "-1")), ("21", "more than 20")],
)
def test_a_floor_that_is_no_number_or_too_large_is_refused(folder: Path, floor: str, said: str) -> None:
    result = run("compare", "gate", "--db", "old.db", "--floor", floor)
    assert (result.exit_code, said in result.stderr) == (2, True)
    assert len(result.stderr.splitlines()) == 1
