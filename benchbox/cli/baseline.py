"""``benchbox baseline``: freezing results, to compare later ones with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from benchbox.cli.options import db_option, values
from benchbox.cli.output import say
from benchbox.errors import BaselineError
from benchbox.suites.asked import whole_numbers

if TYPE_CHECKING:
    from benchbox.regression import Baseline
    from benchbox.store import Address


@click.group("baseline", short_help="Freeze results as a baseline, or show one.")
def command() -> None:
    """Freeze results as a baseline, or show one.

    A baseline is a small text file for a repository: NAME is baselines/NAME.baseline.json, or a path that ends in .json.
    """


@command.command("save")
@click.argument("name")
@click.option("--suite", required=True, help="The suite, by its name in the store.")
@click.option("--dataset", multiple=True, help="Only this data set; repeatable, or separated by commas.")
@click.option("--scenario", multiple=True, help="Only this scenario; repeatable, or separated by commas.")
@click.option("--method", multiple=True, help="Only this method, by name, spec or label.")
@click.option("--metric", multiple=True, help="Only this metric: accuracy, asr_untargeted, ...")
@click.option("--attack", multiple=True, help="Only this attack, as benchbox results shows it.")
@click.option("--budget", multiple=True, metavar="N", help="Only this budget.")
@click.option("--replace", is_flag=True, help="Write over a baseline of this name.")
@db_option
def save_command(
    name: str, suite: str, db: Address, budget: tuple[str, ...], replace: bool, **given: tuple[str, ...]
) -> None:
    """Freeze the results of a suite's cells under NAME.

    All of them must be done. Their values are kept seed by seed, with what they were measured under: the targets' and
    the data's hashes, budgets, attacks, methods with all options and versions.
    """
    from benchbox.regression import baseline_path, freeze, save_baseline
    from benchbox.store import Store

    path = baseline_path(name)
    if path.exists() and not replace:
        raise BaselineError(f"'{path}' is there already; --replace writes over it")
    with Store.open(db, create=False) as store:
        filters: dict[str, Any] = {key: values(store, key, texts) for key, texts in given.items()}
        filters["budget"] = whole_numbers("--budget", budget)
        baseline = freeze(store, suite, **filters)
    save_baseline(baseline, path)
    groups = len(baseline.groups)
    say(f"{path}: {baseline.count} metrics of {groups} method{'s' * (groups != 1)}, seeds {_list(baseline)}")
    if len(baseline.seeds) < 5:
        say(f"{len(baseline.seeds)} seeds make wide noise bands; 8 or more tell small changes", err=True)


@command.command("show")
@click.argument("name")
def show_command(name: str) -> None:
    """Show the baseline NAME: what it was measured under, and each metric's mean with its 95 % interval."""
    from benchbox.cli.output import print_table
    from benchbox.regression import baseline_path, load_baseline
    from benchbox.regression.tables import interval
    from benchbox.report.statistics import mean_interval

    path = baseline_path(name)
    baseline = load_baseline(path)
    say(f"{path}: suite {baseline.suite}, seeds {_list(baseline)}")
    say(f"saved by benchbox {baseline.benchbox}; the newest result is of {baseline.newest}")
    for key, rules in baseline.rules.items():
        say(f"rules {key}: target {rules['target']}, data {rules['dataset_hash'][:12]}")
    rows = [
        (
            group.dataset,
            group.scenario,
            f"{group.label} (version {group.method['version']})",
            f"{figure.metric}, {figure.attack}" if figure.attack else figure.metric,
            str(figure.budget),
            interval(mean_interval([value for value in figure.values if value is not None]), figure.metric),
        )
        for group in baseline.groups
        for figure in group.figures
    ]
    print_table(("data set", "scenario", "method", "metric", "budget", "percent (seeds)"), rows)


def _list(baseline: Baseline) -> str:
    return ", ".join(map(str, baseline.seeds))
