"""``benchbox run``: play a suite, or what is missing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from benchbox.cli.choices import Whole
from benchbox.cli.given import TARGET, gift_of, given_options, host_option
from benchbox.cli.options import (
    data_dir_option,
    db_option,
    device_option,
    download_option,
    observer_option,
    plugin_option,
    verbose,
)
from benchbox.cli.output import prints_elsewhere, say
from benchbox.cli.playing_options import (
    budgets_option,
    datasets_option,
    dry_run_option,
    jobs_option,
    json_lines_option,
    plugins_option,
    retry_failed_option,
    scenarios_option,
    seeds_option,
    suite_option,
    time_limit_option,
    trainers_option,
)
from benchbox.suites.asked import names, read_seeds, several, whole_numbers
from benchbox.suites.words import MOST_IMAGES

if TYPE_CHECKING:
    from benchbox.store import Address
    from benchbox.suites import Precision


@click.command("run", short_help="Run a suite, or what is missing of it.")
@suite_option
@datasets_option
@scenarios_option
@plugins_option("method", "Only this method: name or name[option=value,...].")
@trainers_option
@plugins_option("attack", "Only this attack: name or name[option=value,...].")
@plugins_option(
    "defence",
    "Put this defence before the target, in scenarios of their own: name or name[option=value,...]; none for no defence.",
)
@click.option("--target", help=TARGET)
@given_options
@host_option
@click.option("--pool", help="A data set whose training part the attacker's images are, in place of the suite's.")
@seeds_option
@budgets_option
@click.option(
    "--images", type=Whole(1, MOST_IMAGES), help="Test images that each attack is made on, in place of the suite's."
)
@click.option(
    "--precision",
    type=click.Choice(["float32", "bf16"]),
    help="In what attackers compute, in place of the suite's: bf16 is faster where the hardware has it. Its results stand in "
    "tables of their own.",
)
@jobs_option
@click.option(
    "--cluster",
    metavar="ADDRESS|FILE",
    help="Play on the workers of a Dask cluster: tcp://HOST:8786, or its scheduler file (see docs/clusters.md).",
)
@click.option(
    "--any-machine", is_flag=True, help="Let machines of several kinds play one game, though their numbers differ."
)
@device_option
@data_dir_option
@db_option
@plugin_option
@dry_run_option
@retry_failed_option
@download_option
@time_limit_option
@click.option(
    "--choose-anew",
    is_flag=True,
    help="Have selectors choose again what they chose before from the same pool, where no seed changes it.",
)
@observer_option
@json_lines_option
@click.pass_context
def command(
    context: click.Context,
    /,
    suite: str,
    datasets: tuple[str, ...],
    scenarios: tuple[str, ...],
    methods: tuple[str, ...],
    trainers: tuple[str, ...],
    attacks: tuple[str, ...],
    defences: tuple[str, ...],
    seeds: str | None,
    budgets: tuple[str, ...],
    images: int | None,
    precision: Precision | None,
    jobs: int,
    cluster: str | None,
    any_machine: bool,
    device: str,
    data_dir: Path | None,
    db: Address,
    plugins: tuple[Path, ...],
    dry_run: bool,
    retry_failed: bool,
    download: bool,
    time_limit: float | None,
    choose_anew: bool,
    observers: tuple[str, ...],
    as_json: bool,
    target: str | None,
    pool: str | None,
    **given: Any,
) -> int:
    """Run a suite, or what is missing of it.

    Cells that have a result are left alone, so the same command resumes a run that was stopped. Options that select
    (--dataset, --method, --trainer, --attack, --defence, --budgets) are repeatable, or take several values separated by commas;
    --scenario is repeatable, and takes one whole name, commas and all.
    --trainer pairs every method with each of its trainers, and leaves out methods that make their own substitutes; --method
    takes one such pair as tables write it, "random + poisson".

    --target attacks a model that you own, as it is: nothing trains it, and its accuracy is measured on your test images
    (benchbox audit does all of that in one command). A URL is asked over HTTP, by the referee alone.

    Each cell is played by a referee and players in processes of their own, shut in as far as this machine allows (benchbox
    doctor). What players print is shown live by benchbox --verbose run, and afterwards by benchbox show.

    --jobs plays on this machine, --cluster on the workers of a Dask cluster: as many cells at once as they offer.

    Exit code: 0 where every cell has its result, 2 where one failed or none is applicable, 130 after Ctrl-C.
    """
    chosen: dict[str, Any] = {
        "datasets": several("--dataset", datasets),
        "methods": several("--method", methods),
        "trainers": several("--trainer", trainers),
        "attacks": several("--attack", attacks),
        "defences": several("--defence", defences),
        "seeds": () if seeds is None else read_seeds(seeds),
        "budgets": whole_numbers("--budgets", budgets),
        "images": images,
        "precision": precision,
        "scenarios": names("--scenario", scenarios),
        "target": gift_of(target, given),
        "pool": pool,
    }
    place: dict[str, Any] = {
        "db": db,
        "device": device,
        "data_dir": data_dir,
        "plugins": plugins,
        "download": download,
        "report": lambda line: say(line, err=True),
    }
    if cluster is not None and context.get_parameter_source("jobs") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--jobs is for this machine; with --cluster, workers say how many cells they take")
    if dry_run:
        from benchbox.api import check_how
        from benchbox.cli.planned import dry_run as print_plan
        from benchbox.suites import Selection

        check_how(jobs, cluster, device, time_limit, observers)
        print_plan(suite, Selection(**chosen), place, jobs=jobs, retry_failed=retry_failed, as_json=as_json)
        return 0
    from benchbox import api
    from benchbox.displays import choose

    display = choose(json=as_json, where=str(db), here=jobs == 0)
    with prints_elsewhere(as_json):
        summary = api.run(
            suite,
            **chosen,
            **place,
            jobs=jobs,
            cluster=cluster,
            any_machine=any_machine,
            retry_failed=retry_failed,
            time_limit=time_limit,
            choose_anew=choose_anew,
            observers=observers,
            display=display,
            live=verbose(),
        )
    return summary.exit_code
