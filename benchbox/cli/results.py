"""``benchbox results``: the store's rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from benchbox.cli.options import db_option, values
from benchbox.cli.output import print_table
from benchbox.errors import UnknownNameError
from benchbox.records import printable
from benchbox.suites.asked import several, whole_numbers

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Address, Store

SHOWN = ("cell", "suite", "dataset", "scenario", "label", "seed", "status", "sealed")
_SPARE = ("sealed", "n", "suite", "scenario", "status", "dataset", "seed", "label", "attack")
"""Columns that a narrow terminal can do without; CSV and JSON have all."""
_MEASURED = ("metric", "attack", "budget", "value", "n")
_TEXT = ("suite", "dataset", "scenario", "method", "trainer", "uses", "status", "sealed", "metric", "attack")
_NUMBERS = ("seed", "budget")
_OF_MEASUREMENTS = ("metric", "attack", "budget")


_WHICH = {
    "method": "this method by name, spec or label",
    "trainer": "cells whose substitutes this trainer made, by name or spec",
    "uses": "cells that used what the scenario grants: own labels (labels), images unasked (unlabelled), networks (substitute)",
    "sealed": "cells whose players were so far shut in: no, process, sandbox, 'not recorded'",
}


def _filters(function: Any) -> Any:
    for name in (*_NUMBERS, *reversed(_TEXT)):
        text = f"Only {_WHICH.get(name, f'this {name}')}; repeatable, or separated by commas."
        function = click.option(f"--{name}", multiple=True, metavar="N" if name in _NUMBERS else "NAME", help=text)(
            function
        )
    return function


@click.command("results", short_help="List stored results, cell by cell.")
@db_option
@_filters
@click.option("--sort", multiple=True, metavar="COLUMN", help="Sort by a column; -COLUMN descends; repeatable.")
@click.option("--csv", "form", flag_value="csv", help="Print CSV with all columns.")
@click.option("--json", "form", flag_value="json", help="Print JSON with all columns.")
def command(db: Address, sort: tuple[str, ...], form: str | None, **given: tuple[str, ...]) -> None:
    """List stored results, one measurement on each line.

    Cells without measurements (failed, interrupted, not applicable, missing), and those whose results an older scoring gave
    (superseded; --status superseded lists these), have a line of their own, unless --metric,
    --attack or --budget asks for measurements. How far adversarial examples lie from their images is left
    out unless --metric names it, as linf_max; CSV and JSON have it.
    """
    from benchbox.store import Store
    from benchbox.store.wanted import wanted

    with Store.open(db, create=False) as store:
        asked = {
            name: whole_numbers(f"--{name}", texts) if name in _NUMBERS else values(store, name, texts)
            for name, texts in given.items()
            if texts
        }
        frame = _rows(store, wanted(store, asked))
    frame = _sorted(frame, several("--sort", sort))
    if form == "csv":
        text = frame.to_csv(index=False)
        click.echo(f"{printable(text)}\n" if sys.stdout.isatty() else text, nl=False)
    elif form == "json":
        click.echo(json.dumps(json.loads(frame.to_json(orient="records", double_precision=15)), indent=2))
    else:
        _print(frame if given["metric"] else _without_details(frame))


def _without_details(frame: pd.DataFrame) -> pd.DataFrame:
    from benchbox.scoring.metrics import DISTANCES

    return frame[~frame["metric"].isin(DISTANCES)]


def _rows(store: Store, wanted: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    frame = store.measurements(**wanted).assign(error="")
    if any(name in wanted for name in _OF_MEASUREMENTS):
        return frame
    cells = store.cells(**wanted)
    bare = cells[~cells.cell.isin(set(frame.cell))]
    if bare.empty:
        return frame
    bare = bare.reindex(columns=frame.columns).assign(metric="", attack="", spent=None)
    both = pd.concat([frame, bare], ignore_index=True) if len(frame) else bare
    return both.astype(dict.fromkeys(("budget", "spent", "n"), "Int64"))  # whole numbers, or none


def _sorted(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    names = [column.removeprefix("-") for column in columns]
    for name in names:
        if name not in frame.columns:
            raise UnknownNameError("column", name, frame.columns, "--sort")
    if not names:
        return frame
    return frame.sort_values(names, ascending=[not column.startswith("-") for column in columns], kind="stable")


def _print(frame: pd.DataFrame) -> None:
    if frame.empty:
        click.echo("no results", err=True)
        return
    shown = [*SHOWN, *_MEASURED, *(["error"] if frame.error.any() else [])]
    print_table(shown, [_cells(row, shown) for row in frame.to_dict("records")], _SPARE)


def _cells(row: dict[Any, Any], shown: Sequence[str]) -> list[str]:
    texts = {name: str(row[name]) for name in shown}
    measured = bool(row["metric"])
    texts["value"] = _value(row["metric"], row["value"]) if measured else ""
    for name in ("budget", "n"):
        texts[name] = str(int(row[name])) if measured else ""
    return [texts[name] for name in shown]


def _value(name: str, value: float) -> str:
    from benchbox.scoring.metrics import metric

    return metric(name).stored(value)
