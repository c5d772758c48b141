"""``benchbox merge``: the union of two stores."""

from __future__ import annotations

import click

from benchbox.cli.options import db_option, store_place


@click.command("merge", short_help="Take over the results of another store.")
@click.argument("other", type=store_place, metavar="OTHER.db")
@db_option
def command(other: str, db: str) -> None:
    """Take over the results of OTHER.db into --db, cell by cell.

    Results that are there already stay; a done result takes the place of a failed one. Where both stores have a cell
    with different measurements, the cells are named and nothing is written.
    """
    from benchbox.store import Store, merge

    with Store.open(other, create=False) as source, Store.open(db) as into:
        merged = merge(into, source)
    click.echo(f"results taken over from {other}: {merged.taken}; cells that had nothing to add: {merged.shared}")
