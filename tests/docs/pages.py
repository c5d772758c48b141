"""Pages that are executed: their files are written, their commands run, in the order of the page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"^([0-9a-f]{16}) ", re.MULTILINE)


def files(page: str) -> dict[str, str]:
    """Return the files that a page has its readers write."""
    return {file: text for _, file, text in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")) if file}


def play(page: str, folder: Path, typed: str = "", changed: Mapping[str, str] | None = None) -> dict[str, str]:
    """Do what a page says, and return what each command printed, errors included.

    Args:
        page: its name in docs/.
        folder: where its reader is.
        typed: what the reader types into every command.
        changed: what is written in place of texts of the page, as where less is played.
    """
    printed: dict[str, str] = {}
    whole = (DOCS / page).read_text(encoding="utf-8")
    for usual, other in (changed or {}).items():
        assert whole.count(usual) == 1
        whole = whole.replace(usual, other)
    for language, file, text in BLOCK.findall(whole):
        if file:
            (folder / file).write_text(text)
        elif language == "sh":
            for line in text.splitlines():
                key = line if line not in printed else f"{line} (again)"
                printed[key] = _run(line, folder, typed, "".join(printed.values()))
    return printed


def _run(line: str, folder: Path, typed: str, before: str) -> str:
    """Run a command; CELL stands for the id that was listed last, and a comment says which exit code is expected."""
    command, _, comment = line.partition("  # exit code ")
    words = shlex.split(command.replace("CELL", (_ID.findall(before) or [""])[-1]))
    variables: dict[str, str] = {}
    while "=" in words[0]:
        name, _, variables[name] = words.pop(0).partition("=")
    start = [sys.executable] if words[0] == "python" else [sys.executable, "-m", words[0]]
    done = subprocess.run(
        [*start, *words[1:]],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**environment(), **variables},
        input=typed,
        check=False,
    )
    assert done.returncode == int(comment or 0), f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def environment() -> dict[str, str]:
    """Return the environment of a reader whose Python finds what ours does."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "200"}
