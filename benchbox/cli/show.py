"""``benchbox show``: everything about one cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from benchbox.cli.options import db_option
from benchbox.cli.output import print_json

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("show", short_help="Show everything about one cell.")
@click.argument("cell")
@db_option
@click.option("--key", is_flag=True, help="Print only the identity: the JSON that the cell's id hashes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(cell: str, db: Address, key: bool, as_json: bool) -> None:
    """Show everything about one cell: CELL is its id, or the start of it.

    Measurements, how far an attack's examples lie from their images, query ledger, the method's diagnostics, identity key by
    key, seeds, timings, environment, how far its players were sealed, the hashes of their sources and what they
    printed, and the traceback of a failure.
    """
    from benchbox.cli.sheet import as_data, print_sheet
    from benchbox.store import Store, verified_cells

    with Store.open(db, create=False) as store:
        found = store.cell(cell)
        verified = found.id in verified_cells(store)
    if key:
        click.echo(json.dumps(found.identity, indent=2, sort_keys=True))
    elif as_json:
        print_json({**as_data(found), "verified": verified})
    else:
        print_sheet(found, verified=verified)
