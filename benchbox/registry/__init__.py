"""Discovery in a process of its own -> a catalogue; loading by name where a plugin is needed. Imports no plugin by itself."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchbox.registry.catalogue import Catalogue
    from benchbox.registry.loading import create, create_spec, load
    from benchbox.registry.row import About, Broken, Resolved, Row
    from benchbox.registry.spec import Spec

_HOMES = {
    "About": "row",
    "Broken": "row",
    "Catalogue": "catalogue",
    "Resolved": "row",
    "Row": "row",
    "Spec": "spec",
    "create": "loading",
    "create_spec": "loading",
    "load": "loading",
}

__all__ = ["About", "Broken", "Catalogue", "Resolved", "Row", "Spec", "create", "create_spec", "load"]


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: the helper process needs half of them, and a listing waits for it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'benchbox.registry' has no attribute '{name}'")
    return getattr(importlib.import_module(f"benchbox.registry.{_HOMES[name]}"), name)
