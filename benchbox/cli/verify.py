"""``benchbox verify``: whether a submission is what it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli.choices import Whole
from benchbox.cli.options import UserPath, data_dir_option, store_address
from benchbox.cli.output import say
from benchbox.suites.words import MOST_JOBS

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("verify", short_help="Play a submission again, and on a target that nobody knew.")
@click.argument("folder", type=UserPath(exists=True, file_okay=False))
@click.option(
    "--sample",
    type=Whole(1, 1000),
    default=3,
    show_default=True,
    help="How many cells of each game are played again, drawn at random.",
)
@click.option(
    "--sealed",
    type=click.Choice(["sandbox", "process"]),
    default="sandbox",
    show_default=True,
    help="How far players must be shut in here; 'benchbox doctor' says what this machine can.",
)
@click.option("--jobs", type=Whole(1, MOST_JOBS), default=1, show_default=True, help="Cells that run at once.")
@click.option(
    "--into",
    type=store_address,
    metavar="PATH",
    help="Take the cells of an accepted submission over into this store, and mark them there as verified.",
)
@data_dir_option
def command(folder: Path, sample: int, sealed: str, jobs: int, into: Address | None, data_dir: Path | None) -> int:
    """Play a submission again, and on a target that nobody knew.

    Holds FOLDER's cells against its claims and its source, plays a sample of them again, and then the method against a target
    that is trained for it with a seed and class names that are drawn now: what a plugin brings in its file helps
    nothing there. Exits with 1 where anything does not hold, and where its code could not be shut in.

    --into is for maintainers: tables mark what their store's own file, results.verified.json beside results.db, says is
    verified. No submission and no merge brings such a mark along.
    """
    from benchbox.records import Sealed
    from benchbox.submission import verify

    verdict = verify(
        folder,
        sample=sample,
        sealed=Sealed(sealed),
        jobs=jobs,
        into=into,
        data_dir=data_dir,
        report=lambda line: say(line, err=True),
    )
    for finding in verdict.findings:
        say(f"{'holds' if finding.holds else 'FAILS'}  {finding.what}: {finding.sentence}")
    say(
        f"{'accepted' if verdict.accepted else 'rejected'}: '{verdict.submission.method}' in suite '{verdict.submission.suite}'"
    )
    return 0 if verdict.accepted else 1
