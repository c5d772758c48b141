"""Options of the commands that play a suite, ``run`` and ``sweep``: what of it, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from benchbox.cli import completion
from benchbox.cli.choices import Number, Whole
from benchbox.cli.options import suite_place
from benchbox.suites.words import LONGEST_TIME, MOST_JOBS

Command = TypeVar("Command", bound=Callable[..., Any])


def plugins_option(name: str, text: str) -> Callable[[Command], Command]:
    """Return a repeatable option that names plugins of the kinds called ``name``, and completes them: ``--trainer``."""
    return click.option(f"--{name}", f"{name}s", multiple=True, shell_complete=completion.plugins(name), help=text)


suite_option = click.option(
    "--suite",
    required=True,
    callback=suite_place,
    shell_complete=completion.suites,
    help="A suite's name (benchbox suites lists them), or the path of a .toml file.",
)
datasets_option = plugins_option(
    "dataset", r"A data set in place of the suite's default, or npz:PATH; a comma in PATH is written \,."
)
scenarios_option = click.option(
    "--scenario", "scenarios", multiple=True, help="Only this scenario of the suite, by its name; repeatable."
)
trainers_option = plugins_option(
    "trainer", "Have this trainer make the substitutes, in place of the suite's: name or name[option=value,...]."
)
seeds_option = click.option(
    "--seeds",
    metavar="N|LIST",
    help="How many (5 is 0 to 4), or which: 0,3 or 2..4; one alone with a comma behind it: '3,' is seed 3.",
)
budgets_option = click.option("--budgets", multiple=True, help="Query budgets in place of the suite's: 50,100.")
jobs_option = click.option(
    "--jobs",
    type=Whole(0, MOST_JOBS),
    default=1,
    show_default=True,
    help="Cells that run at once; 0 plays in this process, for print and breakpoint(): unsealed, and not ranked.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Print the cells, their count and what is done; run nothing."
)
retry_failed_option = click.option("--retry-failed", is_flag=True, help="Run cells again that failed before.")
time_limit_option = click.option(
    "--time-limit",
    type=Number(LONGEST_TIME),
    help="Seconds that one cell may take, its start aside, in place of the suite's.",
)
json_lines_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: for each event one object, on a line of its own."
)
