"""One row of the registry: a plugin, known before its module is imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from benchbox.contracts import Access, Lazy, Options, Plugin
from benchbox.errors import OptionError, PluginError, UnknownNameError
from benchbox.registry.spec import Spec, render


@dataclass(frozen=True)
class Broken:
    """A package that could not be loaded; the rest goes on."""

    package: str
    package_version: str
    error: str


@dataclass(frozen=True)
class Entry:
    """A registered plugin.

    Attributes:
        kind, name, summary, version, needs, privileged: as the plugin states them.
        package: the distribution that registered it, or the path of a plugin file.
        package_version: that distribution's version.
        import_class: imports the plugin's module and returns its class.
    """

    kind: str
    name: str
    summary: str
    version: int
    needs: Access
    privileged: bool
    package: str
    package_version: str
    import_class: Callable[[], type[Plugin]]

    @classmethod
    def of(cls, plugin: type[Plugin] | Lazy, package: str, package_version: str) -> Entry:
        """Make the row of a plugin class or of a ``Lazy``."""
        if isinstance(plugin, Lazy):
            lazy = plugin
            return cls(
                lazy.kind,
                lazy.name,
                lazy.summary,
                lazy.version,
                lazy.needs,
                lazy.privileged,
                package,
                package_version,
                lambda: _import(lazy, package),
            )
        return cls(
            plugin.kind,
            plugin.name,
            plugin.summary(),
            plugin.version,
            plugin.needs,
            plugin.privileged,
            package,
            package_version,
            lambda: plugin,
        )

    def options(self, spec: Spec, where: str = "") -> Options:
        """Validate the options that ``spec`` gives this plugin, its profile applied first.

        Raises:
            OptionError: a value does not fit.
            UnknownNameError: there is no such option or profile.
        """
        plugin = self.import_class()
        given = dict(spec.options)
        at = f"{self.kind} '{self.name}'" + (f" ({where})" if where else "")
        if spec.argument is not None:
            if plugin.argument is None:
                raise OptionError(f"{at} takes no argument behind a colon; write {self.name}[option=value]")
            given[plugin.argument] = spec.argument
        known = set(plugin.Options.model_fields)
        if "profile" in given and "profile" not in known:
            profile = given.pop("profile")
            if profile not in plugin.profiles:
                raise UnknownNameError("profile", str(profile), plugin.profiles, at)
            given = {**plugin.profiles[profile], **given}
        for key in given:
            if key not in known:
                raise UnknownNameError("option", key, known | ({"profile"} if plugin.profiles else set()), at)
        try:
            return plugin.Options.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "options"
            raise OptionError(f"option '{key}' of {at}: {_reason(first)}, not {first['input']!r}") from None

    def create(self, spec: Spec, where: str = "") -> Plugin:
        """Return the plugin with the options that ``spec`` gives."""
        return self.import_class()(self.options(spec, where))

    def canonical(self, options: Options) -> str:
        """Return ``name[option=value,...]`` with the options that differ from their defaults."""
        values = options.model_dump(mode="json", exclude_defaults=True)
        return render(self.name, values)


def _reason(error: Any) -> str:
    message = str(error["msg"])
    return message.removeprefix("Value error, ").rstrip(".").replace("Input should", "should")


def _import(lazy: Lazy, package: str) -> type[Plugin]:
    module, _, attribute = lazy.target.partition(":")
    try:
        plugin = getattr(importlib.import_module(module), attribute)
    except Exception as error:
        raise PluginError(
            f"{lazy.kind} '{lazy.name}' of package '{package}' could not be imported: {type(error).__name__}: {error}"
        ) from error
    said = (lazy.kind, lazy.name, lazy.summary, lazy.version, lazy.needs, lazy.privileged)
    found = (plugin.kind, plugin.name, plugin.summary(), plugin.version, plugin.needs, plugin.privileged)
    if said != found:
        raise PluginError(
            f"{lazy.kind} '{lazy.name}' of package '{package}' is listed as {said} but its class says {found}"
        )
    return plugin  # type: ignore[no-any-return]
