"""Options that several commands share, and the types of those that name a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from benchbox.paths import expanded

Command = TypeVar("Command", bound=Callable[..., Any])
_SQLITE = "sqlite:///"


class UserPath(click.Path):
    """A path as users write it: ``~`` is their home, and an empty one, as of a variable that is not set, is refused.

    Args:
        attributes: as ``click.Path`` takes them.
    """

    def __init__(self, **attributes: Any) -> None:
        super().__init__(path_type=Path, **attributes)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if not os.fspath(value):
            self.fail("the path is empty", param, ctx)
        return super().convert(expanded(Path(value)), param, ctx)


def store_place(value: str) -> str:
    """Return a results store as users write it, a path or a URL, with ``~`` for their home.

    Raises:
        BadParameter: it is empty.
    """
    if not value:
        raise click.BadParameter("the path is empty")
    head = _SQLITE if value.startswith(_SQLITE) else ""
    path = value.removeprefix(head)
    return head + str(expanded(path)) if path.startswith("~") else value


def suite_place(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return a suite's name, or the path of its file with ``~`` for the user's home."""
    return str(expanded(value)) if value.startswith("~") else value


def _store(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.strip():
        raise click.BadParameter("an empty value names no store", param_hint="--db")
    return value


def db_option(function: Command) -> Command:
    """Add ``--db``: the results store, passed on as ``db``, a path or URL."""
    option = click.option(
        "--db",
        type=store_place,
        default="results.db",
        show_default=True,
        metavar="PATH|URL",
        callback=_store,
        help="The results store: a file, or sqlite:///PATH.",
    )
    return option(function)


data_dir_option = click.option(
    "--data-dir", type=UserPath(), metavar="FOLDER", help="Folder of data sets.  [env var: BENCHBOX_DATA]"
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
    type=UserPath(),
    help="A Python file with plugins, loaded beside the installed ones; repeatable.",
)
