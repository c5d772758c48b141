"""``benchbox suites``: which suites there are, and what each plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue

if TYPE_CHECKING:
    from benchbox.suites import Suite

HEADERS = ("suite", "data sets", "methods", "seeds", "title")


@click.command("suites", short_help="List the suites.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with scenarios, budgets and paths.")
def command(as_json: bool) -> None:
    """List the suites that benchbox run --suite takes by name. It takes the path of a .toml file, too."""
    catalogue = Catalogue.discover()
    from benchbox.suites import (  # numpy comes with it, and the listing above need not wait for that
        load_suite,
        suite_files,
    )

    suites: list[Suite] = []
    for name in sorted(suite_files(catalogue)):
        try:
            suites.append(load_suite(name, catalogue))
        except BenchboxError as error:
            say(f"benchbox: {error}", err=True)
    if as_json:
        print_json([_object(suite) for suite in suites])
    else:
        print_table(HEADERS, [_cells(suite) for suite in suites])


def _cells(suite: Suite) -> tuple[str, ...]:
    methods = {entry.written for scenario in suite.scenario for entry in scenario.methods}
    return suite.name, ", ".join(suite.datasets), str(len(methods)), str(len(suite.seeds)), suite.title


def _object(suite: Suite) -> dict[str, Any]:
    return {**suite.model_dump(mode="json"), "path": str(suite.path)}
