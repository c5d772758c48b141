"""A shell completes commands, options, and the names of suites and plugins; a slip in the line costs no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "benchbox"]
PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def completed(line: str) -> list[str]:
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    environment = {"_BENCHBOX_COMPLETE": "bash_complete", **words}
    ran = subprocess.run(PROGRAM, env={**os.environ, **environment}, capture_output=True, text=True)
    assert (ran.returncode in (0, 1), ran.stderr) == (True, "")
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("benchbox swe", ["plain,sweep"]),
        ("benchbox run --retry", ["plain,--retry-failed"]),
        ("benchbox run --suite label", ["plain,label-only"]),
        ("benchbox run --suite ./my", ["file,./my"]),
        ("benchbox run --method random", ["plain,random", "plain,random-stratified"]),
        ("benchbox run --attack fgs", ["plain,fgsm"]),
        ("benchbox plugins fgs", ["plain,fgsm"]),
        ("benchbox suites label", ["plain,label-only"]),
        ("benchbox rux --suite label", []),
    ],
)
def test_a_shell_is_told_what_may_follow(line: str, found: list[str]) -> None:
    assert completed(line) == found


def test_names_that_cannot_be_read_complete_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_IMPORT_SECONDS", "some")
    assert completed("benchbox plugins fgs") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_learns_it_as_the_page_says(shell: str) -> None:
    assert f"_BENCHBOX_COMPLETE={shell}_source benchbox" in PAGE.read_text(encoding="utf-8")
    environment = {**os.environ, "_BENCHBOX_COMPLETE": f"{shell}_source"}
    said = subprocess.run(PROGRAM, env=environment, capture_output=True, text=True, check=True).stdout
    assert f"_BENCHBOX_COMPLETE={shell}_complete" in said
