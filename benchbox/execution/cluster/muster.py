"""What a worker must have to take part in a run, as plain data that travels to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from benchbox.distribution import DISTRIBUTION, version
from benchbox.errors import ClusterError
from benchbox.records import Sealed
from benchbox.registry import Catalogue
from benchbox.registry.source import files_of, source_of
from benchbox.suites import Planned, PluginRef, Setting, Suite


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Demand(_Data):
    """How far a suite demands that players are sealed."""

    name: str
    sealed: Sealed | None


class Installed(_Data):
    """A plugin that must be installed on the worker, from this distribution and with this source."""

    kind: str
    name: str
    package: str
    package_version: str
    source: str


class PluginFile(_Data):
    """A single-file plugin, which travels.

    Attributes:
        path: where it lies on the coordinator's machine.
        source: sha256 over it and what it imports from beside it.
        contents: bytes by name within its folder; the file itself is the first.
    """

    path: str
    source: str
    contents: dict[str, bytes]


class Muster(_Data):
    """What a worker is asked when it joins a run.

    Attributes:
        run: the run's own name, one of its kind.
        version, source: of benchbox: both must be the worker's, too.
        device: ``auto``, ``cpu`` or ``cuda``.
        demand: the suite's.
        installed: plugins that must be there.
        files: plugins that travel.
        time_limit: seconds that a cell may take.
        live: whether to tell what players print.
        choices: whether the worker keeps deterministic choices.
    """

    run: str
    version: str
    source: str
    device: str
    demand: Demand
    installed: tuple[Installed, ...]
    files: tuple[PluginFile, ...]
    time_limit: float | None
    live: bool
    choices: bool


@cache
def core_source() -> str:
    """Return the sha256 over benchbox's own source on this machine."""
    return source_of([Path(__file__).parents[2]])


def muster_of(
    run: str,
    cells: Sequence[Planned],
    suite: Suite,
    catalogue: Catalogue,
    *,
    device: str,
    time_limit: float | None,
    live: bool,
    choices: bool,
) -> Muster:
    """Return what the cells of a run need."""
    refs = {(ref.kind, ref.name, ref.file): ref for item in cells if item.setting for ref in plugins_of(item.setting)}
    return Muster(
        run=run,
        version=version(DISTRIBUTION),
        source=core_source(),
        device=device,
        demand=Demand(name=suite.name, sealed=suite.sealed),
        installed=tuple(_installed(ref, catalogue) for ref in refs.values() if not ref.file),
        files=tuple(_files(refs.values())),
        time_limit=time_limit,
        live=live,
        choices=choices,
    )


def plugins_of(setting: Setting) -> Iterator[PluginRef]:
    """Yield every plugin that a cell is played with."""
    rules = (setting.dataset, setting.pool, setting.public, setting.target_model, setting.cell.scenario.substitute)
    yield from (ref for ref in rules if ref is not None)
    yield from setting.cell.contestants
    yield from (each.model for each in setting.cell.surrogates)


def check_core(muster: Muster) -> None:
    """Hold this machine's benchbox against the coordinator's.

    Raises:
        ClusterError: it is another one.
    """
    mine = version(DISTRIBUTION)
    if mine != muster.version:
        raise ClusterError(f"it has {DISTRIBUTION} {mine or 'of no version'}, and this run is of {muster.version}")
    if core_source() != muster.source:
        raise ClusterError(f"it has other source files of {DISTRIBUTION} {mine} than this run; install the same ones")


def check_plugins(muster: Muster, catalogue: Catalogue) -> None:
    """Hold the plugins of this machine against those that a run was planned with.

    Raises:
        ClusterError: one is missing, or has another source; the sentence names the distribution.
    """
    here = {(row.kind, row.name): row for row in catalogue.entries()}
    for wanted in muster.installed:
        row, who = here.get((wanted.kind, wanted.name)), f"{wanted.kind} '{wanted.name}'"
        which = f"'{wanted.package}' {wanted.package_version}".rstrip()
        if row is None:
            raise ClusterError(f"it has no {who}: install the distribution {which} there")
        if row.source != wanted.source:
            raise ClusterError(
                f"its {who} has another source, from '{row.package}' {row.package_version}; install {which} there"
            )


def _installed(ref: PluginRef, catalogue: Catalogue) -> Installed:
    row = catalogue.get(ref.kind, ref.name)
    return Installed(
        kind=ref.kind,
        name=ref.name,
        package=row.package,
        package_version=row.package_version,
        source=ref.source,
    )


def _files(refs: Iterable[PluginRef]) -> Iterator[PluginFile]:
    sources = {ref.file: ref.source for ref in refs if ref.file}
    for path, source in sources.items():
        contents = {name: place.read_bytes() for name, place in files_of(Path(path))}
        yield PluginFile(path=path, source=source, contents=contents)
