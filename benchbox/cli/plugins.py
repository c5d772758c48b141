"""``benchbox plugins``: what is installed, and what failed to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli import completion
from benchbox.cli.options import plugin_option
from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import BenchboxError, OptionError, UnknownNameError
from benchbox.kinds import KINDS, READERS
from benchbox.registry.listing import keep, recalled

if TYPE_CHECKING:
    from benchbox.registry import Catalogue, Row

_BROKEN = "broken"
HEADERS = ("kind", "name", "version", "needs", "package", "summary")


@dataclass(frozen=True)
class _Row:
    kind: str
    name: str
    version: int | None
    needs: str
    privileged: bool
    package: str
    package_version: str
    summary: str
    error: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        package = f"{self.package} {self.package_version}".strip()
        version = "" if self.version is None else str(self.version)
        return self.kind, self.name, version, self.needs, package, self.error or self.summary


@click.command("plugins", short_help="List the plugins, or tell all about one.")
@click.argument("name", required=False, shell_complete=completion.plugins())
@click.option("--kind", type=click.Choice(KINDS), help="Only this kind.")
@plugin_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(name: str | None, kind: str | None, plugins: tuple[Path, ...], as_json: bool) -> None:
    """List the plugins, or tell all about NAME.

    They are data sets, models, methods (selectors, generators and query attacks), trainers, attacks and defences.

    With a NAME: what it does, where it comes from, which reading was chosen, its options with their defaults, and its profiles.

    Of whoever reads answers, NEEDS is the least that the oracle must answer, and what it uses of a scenario's grants with its
    default options: 'own labels', 'unlabelled' images, a 'substitute'; 'insider' marks one that can ask for more than
    a black box gives. A package that failed to load is a row of its own.
    """
    if name:
        from benchbox.registry import Catalogue

        _tell(Catalogue.discover(plugins), kind, name.partition("[")[0], as_json)  # as runs write it, with options
        return
    rows = [row for row in _listed(plugins) if kind in (None, row.kind) or row.kind == _BROKEN]
    for row in rows:
        if row.error:
            what = f"package '{row.package}' failed to load: " if row.kind == _BROKEN else ""
            say(f"benchbox: {what}{row.error}", err=True)
    if as_json:
        print_json([asdict(row) for row in rows])
    else:
        print_table(HEADERS, [row.cells for row in rows])


def _listed(plugins: tuple[Path, ...]) -> list[_Row]:
    """Return all rows, those of packages that failed to load last; as they were last found, where that cannot have changed."""
    kept = None if plugins else recalled()
    if kept is not None:
        return [_Row(**row) for row in kept]
    from benchbox.registry import Catalogue

    catalogue = Catalogue.discover(plugins)
    entries = catalogue.entries()
    rows = _rows(catalogue, entries)
    rows += [_Row(_BROKEN, "", None, "", False, b.package, b.package_version, "", b.error) for b in catalogue.broken]
    if not (plugins or catalogue.broken or any(row.error for row in rows)):
        keep([asdict(row) for row in rows], (entry.target for entry in entries))
    return rows


def _tell(catalogue: Catalogue, kind: str | None, name: str, as_json: bool) -> None:
    """Print what the plugins of a name say of themselves.

    Raises:
        BenchboxError: there is none; the sentence says what suites call so, or the nearest name.
    """
    from benchbox.suites import with_label

    try:
        entries = [catalogue.get(kind, name)] if kind else catalogue.named(name)
    except UnknownNameError as error:
        raise with_label(error, catalogue) from None
    found = list(zip(_rows(catalogue, entries), catalogue.about(entries), strict=True))
    if as_json:
        print_json([{**asdict(row), **(about.model_dump() if about else {})} for row, about in found])
        return
    for row, about in found:
        if row.error:
            say(f"benchbox: {row.error}", err=True)
        needs = f", needs {row.needs}" if row.needs else ""
        say(f"{row.name}: {row.kind}, version {row.version}, of {row.package} {row.package_version}".rstrip() + needs)
        say()
        say(about.doc if about else row.summary)
        if about and about.options:
            say()
            print_table(("option", "default", "meaning"), [(o.name, o.default, o.description) for o in about.options])
        if about and about.profiles:
            say()
            print_table(("profile", "stands for"), list(about.profiles.items()))


def _rows(catalogue: Catalogue, entries: Sequence[Row]) -> list[_Row]:
    """Return a row for each plugin; those of whom nobody can be asked what it uses have an error."""
    catalogue.prepare((entry.kind, entry.name) for entry in entries if entry.kind in READERS)
    return [_row(catalogue, entry) for entry in entries]


def _row(catalogue: Catalogue, entry: Row) -> _Row:
    needs, error = "", ""
    if entry.kind in READERS:
        used: tuple[str, ...] = ()
        try:
            used = tuple(grant.word for grant in catalogue.resolve(entry.kind, entry.name).wants)
        except OptionError:  # it does not play by its default options alone
            pass
        except BenchboxError as reason:
            error = str(reason)
        needs = ", ".join(dict.fromkeys((entry.needs.value, *used, *(["insider"] if entry.privileged else []))))
    return _Row(
        kind=entry.kind,
        name=entry.name,
        version=entry.version,
        needs=needs,
        privileged=entry.privileged,
        package=entry.package,
        package_version=entry.package_version,
        summary=entry.summary,
        error=error,
    )
