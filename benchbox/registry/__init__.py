"""Discovery in a process of its own -> a catalogue; loading by name where a plugin is needed. Imports no plugin by itself."""

from benchbox.registry.catalogue import Catalogue
from benchbox.registry.loading import create, create_spec, load
from benchbox.registry.row import About, Broken, Resolved, Row
from benchbox.registry.spec import Spec

__all__ = ["About", "Broken", "Catalogue", "Resolved", "Row", "Spec", "create", "create_spec", "load"]
