"""Every command's help ends with examples, which the command line reads."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from benchbox.cli import main
from benchbox.cli.examples import EXAMPLES


def commands() -> Iterator[str]:
    context = click.Context(main, **main.context_settings)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        yield name
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.commands)


def test_every_command_has_examples() -> None:
    assert {"", *commands()} == set(EXAMPLES)


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_the_command_line_reads_an_example(example: str) -> None:
    program, *words = shlex.split(example)
    assert program == "benchbox"
    command: click.Command | None = main
    context = click.Context(main, **main.context_settings)
    while isinstance(command, click.Group) and words and words[0] in command.list_commands(context):
        command = command.get_command(context, words.pop(0))
    assert command is not None
    if not isinstance(command, click.Group):
        command.make_parser(context).parse_args(words)
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_ends_with_them(command: str) -> None:
    text = CliRunner().invoke(main, [*command.split(), "--help"]).stdout
    assert text.endswith("".join(("\n  Examples:\n", *(f"    {line}\n" for line in EXAMPLES[command]))))
