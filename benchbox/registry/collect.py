"""Importing a plugin module and asking its hooks: runs in a child of the helper process, and nowhere else but in tests."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from benchbox import hookspecs
from benchbox.contracts import Lazy, Plugin
from benchbox.errors import PluginError
from benchbox.kinds import BY_NAME
from benchbox.registry.loading import load_file
from benchbox.registry.versions import check_class, check_module

Report = dict[str, list[Any]]
"""``plugins`` (see ``Stated``), ``suites`` and ``targets`` (folders), as JSON data."""


def collect_point(value: str, package: str) -> Report:
    """Import what an entry point names, ``module`` or ``module:attribute``, and return what it registers."""
    module, _, attribute = value.partition(":")
    found = importlib.import_module(module.strip())
    return collect(reduce(getattr, filter(None, attribute.strip().split(".")), found), package)


def collect_file(path: Path) -> Report:
    """Import a plugin file and return what its hooks register, or else every plugin class that it defines.

    Raises:
        PluginError: there is none.
    """
    module = load_file(path)
    report = collect(module, str(path), path)
    if not report["plugins"]:
        own = list(_classes(module))
        report["plugins"] = [stated(plugin, module) for plugin in own if not _unwritten(plugin)]
        for plugin in [] if report["plugins"] else own:
            check_class(plugin)
            unwritten = " and ".join(_unwritten(plugin))
            raise PluginError(
                f"plugin file '{path}' holds no plugin: class '{plugin.__name__}' does not write {unwritten}"
            )
    if not report["plugins"]:
        contracts = [kind.contract.__name__ for kind in BY_NAME.values()]
        expected = f"{', '.join(contracts[:-1])} or {contracts[-1]}"
        raise PluginError(f"plugin file '{path}' holds no plugin: subclass {expected}")
    return report


def collect(module: ModuleType, package: str, file: Path | None = None) -> Report:
    """Return what the hooks of an imported module register.

    Raises:
        PluginError: it was written for another contract.
    """
    check_module(module, package)
    manager = pluggy.PluginManager("benchbox")
    manager.add_hookspecs(hookspecs)
    manager.register(module, name=package)
    manager.check_pending()
    hook = manager.hook
    return {
        "plugins": [stated(plugin, module if file else None) for plugin in _flat(hook.benchbox_plugins())],
        "suites": [str(Path(folder)) for folder in _flat(hook.benchbox_suite_folders())],
        "targets": [str(Path(folder)) for folder in _flat(hook.benchbox_target_folders())],
    }


def _flat(results: Iterable[Iterable[Any]]) -> Iterator[Any]:
    for result in results:
        yield from result


def stated(plugin: Any, file: ModuleType | None) -> dict[str, Any]:
    """Return what a plugin says of itself, as ``Stated`` has it; ``file`` is the module of the plugin file that holds it.

    Raises:
        TypeError: it is neither a plugin class nor a ``Lazy``.
        PluginError: it breaks its contract.
    """
    if isinstance(plugin, Lazy):
        return _row(plugin, plugin.summary, plugin.target)
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin)):
        raise TypeError(f"benchbox_plugins returned {plugin!r}, which is neither a plugin class nor a Lazy")
    check_class(plugin)
    own = file is not None and plugin.__module__ == file.__name__
    return _row(plugin, plugin.summary(), plugin.__qualname__ if own else f"{plugin.__module__}:{plugin.__qualname__}")


def _row(plugin: Lazy | type[Plugin], summary: str, target: str) -> dict[str, Any]:
    return {
        "kind": plugin.kind,
        "name": plugin.name,
        "summary": summary,
        "version": plugin.version,
        "needs": plugin.needs,
        "privileged": plugin.privileged,
        "target": target,
    }


def _classes(module: ModuleType) -> Iterator[type[Plugin]]:
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, Plugin)
            and value.__module__ == module.__name__
            and hasattr(value, "name")
        ):
            yield value


def _unwritten(plugin: type[Plugin]) -> list[str]:
    """Return the methods of its contract that a class does not write."""
    return sorted(getattr(plugin, "__abstractmethods__", ()))
