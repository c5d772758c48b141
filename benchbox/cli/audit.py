"""``benchbox audit``: how many questions a model of one's own lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchbox.cli.choices import Whole
from benchbox.cli.given import TARGET, given_options, host_option, options_of
from benchbox.cli.options import UserPath, data_dir_option, device_option, plugin_option, verbose
from benchbox.cli.output import say
from benchbox.suites.asked import names, several, whole_numbers
from benchbox.suites.words import MOST_JOBS


@click.command("audit", short_help="Say how many questions a model of your own lasts.")
@click.option("--target", required=True, help=TARGET)
@given_options
@host_option
@click.option(
    "--data",
    required=True,
    help="Your labelled images: an .npz file, a folder that holds a folder for each class, or a data set's name.",
)
@click.option(
    "--pool", help="Other images that thieves own, as --data; without, they own the training images of --data."
)
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario of the suite audit, by its name.")
@click.option("--method", "methods", multiple=True, help="Only this method: name or name[option=value,...].")
@click.option("--budgets", multiple=True, help="How many questions, in place of the suite's: 50,100.")
@click.option(
    "--defence",
    "defences",
    multiple=True,
    help="Play the line-up before this defence, too, and say what it buys and costs: name or name[option=value,...].",
)
@click.option(
    "--out", type=UserPath(file_okay=False), default=Path("audit"), show_default=True, help="The folder to write to."
)
@click.option("--thorough", is_flag=True, help="More methods, larger budgets, three seeds: hours instead of minutes.")
@click.option(
    "--jobs",
    type=Whole(0, MOST_JOBS),
    default=2,
    show_default=True,
    help="Cells that run at once; 0 plays in this process.",
)
@device_option
@data_dir_option
@plugin_option
@click.option("--retry-failed", is_flag=True, help="Play what failed before again.")
def command(
    target: str,
    data: str,
    pool: str | None,
    scenarios: tuple[str, ...],
    methods: tuple[str, ...],
    budgets: tuple[str, ...],
    defences: tuple[str, ...],
    out: Path,
    thorough: bool,
    jobs: int,
    device: str,
    data_dir: Path | None,
    plugins: tuple[Path, ...],
    retry_failed: bool,
    **given: Any,
) -> int:
    """Say how many questions a model of your own lasts.

    Plays a small line-up of thieves against the model, with its labels alone and with its probabilities, and writes one page
    in plain words, index.html and the same as README.md: after how many questions a copy agrees with it on 90 % of images, by
    which method; which images fool it; what each --defence buys and costs; how sure that is; what was not tried. Every number
    leads to its cell in leaderboard/.

    It is for models that you own. The same command goes on where it was stopped, and plays nothing twice.
    """
    from benchbox.auditing import audit
    from benchbox.target.given import naming

    done = audit(
        naming.given(target, **options_of(given)),
        data,
        pool=pool,
        scenarios=names("--scenario", scenarios),
        methods=several("--method", methods),
        budgets=whole_numbers("--budgets", budgets),
        defences=several("--defence", defences),
        out=out,
        thorough=thorough,
        jobs=jobs,
        device=device,
        data_dir=data_dir,
        plugins=plugins,
        retry_failed=retry_failed,
        display=True,
        live=verbose(),
        report=lambda line: say(line, err=True),
    )
    say(f"the page: {done.page}")
    return done.summary.exit_code
