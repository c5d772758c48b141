"""``benchbox plot``: curves of a store as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli.options import UserPath, db_option
from benchbox.cli.output import say
from benchbox.paths import write_whole

if TYPE_CHECKING:
    from benchbox.store import Address


@click.command("plot", short_help="Draw curves of the store as SVG or PNG.")
@db_option
@click.option("--suite", required=True, help="The suite.")
@click.option("--dataset", default="", help="The data set; not needed where there is one.")
@click.option("--scenario", default="", help="The scenario; not needed where there is one.")
@click.option(
    "--method", "methods", multiple=True, help="Only this method; repeatable. The first has the first colour."
)
@click.option("--metric", default="", help="What is drawn; what methods are ranked by where it is left out.")
@click.option("--attack", default="", help="The attack and goal that the metric is of, as pages name it.")
@click.option("--in-all", is_flag=True, help="Of query attacks: over the queries of a whole run, not of one example.")
@click.option(
    "--out", type=UserPath(dir_okay=False), default=Path("plot.svg"), show_default=True, help="A file, .svg or .png."
)
def command(
    db: Address,
    suite: str,
    dataset: str,
    scenario: str,
    methods: tuple[str, ...],
    metric: str,
    attack: str,
    in_all: bool,
    out: Path,
) -> None:
    """Draw curves of the store over queries, as SVG or PNG by the name of the file.

    What stands on the pages can be drawn: a metric of the methods of one scenario, with 95 % intervals over seeds. From
    Python, benchbox.plot returns the same as a figure of matplotlib.
    """
    if out.suffix not in (".svg", ".png"):
        raise click.BadParameter(f"'{out}' ends neither in .svg nor in .png", param_hint="'--out'")
    from benchbox.registry import Catalogue

    catalogue = Catalogue.discover()
    from benchbox.report.plots import chosen_plot, png, svg
    from benchbox.store import Store

    with Store.open(db, create=False) as store:
        plot = chosen_plot(
            store, catalogue, suite, dataset, scenario, methods=methods, metric=metric, attack=attack, in_all=in_all
        )
    write_whole(out, svg(plot) if out.suffix == ".svg" else png(plot))
    many = f"{len(plot.curves)} method{'s' * (len(plot.curves) != 1)}"
    say(f"{plot.title}: {plot.y}, over {plot.x}, of {many}; {out}")
