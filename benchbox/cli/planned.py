"""What a run would do, printed and not done: ``--dry-run``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from benchbox.records import Status
    from benchbox.suites import Planned, Selection

_TO_RUN = "to run"


def dry_run(
    suite: str, asked: Selection, place: dict[str, Any], *, jobs: int, retry_failed: bool, as_json: bool = False
) -> list[Planned]:
    """Print the cells of a run, and how each stands; return those that it would play.

    Args:
        suite: the suite, by name or path.
        asked: what of it.
        place: further arguments of ``benchbox.plan``; ``db`` and ``report`` among them.
        jobs: how many cells the run would play at once; 0 in this process.
        retry_failed: whether the run would run failed cells again.
        as_json: whether to print JSON.
    """
    from benchbox import api
    from benchbox.playing import again
    from benchbox.records import Status
    from benchbox.store import Store, exists

    planned = api.plan(suite, asked, **place, train=False).cells
    statuses: dict[str, Status] = {}
    if exists(place["db"]):
        with Store.open(place["db"], create=False) as store:
            statuses = store.statuses(item.cell.id for item in planned if item.cell)
            for cell in again(planned, store, place["report"], jobs=jobs):
                statuses.pop(cell, None)
    if retry_failed:
        statuses = {cell: status for cell, status in statuses.items() if status is not Status.FAILED}
    if as_json:
        _print_objects(planned, statuses)
    else:
        _print_cells(planned, statuses)
    return [item for item in planned if _status(item, statuses) == _TO_RUN]


def _print_objects(planned: list[Planned], statuses: dict[str, Status]) -> None:
    from benchbox.cli.output import print_json
    from benchbox.displays.jsonl import place_of

    print_json([{**place_of(item), "status": _status(item, statuses), "reason": item.reason} for item in planned])


def _print_cells(planned: list[Planned], statuses: dict[str, Status]) -> None:
    from benchbox.cli.output import print_table
    from benchbox.displays.closing import cells

    rows = [
        (
            item.cell.id if item.cell else "",
            item.dataset,
            item.scenario,
            item.label,
            str(item.seed),
            _status(item, statuses) + (f": {item.reason}" if item.reason else ""),
        )
        for item in planned
    ]
    print_table(("cell", "data set", "scenario", "method", "seed", "status"), rows)
    counts = Counter(_status(item, statuses) for item in planned)
    click.echo(f"{cells(len(planned))}: " + ", ".join(f"{count} {status}" for status, count in counts.items()))
    if "failed" in counts:
        click.echo("failed cells are left alone; --retry-failed runs them again")
    if any(item.cell is None for item in planned):
        click.echo("a target is not trained or asked yet; its cells get their ids when the run does that")


def _status(item: Planned, statuses: dict[str, Status]) -> str:
    if item.cell is not None and item.cell.id in statuses:
        return statuses[item.cell.id].value
    return "not-applicable" if item.reason else _TO_RUN
