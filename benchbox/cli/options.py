"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def db_option(function: Command) -> Command:
    """Add ``--db``: the results store, passed on as ``db``, a path or URL as it was written."""
    option = click.option(
        "--db",
        default="results.db",
        show_default=True,
        metavar="PATH|URL",
        help="The results store: a file, or sqlite:///PATH.",
    )
    return option(function)
