"""``benchbox audit``: how many questions a model of one's own lasts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from benchbox.cli.choices import Whole
from benchbox.cli.given import TARGET, given_options, host_option, options_of
from benchbox.cli.options import UserPath, data_dir_option, device_option, plugin_option, verbose
from benchbox.cli.output import say
from benchbox.cli.playing_options import dry_run_option
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
@click.option(
    "--scenario", "scenarios", multiple=True, help="Only this scenario of the suite audit, by its name; repeatable."
)
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
@dry_run_option
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
    dry_run: bool,
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

    gift = naming.given(target, **options_of(given))
    chosen: dict[str, Any] = {
        "pool": pool,
        "scenarios": names("--scenario", scenarios),
        "methods": several("--method", methods),
        "budgets": whole_numbers("--budgets", budgets),
        "defences": several("--defence", defences),
    }
    place: dict[str, Any] = {
        "device": device,
        "data_dir": data_dir,
        "plugins": plugins,
        "report": lambda line: say(line, err=True),
    }
    if dry_run:
        from benchbox.auditing.playing import STORE, SUITES, selected
        from benchbox.cli.planned import dry_run as print_plan

        place["db"] = out / STORE
        waiting = print_plan(
            SUITES[thorough], selected(gift, data, **chosen), place, jobs=jobs, retry_failed=retry_failed
        )
        count = sum(item.sends for item in waiting)
        say(
            f"the target would be asked about {count:,} images at most: those of the thieves, and those that judge them"
        )
        return 0
    done = audit(
        gift,
        data,
        **chosen,
        **place,
        out=out,
        thorough=thorough,
        jobs=jobs,
        retry_failed=retry_failed,
        display=True,
        live=verbose(),
    )
    say(f"the page: {done.page}")
    return done.summary.exit_code
