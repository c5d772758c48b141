"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def _store(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("an empty value names no store", param_hint="--db")
    return value


def db_option(function: Command) -> Command:
    """Add ``--db``: the results store, passed on as ``db``, a path or URL as it was written."""
    option = click.option(
        "--db",
        default="results.db",
        show_default=True,
        metavar="PATH|URL",
        callback=_store,
        help="The results store: a file, or sqlite:///PATH.",
    )
    return option(function)


data_dir_option = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of data sets.  [env var: BENCHBOX_DATA]",
)
device_option = click.option(
    "--device", default="auto", show_default=True, help="auto (a GPU where there is one), cpu, cuda, cuda:N or mps."
)
download_option = click.option("--download", is_flag=True, help="Let data sets be downloaded; nothing is without it.")
plugin_option = click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE.py",
    type=click.Path(path_type=Path),
    help="A Python file with plugins, loaded beside the installed ones; repeatable.",
)
