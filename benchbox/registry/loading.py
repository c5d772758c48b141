"""Loading a plugin by its row, in the process that calls: where plugins play, never where results are kept."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import math
import sys
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from benchbox.contracts import Attack, Grant, Method, Options, Plugin, QueryAttack, Selector, Threat
from benchbox.errors import BenchboxError, OptionError, PluginError, UnknownNameError, described, quoted, shown
from benchbox.registry import values
from benchbox.registry.row import About, OptionRow, Resolved, Row
from benchbox.registry.sourced import SourceOnly, import_beside
from benchbox.registry.spec import Spec, render
from benchbox.registry.versions import check_class

if TYPE_CHECKING:
    from benchbox.registry.catalogue import Catalogue

_OF_ATTACKS = dict.fromkeys(("targeted", "target", "goal"), 'goal = "class:3" beside the attack in the suite file')
_OF_ATTACKS["images"] = "images = 100 beside the attack in the suite file, or --images"
_OF_ATTACKS |= dict.fromkeys(("threat", "radius"), 'threat = { norm = "inf", radius = 0.3 } beside the attack')
_OF_ALL = {
    **dict.fromkeys(("seed", "seeds", "random_state"), "seeds in the suite file, or --seeds"),
    **dict.fromkeys(("budget", "budgets", "max_queries"), "budgets in the suite file, or --budgets"),
}
"""Where the rules of a scenario are written, by the names that people try them under."""


def load(row: Row) -> type[Plugin]:
    """Import a plugin's class.

    Raises:
        PluginError: it cannot be imported, was written for another contract, or is not what the row says.
    """
    found = class_at(row.target, row.file, f"{row.who} of package '{row.package}'")
    said = (row.kind, row.name, row.summary, row.version, row.needs, row.privileged)
    is_now = (found.kind, found.name, found.summary(), found.version, found.needs, found.privileged)
    if said != is_now:
        raise PluginError(f"{row.who} of package '{row.package}' is listed as {said} but its class says {is_now}")
    return found


def class_at(target: str, file: Path | None, who: str) -> type[Plugin]:
    """Import the class that ``Row`` names with ``target`` and ``file``; ``who`` names the plugin in errors.

    Raises:
        PluginError: it cannot be imported, is no plugin, or was written for another contract.
    """
    try:
        found = _find(target, file)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{who} could not be imported: {described(error)}") from error
    if not (isinstance(found, type) and issubclass(found, Plugin)):
        raise PluginError(f"{who} is at {target}, which is no plugin class")
    check_class(found)
    return found


def options_of(row: Row, spec: Spec, where: str = "") -> Options:
    """Validate the options that ``spec`` gives a plugin, its profile applied first.

    Raises:
        OptionError: a value does not fit.
        UnknownNameError: there is no such option or profile.
    """
    plugin = load(row)
    given = dict(spec.options)
    at = row.who + (f" ({where})" if where else "")
    if spec.argument is not None:
        if plugin.argument is None:
            raise OptionError(f"{at} takes no argument behind a colon; write {row.name}[option=value]")
        given[plugin.argument] = spec.argument
    known = set(plugin.Options.model_fields)
    if "profile" in given and "profile" not in known:
        profile = given.pop("profile")
        if profile not in plugin.profiles:
            raise UnknownNameError("profile", str(profile), plugin.profiles, at)
        given = {**plugin.profiles[profile], **given}
    for key, value in given.items():
        if key not in known:
            _refuse_of_the_scenario(row, key, at)
            raise UnknownNameError("option", key, known | ({"profile"} if plugin.profiles else set()), at)
        if isinstance(value, str) and spec.argument is not value:  # a path behind a colon is what it is
            given[key] = values.read(value, plugin.Options.model_fields[key].annotation, f"option '{key}' of {at}")
    return _validated(plugin, given, at)


def _refuse_of_the_scenario(row: Row, key: str, at: str) -> None:
    """Refuse an option that other tools give an attack or method, and that is the scenario's here.

    Raises:
        OptionError: the sentence says where it is written.
    """
    written = (_OF_ATTACKS if row.kind == "attack" else {}) | _OF_ALL
    if key in written:
        raise OptionError(f"{at} has no option '{key}', since that is the scenario's: write {written[key]}")


def create(row: Row, options: Mapping[str, Any] | Spec, where: str = "") -> Plugin:
    """Return a plugin, ready to use.

    Args:
        row: which.
        options: all its options with their values, as ``Resolved.options`` holds them, or what a user wrote.
        where: for the sentence of an error.
    """
    spec = options if isinstance(options, Spec) else Spec(row.name, options)
    return load(row)(options_of(row, spec, where))


def create_spec(catalogue: Catalogue, kind: str, text: str, where: str = "") -> Plugin:
    """Return the plugin that ``name[option=value]`` describes, imported into this process."""
    spec = Spec.parse(text, where)
    return create(catalogue.get(kind, spec.name, where), spec, where)


def resolve_here(row: Row, spec: Spec, where: str = "") -> Resolved:
    """Say what a plugin is with these options. Imports it, so it is called in a process of its own, or in the rules'.

    Raises:
        BenchboxError: the options do not fit.
    """
    plugin = create(row, spec, where)
    return Resolved.model_construct(  # checked by who asked
        row=row,
        options=plugin.options.model_dump(mode="json"),
        changed=plugin.options.model_dump(mode="json", exclude_defaults=True),
        needs=plugin.needed_access(),
        wants=_wanted(plugin, row),
        trains=isinstance(plugin, Method) and bool(plugin.trains),
        nested=bool(plugin.nested) if isinstance(plugin, Selector) else None,
        threat=_threat(plugin, row),
        targeted=bool(plugin.targeted) if isinstance(plugin, Attack | QueryAttack) else None,
    )


def _wanted(plugin: Plugin, row: Row) -> tuple[Grant, ...]:
    said: object = plugin.wants()
    try:
        return tuple(sorted(Grant(wanted) for wanted in said))  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise PluginError(
            f"{row.who}: wants() returned {quoted(said)}; expected a set of Grant, as {{Grant.LABELS}}"
        ) from None


def about_here(row: Row) -> About:
    """Return what the class says of itself. Imports it."""
    plugin = load(row)
    fields = plugin.Options.model_fields.items()
    rows = [
        OptionRow(name=name, default=_default(field), description=field.description or "") for name, field in fields
    ]
    profiles = {name: render(row.name, _plain(values)) for name, values in plugin.profiles.items()}
    return About(doc=inspect.getdoc(plugin) or "", options=tuple(rows), profiles=profiles)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    # a radius of 40/255 is told as 0.156863
    return {key: round(value, 6) if isinstance(value, float) else value for key, value in values.items()}


def load_file(path: Path) -> ModuleType:
    """Import a Python file as a module whose name its path decides, so that two files of one stem are two modules.

    What lies beside it can be imported (``sourced.import_beside``). A file that has not changed is not run again.
    """
    whole = path.resolve()
    source = whole.read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    name = f"benchbox_file_{path.stem.replace('-', '_')}_{hashlib.sha256(str(whole).encode()).hexdigest()[:8]}"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__benchbox_source__", None) == digest:
        return known
    spec = importlib.util.spec_from_file_location(name, whole, loader=SourceOnly(name, str(whole)))
    if whole.suffix != ".py" or spec is None or spec.loader is None:
        raise ImportError(f"not a Python file: {path}")
    module = importlib.util.module_from_spec(spec)
    vars(module)["__benchbox_source__"] = digest
    import_beside(whole.parent)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _find(target: str, file: Path | None) -> Any:
    module, _, attribute = target.rpartition(":")
    home = load_file(file) if file is not None else None
    if module or home is None:
        home = importlib.import_module(module)
    return reduce(getattr, attribute.split("."), home)


def _validated(plugin: type[Plugin], given: Mapping[str, Any], at: str) -> Options:
    try:
        options = plugin.Options.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # a rule about several options: its own words name them
            raise OptionError(f"{at}: {_reason(first)}") from None
        key = ".".join(str(part) for part in first["loc"])
        raise OptionError(f"option '{shown(key)}' of {at}: {_reason(first)}, not {quoted(first['input'])}") from None
    for key in given:
        values.check_numbers(getattr(options, key), f"option '{key}' of {at}")
    return options


def _reason(error: Any) -> str:
    message = str(error["msg"])
    return message.removeprefix("Value error, ").rstrip(".").replace("Input should", "should")


def _threat(plugin: Plugin, row: Row) -> Threat | None:
    stated = getattr(plugin, "threat", None)
    if not callable(stated):
        return None
    try:
        threat = stated()
        norm, radius = threat.norm, float(threat.radius)
    except BenchboxError:
        raise
    except Exception as error:
        raise PluginError(
            f"{row.who} of package '{row.package}' could not state its threat: {described(error)}"
        ) from error
    if norm not in ("inf", "2") or not math.isfinite(radius) or radius <= 0:
        raise PluginError(
            f"{row.who} states the threat ({norm!r}, {radius}); expected norm 'inf' or '2' and a radius above 0"
        )
    return Threat(norm, radius)


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    return "none" if field.default is None else str(field.default)
