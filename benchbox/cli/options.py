"""Options that several commands share, and the types of those that name a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from benchbox.paths import DEFAULT_DB, expanded

if TYPE_CHECKING:
    from benchbox.store import Address, Store

Command = TypeVar("Command", bound=Callable[..., Any])
_SQLITE = "sqlite:///"


def verbose() -> bool:
    """Return whether the user said ``--verbose`` before the command."""
    return bool(click.get_current_context().find_root().params.get("verbose"))


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
        path = expanded(Path(value))
        if not self.file_okay and os.path.isfile(path):  # noqa: PTH113 - it takes a name that no file can have
            self.fail(f"'{path}' is a file; name a folder", param, ctx)
        return super().convert(path, param, ctx)


def values(store: Store, option: str, texts: Sequence[str]) -> tuple[str, ...]:
    """Return what a filter on stored results asks for: a value that the store holds is one, whatever commas are in it."""
    from benchbox.suites.asked import several

    known = store.known(option)
    return tuple(part for text in texts for part in ([text] if text in known else several(f"--{option}", [text])))


STORE_FORMS = "a file, sqlite:///PATH, or postgresql+psycopg://USER@HOST/NAME (see docs/stores.md)"


def store_address(value: str) -> Address:
    """Return a results store as users write it, a path or a URL, with ``~`` for their home.

    Raises:
        BadParameter: it is empty.
        StoreError: it is a URL, and of no store.
    """
    from benchbox.store import Address

    if not value.strip():
        raise click.BadParameter("the path is empty")
    head = _SQLITE if value.startswith(_SQLITE) else ""
    path = value.removeprefix(head)
    return Address.of(head + str(expanded(path)) if path.startswith("~") else value)


def suite_place(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return a suite's name, or the path of its file with ``~`` for the user's home."""
    return str(expanded(value)) if value.startswith("~") else value


def db_option(function: Command) -> Command:
    """Add ``--db``: the results store, passed on as ``db``, an ``Address``."""
    option = click.option(
        "--db",
        type=store_address,
        default=DEFAULT_DB,
        show_default=True,
        metavar="PATH|URL",
        help=f"The results store: {STORE_FORMS}.",
    )
    return option(function)


data_dir_option = click.option(
    "--data-dir", type=UserPath(), metavar="FOLDER", help="Folder of data sets.  [env var: BENCHBOX_DATA]"
)
device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    help="auto (a GPU where there is one), cpu, cuda, cuda:N, mps, or cuda:0,1: GPUs that --jobs are dealt out to.",
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
observer_option = click.option(
    "--observer",
    "observers",
    multiple=True,
    metavar="NAME",
    help="Tell this installed observer what happens, cell by cell; repeatable (see docs/observers.md).",
)
