"""Discovery of plugins, their names and options, and where each came from. Imports no plugin module by itself."""

from benchbox.registry.entry import Broken, Entry
from benchbox.registry.registry import Registry
from benchbox.registry.spec import Spec

__all__ = ["Broken", "Entry", "Registry", "Spec"]
