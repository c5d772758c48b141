"""``benchbox defences``: what each defence takes from each thief, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli.options import UserPath, db_option
from benchbox.cli.output import print_table, say
from benchbox.errors import StoreError
from benchbox.paths import write_whole
from benchbox.suites.asked import several

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("defences", short_help="Show what each defence takes from each thief, and costs.")
@db_option
@click.option("--suite", multiple=True, metavar="NAME", help="Only this suite; repeatable, or separated by commas.")
@click.option(
    "--dataset", multiple=True, metavar="NAME", help="Only this data set; repeatable, or separated by commas."
)
@click.option("--html", type=UserPath(dir_okay=False), help="Write a page with colours to this file, too.")
def command(db: Address, suite: tuple[str, ...], dataset: tuple[str, ...], html: Path | None) -> None:
    """Show what each defence takes from each thief, and what it costs honest clients.

    Scenarios that differ in their defence alone are held against the bare target: what a thief's copy agrees with it on (or a
    query attack solves), and in brackets the points that the defence took, where the same replicates played both. Below it
    what an honest client of 1,000 test images is told, and the query that raised the first alarm.
    """
    from benchbox.report.html.heat import heat_map
    from benchbox.report.tables.defences import matrix_tables
    from benchbox.report.views.defences import defence_matrices, versions_of, without_bare
    from benchbox.store import Store
    from benchbox.store.wanted import wanted

    asked = {"suite": several("--suite", suite), "dataset": several("--dataset", dataset)}
    with Store.open(db, create=False) as store:
        filters = wanted(store, {name: values for name, values in asked.items() if values})
        frame, cells = store.measurements(**filters), store.cells(**filters)
        rules = store.rules(set(frame.cell))
    identities = {cell: found.identity for cell, found in rules.items()}
    matrices = list(defence_matrices(frame, identities, versions_of(cells)))
    if not matrices:
        raise StoreError(
            f"'{db}' holds no game that was played both bare and before a defence; 'benchbox run --suite smoke --method "
            f"random --defence none --defence rounding' plays one"
        )
    if html is not None:  # before any table is printed: where it cannot be written, that is all there is to read
        write_whole(html, heat_map(matrices).encode())
    for matrix in matrices:
        say(f"{matrix.dataset}, {matrix.suite}: {matrix.game}")
        for table in matrix_tables(matrix):
            say(f"\n{table.caption}:" if table.caption else "")
            print_table(table.head, [list(map(str, row)) for row in table.rows])
        say()
    for name, place in without_bare(matrices, frame, identities):
        say(f"left out: '{name}' on {place} has no bare game; ask for '--defence none' beside its defences", err=True)
    if html is not None:
        say(f"page: {html}")
