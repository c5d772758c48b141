"""``benchbox new``: writes a small, complete, installable distribution from the templates beside this module."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from benchbox.contracts import CONTRACT_VERSION
from benchbox.distribution import DISTRIBUTION
from benchbox.errors import OptionError, shown
from benchbox.kinds import Kind, kind_of
from benchbox.paths import write_whole

_OURS = ("benchbox_plugins", DISTRIBUTION.replace("-", "_"))
_TEMPLATES = Path(__file__).parent / "templates"


def write_distribution(kind: str, name: str, folder: Path) -> list[Path]:
    """Write a distribution with one plugin.

    Args:
        kind: one of ``benchbox.kinds.KINDS``.
        name: the plugin's name: lower-case words joined by hyphens.
        folder: where it goes; it must not exist, or be empty.

    Returns:
        The files, sorted.

    Raises:
        UnknownNameError: there is no such kind.
        OptionError: the name is no plugin's name, or the folder holds something.
    """
    row = kind_of(kind)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise OptionError(
            f"'{shown(name)}' is no name for a plugin: use lower-case words joined by hyphens, such as my-{kind}"
        )
    words = _words(row, name)
    if words["package"] in _OURS:
        raise OptionError(
            f"'{name}' is no name for a plugin of yours: its package would be benchbox's own, {words['package']}"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OptionError(f"'{folder}' is there already; choose another folder with --out")
    written = []
    try:
        for source, target in _files(row, words["package"]):
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, Template(source.read_text(encoding="utf-8")).substitute(words).encode())
            written.append(path)
    except OSError:  # half a distribution would be in the way of the same command
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sorted(written)


def _words(kind: Kind, name: str) -> dict[str, str]:
    package = "benchbox_" + name.replace("-", "_")
    cls = "".join(word.capitalize() for word in name.split("-"))
    return {
        "kind": kind.name,
        "name": name,
        "distribution": package.replace("_", "-"),
        "ours": DISTRIBUTION,
        "package": package,
        "cls": f"{cls}Plugin" if cls in _TAKEN else cls,
        "tests": kind.tests,
        "contract": str(CONTRACT_VERSION),
        "trial": kind.trial.format(name=name),
    }


_TAKEN = {
    "Arrays",
    "Array",
    "Attack",
    "Baseoptions",
    "Dataset",
    "Defence",
    "Field",
    "Game",
    "Generator",
    "Model",
    "Options",
    "Path",
}
_TAKEN |= {"Owner", "Plugin", "QueryAttack", "SearchGame", "Selector", "Shape", "Tensor", "Threat", "Told", "Trainer"}
"""Names that the templates import."""


def _files(kind: Kind, package: str) -> list[tuple[Path, str]]:
    common = _TEMPLATES / "common"
    return [
        (common / "pyproject.toml.in", "pyproject.toml"),
        (common / "README.md.in", "README.md"),
        (common / "ci.yml.in", ".github/workflows/ci.yml"),
        (common / "gitignore.in", ".gitignore"),
        (common / "init.py.in", f"src/{package}/__init__.py"),
        (common / "py.typed.in", f"src/{package}/py.typed"),
        (_TEMPLATES / kind.template, f"src/{package}/plugin.py"),
        (_TEMPLATES / f"test_{kind.template}", "tests/test_plugin.py"),
    ]
