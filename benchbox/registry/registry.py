"""The registry: every plugin by kind and name, from installed distributions and from plugin files."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import itertools
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from benchbox import hookspecs
from benchbox.contracts import CONTRACT_VERSION, KINDS, Lazy, Plugin
from benchbox.errors import BenchboxError, PluginError, UnknownNameError
from benchbox.registry.entry import Broken, Entry
from benchbox.registry.spec import Spec

GROUP = "benchbox"


class Registry:
    """What is installed, by kind and name.

    Attributes:
        broken: packages that could not be loaded.
        suite_folders, target_folders: what the packages brought.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}
        self.broken: list[Broken] = []
        self.suite_folders: list[Path] = []
        self.target_folders: list[Path] = []
        self.files: tuple[Path, ...] = ()

    @classmethod
    def discover(cls, files: Sequence[Path] = ()) -> Registry:
        """Load every entry point of the group ``benchbox``, each on its own, then the plugin files.

        ``BENCHBOX_BLOCK`` (comma-separated distribution names) leaves packages out.

        Raises:
            PluginError: two plugins have one name, or a plugin file cannot be loaded.
        """
        registry = cls()
        blocked = {name.strip() for name in os.environ.get("BENCHBOX_BLOCK", "").split(",")}
        manager = _manager()
        for package, version, point in sorted(map(_origin, importlib.metadata.entry_points(group=GROUP)), key=_order):
            if package in blocked:
                continue
            try:
                module = point.load()
                plugins = _collect(manager, module, package)
            except PluginError as error:
                registry.broken.append(Broken(package, version, str(error)))
                continue
            except Exception as error:  # a stranger's package may fail in any way; the rest goes on
                registry.broken.append(Broken(package, version, f"{type(error).__name__}: {error}"))
                continue
            registry._take(plugins, package, version)
        for path in files:
            registry.add_file(path)
        return registry

    def add_file(self, path: Path) -> None:
        """Load the plugins of one Python file.

        Raises:
            PluginError: the file is missing, fails to run, or holds no plugin.
        """
        if not path.is_file():
            raise PluginError(f"plugin file '{path}' does not exist")
        try:
            module = load_file(path)
        except Exception as error:
            raise PluginError(f"plugin file '{path}' failed to load: {type(error).__name__}: {error}") from error
        plugins = _collect(_manager(), module, str(path))
        plugins.plugins = plugins.plugins or list(_classes(module))
        if not plugins.plugins:
            raise PluginError(
                f"plugin file '{path}' holds no plugin: subclass Selector, Generator, Attack, Dataset or Model"
            )
        self._take(plugins, str(path), "")
        self.files = (*self.files, path.resolve())

    def entries(self, kind: str | None = None) -> list[Entry]:
        """Return the rows, sorted by kind and name."""
        rows = [entry for entry in self._entries.values() if kind in (None, entry.kind)]
        return sorted(rows, key=lambda e: (KINDS.index(e.kind), e.name))

    def get(self, kind: str, name: str, where: str = "") -> Entry:
        """Return one row.

        Raises:
            UnknownNameError: there is none; the sentence names the nearest, or the package that failed to load.
        """
        entry = self._entries.get((kind, name))
        if entry is None:
            raise self._unknown(UnknownNameError(kind, name, [e.name for e in self.entries(kind)], where))
        return entry

    def method(self, name: str, where: str = "", also: Sequence[str] = ()) -> Entry:
        """Return a selector or generator by name; ``also`` are other names that its absence may be a misspelling of."""
        for kind in ("selector", "generator"):
            if (kind, name) in self._entries:
                return self._entries[kind, name]
        names = [e.name for e in self.entries() if e.kind in ("selector", "generator")]
        raise self._unknown(UnknownNameError("method", name, [*names, *also], where))

    def named(self, name: str) -> list[Entry]:
        """Return the rows of this name, of whatever kind: at least one.

        Raises:
            UnknownNameError: as ``get`` does.
        """
        rows = self.entries()
        found = [entry for entry in rows if entry.name == name]
        if not found:
            by_kind = itertools.groupby(rows, key=lambda entry: entry.kind)
            listed = "; ".join(f"{kind} {', '.join(entry.name for entry in same)}" for kind, same in by_kind)
            raise self._unknown(UnknownNameError("plugin", name, {entry.name for entry in rows}, listed=listed))
        return found

    def _unknown(self, error: UnknownNameError) -> BenchboxError:
        """Return the error, with the packages that failed to load: the name may be one of theirs."""
        if not self.broken:
            return error
        packages = ", ".join(f"'{b.package}' ({b.error})" for b in self.broken)
        return PluginError(f"{error} (packages that failed to load: {packages})")

    def create(self, kind: str, text: str, where: str = "") -> Plugin:
        """Return the plugin that ``name[option=value]`` describes, ready to use."""
        spec = Spec.parse(text, where)
        return self.get(kind, spec.name, where).create(spec, where)

    def _take(self, found: _Found, package: str, version: str) -> None:
        self.suite_folders += found.suites
        self.target_folders += found.targets
        for plugin in found.plugins:
            entry = Entry.of(plugin, package, version)
            if entry.kind not in KINDS:
                raise PluginError(f"plugin '{entry.name}' of '{package}' has the unknown kind '{entry.kind}'")
            same = [k for k in _rivals(entry.kind) if (k, entry.name) in self._entries]
            if same:
                other = self._entries[same[0], entry.name]
                raise PluginError(
                    f"two plugins are called {entry.kind} '{entry.name}': one from '{other.package}', one from '{package}'; "
                    f"uninstall one, or set BENCHBOX_BLOCK to the package to leave out"
                )
            self._entries[entry.kind, entry.name] = entry


def _rivals(kind: str) -> tuple[str, ...]:
    """Return the kinds that share their names with this one: methods are one namespace on the command line."""
    return ("selector", "generator") if kind in ("selector", "generator") else (kind,)


class _Found:
    def __init__(self) -> None:
        self.plugins: list[type[Plugin] | Lazy] = []
        self.suites: list[Path] = []
        self.targets: list[Path] = []


def _origin(point: importlib.metadata.EntryPoint) -> tuple[str, str, importlib.metadata.EntryPoint]:
    """Return an entry point's package and version, which are read from a file, with it."""
    if point.dist is None:
        return point.value, "", point
    metadata = point.dist.metadata
    return metadata["Name"], metadata["Version"], point


def _order(found: tuple[str, str, importlib.metadata.EntryPoint]) -> tuple[str, str]:
    return found[0], found[2].name


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager("benchbox")
    manager.add_hookspecs(hookspecs)
    return manager


def _collect(manager: pluggy.PluginManager, module: ModuleType, package: str) -> _Found:
    _check_contract(module, package)
    manager.register(module, name=package)
    try:
        manager.check_pending()
        found = _Found()
        found.plugins = list(_flat(manager.hook.benchbox_plugins()))
        found.suites = list(_flat(manager.hook.benchbox_suite_folders()))
        found.targets = list(_flat(manager.hook.benchbox_target_folders()))
    finally:
        manager.unregister(module)  # the next package is asked alone, so that what fails is its own
    for plugin in found.plugins:
        if not (isinstance(plugin, Lazy) or (isinstance(plugin, type) and issubclass(plugin, Plugin))):
            raise TypeError(f"benchbox_plugins returned {plugin!r}, which is neither a plugin class nor a Lazy")
    return found


def _check_contract(module: ModuleType, package: str) -> None:
    wanted = getattr(module, "benchbox_contract", CONTRACT_VERSION)
    if wanted == CONTRACT_VERSION:
        return
    newer = isinstance(wanted, int) and wanted > CONTRACT_VERSION
    raise PluginError(
        f"'{package}' needs version {wanted} of benchbox's plugin contract, and this benchbox has version "
        f"{CONTRACT_VERSION}; install a {'newer benchbox' if newer else 'newer release of the package'}"
    )


def _flat(results: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for result in results:
        yield from result


def load_file(path: Path) -> ModuleType:
    """Import a Python file as a module of a stable name, so that its classes pickle between processes."""
    name = f"benchbox_file_{path.stem.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"not a Python file: {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _classes(module: ModuleType) -> Iterator[type[Plugin]]:
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Plugin)
            and value.__module__ == module.__name__
            and not getattr(value, "__abstractmethods__", None)
        ):
            yield value
