"""The command line as a whole: help, errors in one line, exit codes, nothing imported in vain."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

from benchbox.cli import COMMANDS, main
from benchbox.errors import DataError
from benchbox.kinds import KINDS
from benchbox.store import Store

PROGRAM = [sys.executable, "-c", "from benchbox.cli import main; main()"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_listed_help_is_the_commands_own(name: str) -> None:
    command = import_module(f"benchbox.cli.{name}").command
    assert command.short_help == COMMANDS[name]
    assert command.name == name


@pytest.mark.parametrize("command", ["plugins", "check"])
def test_the_help_names_every_kind_of_plugin(command: str) -> None:
    text = " ".join(CliRunner().invoke(main, [command, "--help"]).output.partition("Options:")[0].split())
    assert [kind for kind in KINDS if kind.replace("-", " ").replace("dataset", "data set") not in text] == []


def test_the_help_of_adding_a_target_names_published_weights() -> None:
    assert "ARCHITECTURE@WEIGHTS" in CliRunner().invoke(main, ["targets", "add", "--help"]).output


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
        (["help"], "write benchbox --help"),
        (["--verbos"], "--verbose"),
        (["run", "--verbose"], "Write it before the command: benchbox --verbose"),
        (["plugins", "--kind", "selectr"], "'selectr' is not one of 'dataset', 'model', 'defence', 'selector'"),
        (["plugins", "--jsn"], "--json"),
        (["run"], "Missing option '--suite'"),
        (["run", "--suite", "smoke", "--jobs", "-1"], "-1 is not from 0 to 1,000"),
    ],
)
def test_what_is_mistyped_costs_one_line(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize("group", [[], ["db"], ["baseline"]], ids=str)
def test_a_group_alone_shows_its_help_in_lines(group: list[str]) -> None:
    alone, asked = CliRunner().invoke(main, group), CliRunner().invoke(main, [*group, "--help"])
    assert alone.output.strip() == asked.output.strip()
    assert asked.exit_code == 0


ENDLESS = "0" * 3000


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (["run", "--suite", "smoke", "--dry-run", "--dataset", f"npz:{ENDLESS}"], 700),
        (["run", "--suite", "smoke", "--dry-run", "--plugin", ENDLESS], 400),
        (["run", "--suite", "smoke", "--dry-run", "--attack", f"fgsm[eps=8.{ENDLESS[:1500]}]"], 500),
        (["run", "--suite", "smoke", "--dry-run", "--method", f"mega[z=8{ENDLESS[:1500]}]"], 400),
        (["run", "--suite", "smoke", "--dry-run", "--device", ENDLESS], 250),
        (["new", "selector", ENDLESS + "-"], 250),
        (["new", "selector", "x" + ENDLESS], 500),
        (["merge", ENDLESS, "--db", "some.db"], 500),
        (["results", "--db", ENDLESS], 500),
        (["baseline", "show", f"{ENDLESS}.json"], 700),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_an_endless_word_is_repeated_at_a_bearable_length(arguments: list[str], most: int) -> None:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert len(result.stderr) < most


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


@pytest.mark.parametrize("arguments", [["-h"], ["run", "-h"], ["baseline", "-h"], ["baseline", "save", "-h"]])
def test_h_is_help(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, result.stdout.startswith("Usage: ")) == (0, True)


@pytest.mark.parametrize(
    "error",
    [
        DataError("file 'a\x1b[2Jb\nc' is truncated"),
        click.UsageError("no \x1b]0;title\x07 such"),
        ZeroDivisionError("\x1b[31m"),
        PermissionError(13, "Permission denied", "/a/\x1b[2J"),
    ],
)
def test_control_characters_of_an_error_never_reach_a_terminal(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setitem(sys.modules, "benchbox.cli.suites", broken_by(error))
    for arguments in (["suites"], ["--verbose", "suites"]):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code in (1, 2)
        assert "\x1b" not in result.stderr
        assert "\x07" not in result.stderr


def test_what_was_typed_is_repeated_at_a_readable_length() -> None:
    for arguments in (["x" * 100_000], ["plugins", "--kind", "x" * 100_000], ["run", "--suite", "x" * 100_000]):
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code, len(result.stderr) < 700) == (2, True)


@pytest.mark.parametrize(
    "command", [["leaderboard", "--out", "file/pages"], ["new", "selector", "mine", "--out", "file/x"]]
)
def test_a_folder_that_cannot_be_written_is_one_sentence(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    Store.open("results.db").close()
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.output
    assert "cannot be read or written: Not a directory" in result.stderr


def test_a_read_only_folder_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    error = PermissionError(13, "Permission denied", "leaderboard/README.md")
    monkeypatch.setitem(sys.modules, "benchbox.cli.suites", broken_by(error))
    result = CliRunner().invoke(main, ["suites"])
    assert result.stderr == "benchbox: 'leaderboard/README.md' cannot be read or written: Permission denied\n"


def test_ctrl_c_before_a_run_begins_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "benchbox.cli.suites", broken_by(KeyboardInterrupt()))  # type: ignore[arg-type]
    result = CliRunner().invoke(main, ["suites"])
    assert (result.exit_code, result.stderr.strip()) == (
        130,
        "benchbox: stopped; the same command goes on, and what was finished is kept",
    )


def test_a_reader_that_hangs_up_is_no_error() -> None:
    first = subprocess.Popen([*PROGRAM, "plugins"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stderr is not None
    with first:
        first.stdout.close()
        assert first.stderr.read() == ""
    assert first.returncode in (0, 1)


@pytest.mark.parametrize(
    ("plays", "arguments"),
    [
        ("benchbox.api.run", ["run", "--suite", "smoke"]),
        ("benchbox.sweeping.sweep", ["sweep", "random", "--suite", "smoke", "--json"]),
        ("benchbox.auditing.audit", ["audit", "--target", "code:answer", "--data", "digits"]),
    ],
)
def test_verbose_shows_live_what_players_print_in_every_command_whose_help_says_so(
    plays: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    ended = SimpleNamespace(exit_code=0)

    def play(*_: object, live: bool, **__: object) -> SimpleNamespace:
        told.append(live)
        return SimpleNamespace(exit_code=0, page="", summary=ended)

    monkeypatch.setattr(plays, play)
    for before in ([], ["--verbose"]):
        assert CliRunner().invoke(main, [*before, *arguments]).exit_code == 0
    assert told == [False, True]
    assert (
        arguments[0] in CliRunner().invoke(main, ["--help"]).output.partition("--version")[0].partition("--verbose")[2]
    )
