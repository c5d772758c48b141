"""``benchbox sweep``: every combination of a method's options, on held-out training images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchbox.cli import completion
from benchbox.cli.options import (
    STORE_FORMS,
    data_dir_option,
    device_option,
    download_option,
    observer_option,
    plugin_option,
    store_address,
    verbose,
)
from benchbox.cli.output import prints_elsewhere, say
from benchbox.cli.playing_options import (
    budgets_option,
    datasets_option,
    dry_run_option,
    jobs_option,
    json_lines_option,
    retry_failed_option,
    scenarios_option,
    seeds_option,
    suite_option,
    time_limit_option,
    trainers_option,
)
from benchbox.paths import SWEEP_DB
from benchbox.suites.asked import names, read_seeds, several, whole_numbers

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("sweep", short_help="Try many settings of a method on held-out training images.")
@click.argument("grids", nargs=-1, required=True, metavar="GRID...", shell_complete=completion.plugins("method"))
@suite_option
@datasets_option
@scenarios_option
@trainers_option
@seeds_option
@budgets_option
@jobs_option
@device_option
@data_dir_option
@click.option(
    "--db",
    type=store_address,
    default=SWEEP_DB,
    show_default=True,
    metavar="PATH|URL",
    help=f"The store of sweeps: {STORE_FORMS}.",
)
@plugin_option
@dry_run_option
@retry_failed_option
@download_option
@time_limit_option
@observer_option
@json_lines_option
def command(
    grids: tuple[str, ...],
    suite: str,
    datasets: tuple[str, ...],
    scenarios: tuple[str, ...],
    trainers: tuple[str, ...],
    seeds: str | None,
    budgets: tuple[str, ...],
    jobs: int,
    device: str,
    data_dir: Path | None,
    db: Address,
    plugins: tuple[Path, ...],
    dry_run: bool,
    retry_failed: bool,
    download: bool,
    time_limit: float | None,
    observers: tuple[str, ...],
    as_json: bool,
) -> int:
    """Try many settings of a method on held-out training images.

    A GRID is a method with several values of an option, or of more: "drmi[alpha=1,2,4,bins=16,256]" is six methods. What
    stands between commas and begins with no option= is another value of the option before it; a list keeps its brackets,
    a text with commas its quotes.

    Each data set is played as held-out:NAME: a sixth of its training images stands for its test images, which nobody
    looks at, and targets are trained without them. So what a sweep chooses may be measured afterwards with benchbox run. What
    is chosen by results on test images may not be claimed.

    Everything else is as with benchbox run. In the end the tables of the sweep are printed.
    """
    from benchbox.sweeping import grid_of, sweep

    asked: dict[str, Any] = {
        "datasets": several("--dataset", datasets),
        "scenarios": names("--scenario", scenarios),
        "trainers": several("--trainer", trainers),
        "seeds": () if seeds is None else read_seeds(seeds),
        "budgets": whole_numbers("--budgets", budgets),
    }
    wanted = several("GRID", grids)
    grid = grid_of(suite, wanted, plugins=plugins, **asked)
    place: dict[str, Any] = {
        "db": db,
        "device": device,
        "data_dir": data_dir,
        "plugins": plugins,
        "download": download,
        "report": lambda line: say(line, err=True),
    }
    if dry_run:
        from benchbox.api import check_how
        from benchbox.cli.planned import dry_run as print_plan

        check_how(jobs, None, device, time_limit, observers)
        print_plan(suite, grid.selection, place, jobs=jobs, retry_failed=retry_failed, as_json=as_json)
        return 0
    from benchbox.displays import choose

    with prints_elsewhere(as_json):
        summary = sweep(
            suite,
            wanted,
            **asked,
            **place,
            jobs=jobs,
            retry_failed=retry_failed,
            time_limit=time_limit,
            observers=observers,
            display=choose(json=as_json, where=str(db), here=jobs == 0),
            live=verbose(),
        )
    if not as_json:
        _print_tables(db, grid.suite, grid.selection.datasets)
    return summary.exit_code


def _print_tables(db: Address, suite: str, datasets: Sequence[str]) -> None:
    from benchbox.registry import Catalogue
    from benchbox.report import read_pages
    from benchbox.report.text import render_pages
    from benchbox.store import Store

    with Store.open(db, create=False) as store:
        say(render_pages(read_pages(store, Catalogue.discover(), [suite], datasets)))
