"""``benchbox leaderboard``: pages from the store."""

from __future__ import annotations

import gc
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from benchbox.cli.options import UserPath, db_option, store_address
from benchbox.cli.output import say

if TYPE_CHECKING:
    from benchbox.store import Address, Store


@click.command("leaderboard", short_help="Regenerate the leaderboards from the store.")
@db_option
@click.option(
    "--out",
    type=UserPath(file_okay=False),
    default=Path("leaderboard"),
    show_default=True,
    help="The folder to write to.",
)
@click.option(
    "--beside",
    type=store_address,
    metavar="PATH|URL",
    help="Show the results of --db beside those of this store, as the published one; both stay as they are.",
)
@click.option("--suite", "suites", multiple=True, help="Only this suite; repeatable, or separated by commas.")
@click.option("--dataset", "datasets", multiple=True, help="Only this data set; repeatable, or separated by commas.")
@click.option("--print", "as_text", is_flag=True, help="Print the tables instead of writing files.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 where the folder is not what the store gives.")
@click.option(
    "--open", "show", is_flag=True, help="Then open index.html in the browser; where there is none, print its path."
)
def command(
    db: Address,
    out: Path,
    beside: Address | None,
    suites: tuple[str, ...],
    datasets: tuple[str, ...],
    as_text: bool,
    check: bool,
    show: bool,
) -> None:
    """Regenerate the leaderboards from the store.

    Writes Markdown for the repository (README.md and a page a suite and data set), one HTML page (index.html), and all of it
    as CSV and JSON with a data dictionary (data/README.md).

    With --beside they tell of two stores together: your methods beside the published ones, marked '3 of 5 seeds' where they
    were played with fewer, 'other rules, 2 of 6 budgets' where with fewer budgets.

    The same store gives the same bytes. Pages of suites that the store no longer holds are removed, unless --suite or
    --dataset narrows what is written.
    """
    if sum([as_text, check, show]) > 1:
        raise click.UsageError("--print, --check and --open exclude each other")
    with _without_collections():
        from benchbox.registry import Catalogue

        catalogue = Catalogue.discover()  # before numpy is imported: its helper can be a fork, which starts at once
        from benchbox.report import differing, read_pages, write_leaderboard
        from benchbox.report.text import render_pages
        from benchbox.store import Store
        from benchbox.suites.asked import several

        chosen = several("--suite", suites), several("--dataset", datasets)
        with Store.open(db, create=False) if beside is None else _together(db, beside) as store:
            if as_text:
                say(render_pages(read_pages(store, catalogue, *chosen)))
            elif check:
                _report(differing(store, out, catalogue, *chosen), _without_check())
            else:
                paths = write_leaderboard(store, out, catalogue, *chosen)
                say(f"{len(paths)} files in {out}; start at {out / 'README.md'}")
    if show:
        _open(out / "index.html")


@contextmanager
def _together(mine: Address, public: Address) -> Iterator[Store]:
    """Give a store of this moment that holds the results of both."""
    from tempfile import TemporaryDirectory

    from benchbox.store import Store, marks_file, put_beside

    with TemporaryDirectory(prefix="benchbox-beside-") as folder, Store.open(Path(folder) / "both.db") as both:
        with Store.open(public, create=False) as theirs, Store.open(mine, create=False) as ours:
            put_beside(both, theirs, ours)
        marks, here = marks_file(public), marks_file(both.address)
        if marks is not None and here is not None and marks.is_file():
            shutil.copyfile(marks, here)  # those of the published store, whatever lies beside the other
        yield both


@contextmanager
def _without_collections() -> Iterator[None]:
    """Look for no garbage in cycles: a report makes millions of objects, nearly all of them to keep until the process ends."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # else all of them were searched at once
        gc.enable()


def _open(page: Path) -> None:
    """Open a page in the user's browser; print its path where there is none."""
    import webbrowser

    try:
        opened = webbrowser.open(page.absolute().as_uri())
    except webbrowser.Error:
        opened = False
    if not opened:
        say(f"no browser was found; the page is {page.absolute()}")


def _report(wrong: list[Path], command: str) -> None:
    for path in wrong:
        say(f"{path} is {'not what the store gives' if path.exists() else 'missing'}")
    if wrong:
        say(f"to regenerate: {command}", err=True)
        raise click.exceptions.Exit(1)


def _without_check() -> str:
    """Return the command that was typed, as it writes what it checked."""
    given = click.get_current_context()
    words = given.command_path.split()
    for option in given.command.params:
        name, value = option.name or "", given.params[option.name or ""]
        if name != "check" and given.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], str(one)]
    return shlex.join(words)
