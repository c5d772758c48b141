"""Plugins that are classes of this very process, as a notebook defines them: they play where they are, and nowhere else."""

from __future__ import annotations

import sys
from functools import reduce
from uuid import uuid4

from pydantic import ValidationError

from benchbox.contracts import Plugin
from benchbox.errors import PluginError, quoted
from benchbox.registry.collect import stated
from benchbox.registry.printable import first_of, line
from benchbox.registry.row import Row


def row_of(plugin: type[Plugin]) -> Row:
    """Return the row of a class that this process defined.

    Raises:
        PluginError: it is no plugin, breaks its contract, or is not found again by its name, as one that a function defined.
    """
    if not (isinstance(plugin, type) and issubclass(plugin, Plugin) and hasattr(plugin, "name")):
        raise PluginError(
            f"plugins: {quoted(plugin)} is no plugin; subclass Selector, or another contract, and give it a name"
        )
    who = f"{plugin.kind} '{plugin.name}'"
    said = stated(plugin, None)
    module: object = sys.modules.get(plugin.__module__)
    found = reduce(lambda place, name: getattr(place, name, None), plugin.__qualname__.split("."), module)
    if found is not plugin:
        raise PluginError(
            f"{who} is not found as '{said['target']}'; define its class outside of functions, and give the last"
        )
    try:
        return Row(**said, package="this process", package_version="", once=uuid4().hex)
    except ValidationError as error:
        raise PluginError(f"{who} says what cannot be: {line(first_of(error))}") from None
