"""``benchbox new``: a plugin's distribution, written out."""

from __future__ import annotations

from pathlib import Path

import click

from benchbox.cli.options import UserPath
from benchbox.kinds import KINDS


@click.command("new", short_help="Write an installable plugin to start from.")
@click.argument("kind", metavar=f"{'|'.join(KINDS)}")
@click.argument("name")
@click.option("--out", type=UserPath(), metavar="FOLDER", help="Where to write it.  [default: benchbox-NAME]")
def command(kind: str, name: str, out: Path | None) -> None:
    """Write an installable plugin to start from: NAME is what users will type, such as my-selector.

    It is a distribution with one simple method that works, its options, tests that hold every conformance rule against
    it, a README and a CI file. Change src/*/plugin.py.
    """
    from benchbox.scaffold import write_distribution

    folder = out or Path(f"benchbox-{name}")
    for path in write_distribution(kind, name, folder):
        click.echo(path)
    click.echo(f"next: cd {folder} && python -m pip install -e '.[dev]' && benchbox check {name}")
