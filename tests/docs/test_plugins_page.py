"""The tutorial is executed: its files are written, its commands run, in the order of the page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed, by command."""
    folder = tmp_path_factory.mktemp("tutorial")
    printed = {}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "COLUMNS": "200"}
    for language, file, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if file:
            (folder / file).write_text(text)
        elif language == "sh":
            for line in text.splitlines():
                command = [sys.executable, "-m", *shlex.split(line)]
                done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
                assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
                printed[line] = done.stdout
    return printed


def test_the_selector_of_the_tutorial_keeps_its_contract_and_runs(output: dict[str, str]) -> None:
    checks = [text for line, text in output.items() if line.startswith("benchbox check")]
    assert len(checks) == 2
    assert all("keeps its contract" in text for text in checks)
    assert "rare-first" in output["benchbox results"]


def test_the_page_promises_a_selector_of_forty_lines(output: dict[str, str]) -> None:
    files = {file: text for _, file, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if file}
    code = [line for line in files["my_selector.py"].splitlines() if line.strip()]
    assert len(code) <= 40


def test_new_and_the_kit_in_pytest_work_as_the_page_says(output: dict[str, str]) -> None:
    assert "benchbox check my-selector" in output["benchbox new selector my-selector"]
    assert " passed" in output["pytest test_rare_first.py"]
