"""``benchbox merge``: the union of two stores or more."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from benchbox.cli.options import STORE_FORMS, store_address
from benchbox.errors import StoreError
from benchbox.paths import DEFAULT_DB

if TYPE_CHECKING:
    from benchbox.store import Address, Store


@click.command("merge", short_help="Take over the results of other stores.")
@click.argument("others", type=store_address, metavar="OTHER...", nargs=-1, required=True)
@click.option(
    "--db",
    "--into",
    type=store_address,
    default=DEFAULT_DB,
    show_default=True,
    metavar="PATH|URL",
    help=f"The store that takes them over: {STORE_FORMS}.",
)
@click.option(
    "--keep-mine", is_flag=True, help="Where both have a cell with different measurements, keep those of --db."
)
def command(others: tuple[Address, ...], db: Address, keep_mine: bool) -> None:
    """Take over the results of every OTHER store into --db, cell by cell, one store after the other.

    Results that are there already stay; a done result takes the place of a failed one. Where both stores have a cell
    with different measurements, the cells are named and nothing of that store is written. Neither is anything of a store
    in which a cell's id does not follow from its identity, or a value is beyond its metric's range.
    """
    from benchbox.store import Store, merge

    with ExitStack() as opened:
        sources = [opened.enter_context(Store.open(other, create=False)) for other in others]
        into = opened.enter_context(Store.open(db))
        _refuse_itself(sources, into)
        for other, source in zip(others, sources, strict=True):
            merged = merge(into, source, keep_mine=keep_mine)
            click.echo(
                f"results taken over from {other}: {merged.taken}; cells that had nothing to add: {merged.shared}"
            )


def _refuse_itself(sources: list[Store], into: Store) -> None:
    """Refuse a list, as a pattern of the shell may give it, before any of it is written."""
    for i, source in enumerate(sources):
        if source.is_same(into):
            raise StoreError(f"'{source.address}' and '{into.address}' are the same store: name the others only")
        if any(source.is_same(former) for former in sources[:i]):
            raise StoreError(f"'{source.address}' is named twice")
