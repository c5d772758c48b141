"""``benchbox suites``: which suites there are, what each plays, and what one costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from benchbox.cli import completion
from benchbox.cli.options import db_option, suite_place
from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue

if TYPE_CHECKING:
    from benchbox.store import Address
    from benchbox.suites import Suite

HEADERS = ("suite", "data sets", "methods", "seeds", "title")
_RULES = ("scenario", "answers", "queries", "attacker's images", "methods", "attacks")


@click.command("suites", short_help="List the suites, or tell all about one.")
@click.argument(
    "name",
    required=False,
    callback=lambda c, p, value: value and suite_place(c, p, value),
    shell_complete=completion.suites,
)
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with scenarios, budgets and paths.")
def command(name: str | None, db: Address, as_json: bool) -> None:
    """List the suites that benchbox run --suite takes by name, or tell all about NAME; the path of a .toml file will do, too.

    With a NAME: its rules scenario by scenario, its methods, how many cells that are, and how long those take that are not
    done on the default data set, by the seconds that its cells took in --db, where that holds some.
    """
    catalogue = Catalogue.discover()
    from benchbox.suites import (  # numpy comes with it, and the listing above need not wait for that
        load_suite,
        suite_files,
    )

    if name:
        suite = load_suite(name, catalogue)
        if as_json:
            print_json(_object(suite))
        else:
            _tell(suite, catalogue, db)
        return
    suites: list[Suite] = []
    for known in sorted(suite_files(catalogue)):
        try:
            suites.append(load_suite(known, catalogue))
        except BenchboxError as error:
            say(f"benchbox: {error}", err=True)
    if as_json:
        print_json([_object(suite) for suite in suites])
    else:
        print_table(HEADERS, [_cells(suite) for suite in suites])


def _cells(suite: Suite) -> tuple[str, ...]:
    methods = {entry.written for scenario in suite.scenario for entry in scenario.methods}
    return suite.name, ", ".join(suite.datasets), str(len(methods)), str(len(suite.seeds)), suite.title


def _object(suite: Suite) -> dict[str, Any]:
    return {**suite.model_dump(mode="json"), "path": str(suite.path)}


def _tell(suite: Suite, catalogue: Catalogue, db: Address) -> None:
    say(f"{suite.name}: {suite.title}")
    say(" ".join(suite.description.split()))
    say()
    say(f"data sets: {', '.join(suite.datasets)} (the first is the default); seeds: {', '.join(map(str, suite.seeds))}")
    say(f"file: {suite.path}")
    say()
    print_table(_RULES, [_rules(suite, i) for i in range(len(suite.scenario))])
    say()
    for scenario in suite.scenario:
        say(f"methods of '{scenario.name}': {', '.join(entry.written for entry in scenario.methods)}")
    say()
    cells = len(suite.seeds) * sum(len(scenario.methods) for scenario in suite.scenario)
    say(f"one data set is {cells} cells{_cost(suite, catalogue, db)}")
    say(
        "narrow or widen it: --dataset, --scenario, --method, --trainer, --attack, --defence, --seeds, --budgets, --images"
    )


def _rules(suite: Suite, i: int) -> tuple[str, ...]:
    scenario = suite.scenario[i]
    budgets = [
        f"{name + ': ' if len(scenario.budgets) > 1 else ''}{_numbers(of)}" for name, of in scenario.budgets.items()
    ]
    pool = scenario.pool
    images = "none" if pool is None else "all" if pool.size is None else f"{pool.size:,}"
    attacks = [f"{attack.use} {attack.goal}" for attack in scenario.attacks]
    return (
        scenario.name,
        str(scenario.access),
        "; ".join(budgets),
        images,
        str(len(scenario.methods)),
        ", ".join(attacks) or "–",
    )


def _numbers(budgets: Any) -> str:
    found = [f"{budget:,}" for budget in budgets]
    return ", ".join(found) if len(found) <= 4 else f"{found[0]} to {found[-1]} ({len(found)})"


def _cost(suite: Suite, catalogue: Catalogue, db: Address) -> str:
    """Return how many cells of the default data set are done, and how long its others take by those; empty without any."""
    from benchbox.store import Store
    from benchbox.suites import method_labels

    try:
        with Store.open(db, create=False) as store:
            played = store.cells(suite=suite.name, status="done")
        entrants = {(table.name, label) for table in suite.scenario for label in method_labels(table, catalogue)}
    except BenchboxError:
        return ""
    if played.empty:
        return ""
    dataset, wanted = suite.datasets[0], {(*entrant, seed) for entrant in entrants for seed in suite.seeds}
    here = played[played["dataset"] == dataset]
    left = len(wanted - set(zip(here["scenario"], here["label"], here["seed"], strict=True)))
    if not left:
        return f"; of {dataset} all are done"
    hours = left * float((here if len(here) else played)["seconds"].mean()) / 3600
    minutes = max(1, round(60 * hours))
    text = f"{hours:.1f} hours" if hours >= 1 else f"{minutes} minute{'s' if minutes > 1 else ''}"
    return f"; of {dataset} {len(wanted) - left} are done, and the rest takes about {text} of one core, by what '{db}' holds"
