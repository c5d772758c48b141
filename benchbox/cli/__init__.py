"""The command line: one module a command, imported when it is used."""

from __future__ import annotations

import os
from typing import Any

import click

from benchbox.cli.examples import epilog
from benchbox.cli.group import LazyGroup
from benchbox.distribution import version

# pydantic would import what any installed package names under its own entry points, here, where the results are kept
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

COMMANDS = {
    "run": "Run a suite, or what is missing of it.",
    "sweep": "Try many settings of a method on held-out training images.",
    "audit": "Say how many questions a model of your own lasts.",
    "suites": "List the suites, or tell all about one.",
    "plugins": "List the plugins, or tell all about one.",
    "check": "Check that a plugin keeps its contract.",
    "new": "Write an installable plugin to start from.",
    "targets": "List the targets, train one from its recipe, or add your own.",
    "results": "List stored results, cell by cell.",
    "show": "Show everything about one cell.",
    "defences": "Show what each defence takes from each thief, and costs.",
    "leaderboard": "Regenerate the leaderboards from the store.",
    "plot": "Draw curves of the store as SVG or PNG.",
    "baseline": "Freeze results as a baseline, or show one.",
    "compare": "Compare results with a baseline; --fail for CI.",
    "doctor": "Say what this machine can do, and why not more.",
    "db": "Look after the results store.",
    "merge": "Take over the results of other stores.",
    "submit": "Pack a method with its results for a pull request.",
    "verify": "Play a submission again, and on a target that nobody knew.",
}
"""One line of help a command, so that ``--help`` imports none of them; a test holds it equal to their own."""


_SETTINGS: dict[str, Any] = {"context_settings": {"help_option_names": ["-h", "--help"]}, "epilog": epilog("")}


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"benchbox {version() or 'not installed'}")
        context.exit()


@click.group(cls=LazyGroup, commands_help=COMMANDS, package="benchbox.cli", **_SETTINGS)
@click.option(
    "--verbose",
    is_flag=True,
    help="Show the traceback of an error; of run, sweep and audit also live what players print.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def main(**_: Any) -> None:
    """benchbox: black-box attacks on image classifiers, under a query budget."""
