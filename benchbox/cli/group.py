"""A click group that imports a command's module when the command is used, and prints errors as one line."""

from __future__ import annotations

import errno
import gc
import importlib
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from benchbox.cli.examples import epilog
from benchbox.errors import BenchboxError, UnknownNameError, shown
from benchbox.paths import foreign_letters, readable, unreadable
from benchbox.records import printable

_LONGEST, _LONGEST_USAGE, _LONGEST_WORD = 4000, 400, 300
"""Characters of a sentence, which may list every known name; of a usage error, since click repeats what was typed; and of a
word, which may be a path."""
_NO_COMMAND: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What click raises from 8.2 on where a group is called alone; until then it prints the help itself."""
_MANY = 100_000
"""Objects between two searches for garbage in cycles: what a command makes at its start is nearly all to stay."""
_OF_FILES = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOENT, errno.ENOTDIR),
    *(errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP),
)
"""What can be wrong with a place that the user named: theirs to mend."""


class LazyGroup(click.Group):
    """A group of commands that are modules of a package, each with an attribute ``command``.

    Exit codes: 2 for what the user can mend, 1 for a bug of ours, 130 for Ctrl-C.

    Args:
        commands_help: the one-line help of each command by name, in the order of ``--help``.
        package: the package that holds the modules.
    """

    def __init__(self, *args: Any, commands_help: Mapping[str, str], package: str, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._help, self._package = commands_help, package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self._help)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, or return None where there is none of that name."""
        if cmd_name not in self._help:
            return None
        command = importlib.import_module(f"{self._package}.{cmd_name}").command
        assert isinstance(command, click.Command)
        command.epilog = epilog(cmd_name)
        for name, inner in command.commands.items() if isinstance(command, click.Group) else ():
            inner.epilog = epilog(f"{cmd_name} {name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest."""
        if args[0] not in self._help and not args[0].startswith("-") and not ctx.resilient_parsing:
            instead = "write benchbox --help" if args[0] == "help" else ""
            raise UnknownNameError("command", args[0], self._help, instead=instead)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._help.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error becomes one line on standard error."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except BenchboxError as error:
            self._fail(ctx, f"benchbox: {error}", 2)
        except OSError as error:
            if error.filename is None or error.errno not in _OF_FILES:
                self._fail(ctx, _bug(error), 1)
            self._fail(ctx, f"benchbox: '{error.filename}' cannot be read or written: {error.strerror}", 2)
        except Exception as error:
            self._fail(ctx, _bug(error), 1)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run as a program: as click does, with usage errors in one line too and quiet where a reader hangs up."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        gc.set_threshold(_MANY, 20, 20)
        try:
            _refuse_foreign_letters(sys.argv[1:] if args is None else args)
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
        except _NO_COMMAND as error:
            error.show()  # the help of a group: many lines, as they are
            code = error.exit_code
        except click.UsageError as error:
            command = error.ctx.command_path if error.ctx else "benchbox"
            click.echo(f"{command}: {_usage(error)} ({command} --help)", err=True)
            code = error.exit_code
        except click.ClickException as error:
            click.echo(f"benchbox: {_usage(error)}", err=True)
            code = error.exit_code
        except click.Abort:
            click.echo("benchbox: stopped; the same command goes on, and what was finished is kept", err=True)
            code = 130
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = 1
        sys.exit(code if isinstance(code, int) else 0)

    def _fail(self, ctx: click.Context, sentence: str, code: int) -> NoReturn:
        if ctx.params.get("verbose"):
            click.echo(printable(traceback.format_exc()), err=True)
        click.echo(shown(re.sub(rf"\S{{{_LONGEST_WORD},}}", _cut, sentence), _LONGEST), err=True)
        ctx.exit(code)


class _Unreadable(click.ClickException):
    """Letters that this locale cannot read; the user mends it."""

    exit_code = 2


def _refuse_foreign_letters(arguments: Sequence[str]) -> None:
    """Say at once what this locale cannot read, in place of an error of whichever room meets it first.

    Raises:
        _Unreadable: there is such a text.
    """
    said = next((f"the argument {unreadable(text)}" for text in arguments if not readable(text)), foreign_letters())
    if said:
        raise _Unreadable(said)


def _cut(word: re.Match[str]) -> str:
    return word.group()[: _LONGEST_WORD - 3] + "..."


def _usage(error: click.ClickException) -> str:
    before = getattr(error, "option_name", "") == "--verbose"
    hint = " Write it before the command: benchbox --verbose ..." if before else ""
    return shown(" ".join(error.format_message().split()), _LONGEST_USAGE) + hint


def _bug(error: Exception) -> str:
    name = type(error).__name__
    return f"benchbox: this is a bug: {name}: {error} (benchbox --verbose ... shows the traceback)"
