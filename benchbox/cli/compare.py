"""``benchbox compare``: results beside a baseline, with a noise band."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli.choices import Number
from benchbox.cli.options import UserPath, db_option
from benchbox.cli.output import say
from benchbox.errors import BaselineError

if TYPE_CHECKING:
    from benchbox.regression import Comparison
    from benchbox.store import Address

SUMMARY = "GITHUB_STEP_SUMMARY"


@click.command("compare", short_help="Compare results with a baseline; --fail for CI.")
@click.argument("baseline")
@db_option
@click.option(
    "--fail",
    is_flag=True,
    help="Exit with 1 where a metric is worse, missing, not judged, or was played by other rules.",
)
@click.option(
    "--floor",
    type=Number(20, zero=True),
    metavar="POINTS",
    help="Least difference that counts, at most 20.  [default: 1 for accuracy and fidelity, 2 for attack success]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--markdown",
    "file",
    type=UserPath(dir_okay=False),
    metavar="FILE",
    help="Write a Markdown summary, too.",
)
@click.option("--github-summary", is_flag=True, help=f"Append it to the job's summary, the file that {SUMMARY} names.")
def command(
    baseline: str,
    db: Address,
    fail: bool,
    floor: float | None,
    as_json: bool,
    file: Path | None,
    github_summary: bool,
) -> None:
    """Compare the results in --db with BASELINE: a name in baselines/, or a path that ends in .json.

    A metric is worse, or better, where its difference is beyond its band: the 95 % interval of the difference over
    common seeds, corrected for the number of metrics, and at least a floor. A metric that is missing is a failure, and so is
    one whose band is wider than 20 points: it cannot be judged, and needs more seeds. Run
    the suite into a fresh store first; cells that have a result are not run again.
    """
    from benchbox.cli.output import print_json
    from benchbox.regression import as_data, baseline_path, compare, load_baseline, markdown
    from benchbox.store import Store

    frozen = load_baseline(baseline_path(baseline))
    with Store.open(db, create=False) as store:
        found = compare(frozen, store, floor=None if floor is None else floor / 100)
    if as_json:
        print_json(as_data(found))
    else:
        print_comparison(found)
    for place, mode in ((file, "w"), (_summary_file() if github_summary else None, "a")):
        if place is not None:
            _write(place, mode, markdown(found, baseline))
    if fail and found.failed:
        raise click.exceptions.Exit(1)


def print_comparison(found: Comparison) -> None:
    """Print the table, the reasons of what is missing or not judged, what changed beside the numbers, and the verdict."""
    from benchbox.cli.output import print_table
    from benchbox.regression import COLUMNS, reasons, summary, table_rows

    print_table(COLUMNS, table_rows(found))
    for line in (*reasons(found), *(f"note: {note}" for note in found.notes)):
        say(line)
    say(summary(found))


def _summary_file() -> Path:
    place = os.environ.get(SUMMARY)
    if not place:
        raise BaselineError(f"--github-summary: {SUMMARY} is not set; outside GitHub Actions use --markdown FILE")
    return Path(place)


def _write(path: Path, mode: str, text: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise BaselineError(f"'{path}' cannot be written: {error.strerror}") from None
