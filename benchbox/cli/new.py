"""``benchbox new``: a plugin's distribution, written out."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from benchbox.cli.options import UserPath
from benchbox.errors import OptionError
from benchbox.kinds import BY_NAME, KINDS, kind_of


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

    _refuse_taken(kind, name)
    folder = out or Path(f"benchbox-{name}")
    for path in write_distribution(kind, name, folder):
        click.echo(path)
    click.echo(f"next: cd {shlex.quote(str(folder))} && python -m pip install -e '.[dev]' && benchbox check {name}")


def _refuse_taken(kind: str, name: str) -> None:
    """Refuse a name that a plugin has already: both could not be installed together.

    Raises:
        OptionError: there is one.
    """
    from benchbox.registry import Catalogue

    namespace = kind_of(kind).namespace
    for row in Catalogue.discover().entries():
        if row.name == name and BY_NAME[row.kind].namespace == namespace:
            raise OptionError(f"there is a {row.who} already, of package '{row.package}'; choose another name")
