"""``benchbox plugins``: what is installed, and what failed to load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from benchbox.cli import completion
from benchbox.cli.options import plugin_option
from benchbox.cli.output import print_json, print_table, say
from benchbox.errors import UnknownNameError
from benchbox.kinds import KINDS, READERS
from benchbox.registry.listing import keep, recalled

if TYPE_CHECKING:
    from benchbox.registry import Catalogue, Row

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
    """List the plugins: data sets, models, methods (selectors and generators), trainers, attacks; or tell all about NAME.

    With a NAME: what it does, where it comes from, which reading was chosen, its options with their defaults, and its profiles.

    Of whoever reads answers, NEEDS is the least that the oracle must answer, and what it uses of a scenario's grants with its
    default options: 'own labels', 'unlabelled' images, a 'substitute'; 'insider' marks one that can ask for more than
    a black box gives. A package that failed to load is a row of its own.
    """
    if name:
        from benchbox.registry import Catalogue

        _tell(Catalogue.discover(plugins), kind, name, as_json)
        return
    rows = [row for row in _listed(plugins) if kind in (None, row.kind) or row.error]
    for row in rows:
        if row.error:
            say(f"benchbox: package '{row.package}' failed to load: {row.error}", err=True)
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
    used = _used(catalogue, entries)
    rows = [_row(entry, used) for entry in entries]
    rows += [_Row("broken", "", None, "", False, b.package, b.package_version, "", b.error) for b in catalogue.broken]
    if not (plugins or catalogue.broken):
        keep([asdict(row) for row in rows], (entry.target for entry in entries))
    return rows


def _tell(catalogue: Catalogue, kind: str | None, name: str, as_json: bool) -> None:
    """Print what the plugins of a name say of themselves.

    Raises:
        UnknownNameError: there is none.
    """
    entries = [entry for entry in catalogue.entries(kind) if entry.name == name]
    if not entries:
        raise UnknownNameError(kind or "plugin", name, sorted({entry.name for entry in catalogue.entries(kind)}))
    found, used = list(zip(entries, catalogue.about(entries), strict=True)), _used(catalogue, entries)
    if as_json:
        print_json([{**asdict(_row(entry, used)), **(about.model_dump() if about else {})} for entry, about in found])
        return
    for entry, about in found:
        row = _row(entry, used)
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


def _used(catalogue: Catalogue, entries: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return by plugin what it uses, with its default options, of what a scenario may grant."""
    readers = [entry for entry in entries if entry.kind in READERS]
    catalogue.prepare((entry.kind, entry.name) for entry in readers)
    wants = ((entry.who, catalogue.resolve(entry.kind, entry.name).wants) for entry in readers)
    return {who: tuple(grant.word for grant in grants) for who, grants in wants}


def _row(entry: Row, used: Mapping[str, tuple[str, ...]]) -> _Row:
    needs = ""
    if entry.kind in READERS:
        words = dict.fromkeys((entry.needs.value, *used[entry.who], *(["insider"] if entry.privileged else [])))
        needs = ", ".join(words)
    return _Row(
        kind=entry.kind,
        name=entry.name,
        version=entry.version,
        needs=needs,
        privileged=entry.privileged,
        package=entry.package,
        package_version=entry.package_version,
        summary=entry.summary,
    )
