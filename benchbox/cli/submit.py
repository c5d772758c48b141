"""``benchbox submit``: a method with its results, packed for a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli.options import UserPath, data_dir_option, db_option
from benchbox.cli.output import say
from benchbox.suites.asked import names

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("submit", short_help="Pack a method with its results for a pull request.")
@click.option("--suite", required=True, help="The suite, by its name in the store.")
@click.option("--method", required=True, help="The method: name or name[option=value,...].")
@click.option(
    "--plugin", required=True, type=UserPath(exists=True, dir_okay=False), help="The one Python file that holds it."
)
@click.option("--dataset", "datasets", multiple=True, help="Only this data set; repeatable, or separated by commas.")
@click.option("--out", required=True, type=UserPath(file_okay=False), help="The folder to make.")
@db_option
@data_dir_option
def command(
    suite: str, method: str, plugin: Path, datasets: tuple[str, ...], out: Path, db: Address, data_dir: Path | None
) -> None:
    """Pack a method with its results for a pull request.

    Writes the plugin's file, a store with its cells of the suite and no others, and submission.json: what they claim. All of
    the cells must be done, sealed, by that very source, with the seeds 0, 1, 2 and so on. 'benchbox verify' is what CI
    runs on the folder.
    """
    from benchbox.submission import submit

    where = names("--dataset", datasets)
    made = submit(
        suite,
        method,
        plugin,
        db=db,
        datasets=where,
        data_dir=data_dir,
        out=out,
        report=lambda line: say(line, err=True),
    )
    for claim in made.claims:
        points = ", ".join(f"{100 * mean:.1f} % at {budget:,}" for budget, mean in sorted(claim.means.items()))
        say(f"{claim.where}, seeds {', '.join(map(str, claim.seeds))}: {points}")
    say(f"packed into {out}; try 'benchbox verify {out}'")
