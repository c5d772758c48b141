"""What ``benchbox new`` writes installs, lints, passes its own tests and runs in a suite, as written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchbox.cli import main
from benchbox.distribution import DISTRIBUTION
from benchbox.kinds import BY_NAME, KINDS

SUITE = """
title = "Trial"
datasets = ["digits"]
seeds = 1

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "my-model"
access = "label"
pool = { size = 60 }
trainer = "my-trainer[steps=20]"
budgets = [20]
methods = ["my-selector"]
defence = "my-defence[most=10]"
attacks = [{ use = "my-attack[steps=2]", images = 20 }]

[[scenario]]
name = "no data"
plays = "generator"
target = { model = "conv4" }
substitute = "my-model[width=4]"
access = "label"
budgets = [100]
methods = ["my-generator[batch=50,steps=2]"]

[[scenario]]
name = "queries"
plays = "query-attack"
target = { model = "lenet5" }
substitute = "lenet5"
access = "probabilities"
threat = { norm = "inf", radius = 0.3 }
images = 20
budgets = [10]
methods = ["my-query-attack[side=2]"]
"""


def package_of(kind: str) -> str:
    return f"benchbox_my_{BY_NAME[kind].word}"


def run(*command: str | Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run([sys.executable, "-m", *map(str, command)], capture_output=True, text=True, env=env, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one distribution of each kind, and ``site`` where they are installed as an editable install is."""
    folder = tmp_path_factory.mktemp("new")
    (folder / "site").mkdir()
    for kind in KINDS:
        out = folder / f"benchbox-my-{kind}"
        done = CliRunner().invoke(main, ["new", kind, f"my-{kind}", "--out", str(out)])
        assert done.exit_code == 0, done.output
        package = package_of(kind)
        assert tomllib.loads((out / "pyproject.toml").read_text())["project"]["dependencies"] == [DISTRIBUTION]
        (folder / "site" / package).symlink_to(out / "src" / package)
        info = folder / "site" / f"{package}-0.1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: benchbox-my-{kind}\nVersion: 0.1.0\n")
        (info / "entry_points.txt").write_text(f"[benchbox]\nmy-{kind} = {package}\n")
    return folder


@pytest.fixture(scope="module")
def installed(written: Path) -> dict[str, str]:
    paths = [str(written / "site"), *filter(None, sys.path)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


def test_they_are_listed_with_their_packages(written: Path, installed: dict[str, str]) -> None:
    listing = run("benchbox", "plugins", env=installed)
    for kind in KINDS:
        assert any(
            line.split()[:2] == [kind, f"my-{kind}"] and f"benchbox-my-{kind}" in line for line in listing.split("\n")
        )


def test_they_are_linted_formatted_and_typed(written: Path, installed: dict[str, str]) -> None:
    for kind in KINDS:
        folder = written / f"benchbox-my-{kind}"
        run("ruff", "check", "--no-cache", ".", cwd=folder)
        run("ruff", "format", "--check", "--no-cache", ".", cwd=folder)
    sources = [written / f"benchbox-my-{kind}" / "src" / package_of(kind) for kind in KINDS]
    paths = os.pathsep.join(str(source.parent) for source in sources)
    run("mypy", "--strict", *sources, env={**os.environ, "MYPYPATH": paths}, cwd=written)


def test_they_pass_their_own_tests(written: Path, installed: dict[str, str]) -> None:
    folders = [written / f"benchbox-my-{kind}" / "tests" for kind in KINDS]
    out = run("pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", *folders, env=installed, cwd=written)
    assert " passed" in out
    assert "error" not in out


def test_they_run_in_a_suite_as_written(written: Path, installed: dict[str, str]) -> None:
    (written / "trial.toml").write_text(SUITE)
    run("benchbox", "run", "--suite", "trial.toml", "--jobs", "1", env=installed, cwd=written)
    results = run("benchbox", "results", env=installed, cwd=written)
    assert "my-selector" in results
    assert "my-generator[batch=50,steps=2]" in results
    assert "my-query-attack[side=2]" in results


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["selektor", "mine"], "did you mean 'selector'"),
        (["selector", "My_Selector"], "lower-case words joined by hyphens"),
        (["selector", "mine", "--out", "."], "is there already"),
        (["attack", "attacks"], "would be benchbox's own, benchbox_attacks"),
        (["selector", "plugins"], "would be benchbox's own, benchbox_plugins"),
        (["selector", "random"], "there is a selector 'random' already, of package 'benchbox-attacks'"),
        (["generator", "random"], "there is a selector 'random' already"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["new", *words])
    assert done.exit_code == 2
    assert said in done.output


def test_a_disk_that_is_full_leaves_no_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, written = Path.write_bytes, 0

    def filling(path: Path, content: bytes) -> int:
        nonlocal written
        written += 1
        if written > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return whole(path, content)

    monkeypatch.setattr(Path, "write_bytes", filling)
    done = CliRunner().invoke(main, ["new", "selector", "mine", "--out", str(tmp_path / "it")])
    assert (done.exit_code, "cannot be read or written: No space left on device" in done.output) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_the_template_imports_makes_another_class(tmp_path: Path) -> None:
    CliRunner().invoke(main, ["new", "selector", "selector", "--out", str(tmp_path / "it")])
    assert "class SelectorPlugin(Selector):" in (tmp_path / "it/src/benchbox_selector/plugin.py").read_text()
