"""The command line as a whole: help, errors in one line, exit codes, nothing imported in vain."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from benchbox.cli import COMMANDS, main
from benchbox.errors import DataError

PROGRAM = [sys.executable, "-c", "from benchbox.cli import main; main()"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_help_is_the_commands_own(name: str) -> None:
    command = import_module(f"benchbox.cli.{name}").command
    assert command.short_help == COMMANDS[name]
    assert command.name == name


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for name, line in COMMANDS.items():
        assert f"{name} " in text
        assert line in text


def imported(arguments: list[str], names: set[str]) -> str:
    """Run a command in a process of its own and return which of some modules it imported, as text."""
    script = f"""
import sys
from benchbox.cli import main
try:
    main({arguments!r})
finally:
    print({names!r} & set(sys.modules), file=sys.stderr)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    return ended.stderr.strip()


@pytest.mark.parametrize("arguments", [["--help"], ["plugins"], ["suites"], ["run", "--help"], ["--version"]])
def test_listing_imports_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"torch", "art", "sklearn", "pandas", "matplotlib", "numba", "torchvision"}
    assert imported(arguments, heavy) == "set()"


def test_help_imports_no_command() -> None:
    assert imported(["--help"], {"pydantic", "numpy", "rich", "sqlalchemy", "benchbox.cli.run"}) == "set()"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["rnu"], "benchbox: there is no command 'rnu'; did you mean 'run'?"),
        (["--verbos"], "--verbose"),
        (["plugins", "--kind", "selectr"], "'selectr' is not one of 'dataset', 'model', 'selector'"),
        (["plugins", "--jsn"], "--json"),
        (["run"], "Missing option '--suite'"),
        (["run", "--suite", "smoke", "--jobs", "-1"], "-1 is not in the range x>=0"),
    ],
)
def test_what_is_mistyped_costs_one_line(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def broken_by(error: Exception) -> SimpleNamespace:
    @click.command()
    def command() -> None:
        raise error

    return SimpleNamespace(command=command)


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (DataError("file 'x' is truncated"), 2, "benchbox: file 'x' is truncated"),
        (ZeroDivisionError("division by zero"), 1, "this is a bug: ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_is_one_line_and_a_traceback_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, sentence: str
) -> None:
    monkeypatch.setitem(sys.modules, "benchbox.cli.suites", broken_by(error))
    plain = CliRunner().invoke(main, ["suites"])
    assert (plain.exit_code, len(plain.stderr.splitlines())) == (code, 1)
    assert sentence in plain.stderr
    assert ("--verbose" in plain.stderr) == (code == 1)
    verbose = CliRunner().invoke(main, ["--verbose", "suites"])
    assert verbose.exit_code == code
    assert "Traceback" in verbose.stderr
    assert sentence in verbose.stderr


def test_ctrl_c_before_a_run_begins_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "benchbox.cli.suites", broken_by(KeyboardInterrupt()))  # type: ignore[arg-type]
    result = CliRunner().invoke(main, ["suites"])
    assert (result.exit_code, result.stderr.strip()) == (130, "benchbox: stopped")


def test_a_reader_that_hangs_up_is_no_error() -> None:
    first = subprocess.Popen([*PROGRAM, "plugins"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stderr is not None
    with first:
        first.stdout.close()
        assert first.stderr.read() == ""
    assert first.returncode in (0, 1)
