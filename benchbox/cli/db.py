"""``benchbox db``: looking after the results store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from benchbox.cli.options import db_option

if TYPE_CHECKING:
    from benchbox.store import Address


@click.group("db", short_help="Look after the results store.")
def command() -> None:
    """Look after the results store."""


@command.command("upgrade")
@db_option
def upgrade_command(db: Address) -> None:
    """Bring a store of an earlier benchbox to this one's schema.

    A file is copied beside itself first, as NAME.SCHEMA.backup, a database's schema into another one of that name; where the
    upgrade fails, the store is as it was. A store that is up to date is looked through, and left alone.
    """
    from benchbox.store import Store, upgrade

    copy = upgrade(db)
    Store.open(db, create=False).close()  # what is damaged is told, rather than that all is well
    if copy is None:
        click.echo(f"{db} is up to date")
    else:
        click.echo(f"{db} is upgraded; as it was, it is kept in {copy}")
