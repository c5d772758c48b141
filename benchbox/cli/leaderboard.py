"""``benchbox leaderboard``: pages from the store."""

from __future__ import annotations

from pathlib import Path

import click

from benchbox.cli.choices import several
from benchbox.cli.options import db_option


@click.command("leaderboard", short_help="Regenerate the leaderboards from the store.")
@db_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("leaderboard"),
    show_default=True,
    help="The folder to write to.",
)
@click.option("--suite", "suites", multiple=True, help="Only this suite; repeatable, or separated by commas.")
@click.option("--dataset", "datasets", multiple=True, help="Only this data set; repeatable, or separated by commas.")
@click.option("--print", "as_text", is_flag=True, help="Print the tables instead of writing files.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where the folder is not what the store gives.")
def command(db: str, out: Path, suites: tuple[str, ...], datasets: tuple[str, ...], as_text: bool, check: bool) -> None:
    """Regenerate the leaderboards from the store.

    The same store gives the same bytes. Pages of suites that the store no longer holds are removed, unless --suite or
    --dataset narrows what is written.
    """
    from benchbox.registry import Registry
    from benchbox.report import differing, read_pages, write_leaderboard
    from benchbox.report.text import render_pages
    from benchbox.store import Store

    chosen = several(suites), several(datasets)
    registry = Registry.discover()
    with Store.open(db, create=False) as store:
        if as_text:
            click.echo(render_pages(read_pages(store, registry, *chosen)))
        elif check:
            _report(differing(store, out, registry, *chosen))
        else:
            paths = write_leaderboard(store, out, registry, *chosen)
            click.echo(f"{len(paths)} files in {out}; start at {out / 'README.md'}")


def _report(wrong: list[Path]) -> None:
    for path in wrong:
        click.echo(f"{path} is not what the store gives")
    if wrong:
        click.echo("run 'benchbox leaderboard' to regenerate", err=True)
        raise click.exceptions.Exit(1)
