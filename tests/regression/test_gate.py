"""The gate in pytest: real cells, a method that is broken on purpose, and baselines that are renewed on purpose."""

from __future__ import annotations

import subprocess
import sys

import pytest
from digits_suite import digits_suite

pytest_plugins = ["pytester"]

PLUGIN = '''
import os
import torch
from benchbox.contracts import Grant, Selector


class First(Selector):
    """Chooses rows in the order of their class, in turn; or, broken, of one class only."""

    name = "first"

    def wants(self):
        return {Grant.LABELS}

    def select(self, game, k):
        labels = game.pool.labels
        if os.environ.get("BREAK_FIRST"):
            return (labels != 3).int().argsort(stable=True)[:k]
        within = (labels[:, None] == labels).tril().sum(1)
        return (within * 10 + labels).argsort()[:k]
'''
MARKED = """
import pytest

@pytest.mark.benchbox_regression("trial.toml", "trial", metrics=["accuracy"], plugins=["first.py"], jobs=0)
def test_first_holds():
    pass
"""
FIXTURE = """
def test_first_holds(benchbox_regression):
    found = benchbox_regression("trial.toml", "trial", metrics=["accuracy"], plugins=["first.py"], jobs=0)
    assert [row.difference for row in found.rows] == [0.0]
    assert not found.notes

def test_first_broken(benchbox_regression, monkeypatch):
    monkeypatch.setenv("BREAK_FIRST", "1")
    benchbox_regression("trial.toml", "trial", plugins=["first.py"], jobs=0)
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("BREAK_FIRST", raising=False)
    folder = pytester.mkdir("tests")
    (folder / "trial.toml").write_text(digits_suite("first", seeds=3, budgets=[30]))
    (folder / "first.py").write_text(PLUGIN)
    (folder / "test_mark.py").write_text(MARKED)
    (folder / "test_fixture.py").write_text(FIXTURE)
    return pytester


def test_a_gate_from_its_first_baseline_to_a_broken_method(project: pytest.Pytester) -> None:
    missing = project.runpytest_subprocess("tests/test_mark.py")
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines(["*there is no baseline 'trial' in *; pytest --benchbox-update makes it*"])

    update = ("tests/test_mark.py", "tests/test_fixture.py::test_first_holds", "--benchbox-update")
    made = project.runpytest_subprocess(*update)
    made.assert_outcomes(passed=2)
    made.stdout.fnmatch_lines(["benchbox: renewed */tests/baselines/trial.baseline.json"])
    baseline = project.path / "tests" / "baselines" / "trial.baseline.json"
    frozen = baseline.read_text()

    compared = project.runpytest_subprocess("tests/test_fixture.py")
    compared.assert_outcomes(passed=1, failed=1)
    compared.stdout.fnmatch_lines(
        [
            "* test_first_broken *",
            "red: 1 metric of suite 'trial': 1 worse",
            "worse: first on digits, real data: accuracy at 30 queries: *",
        ]
    )
    compared.stdout.no_fnmatch_line("*Traceback*")
    assert baseline.read_text() == frozen


def test_a_mark_with_an_unknown_argument_says_so(project: pytest.Pytester) -> None:
    (project.path / "tests" / "test_mark.py").write_text(MARKED.replace("jobs=0", "job=0"))
    result = project.runpytest_subprocess("tests/test_mark.py")
    result.stdout.fnmatch_lines(["*@pytest.mark.benchbox_regression: got an unexpected keyword argument 'job'*"])
    assert result.ret != 0


def test_the_plugin_is_registered_and_costs_other_projects_nothing() -> None:
    program = (
        "import sys; from importlib.metadata import entry_points as e;"
        "(p,) = e(group='pytest11', name='benchbox'); p.load();"
        "print(sorted({'torch', 'pandas', 'sqlalchemy', 'scipy', 'benchbox.cli'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
