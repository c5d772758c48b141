"""Importing plugin files and what lies beside them from their source alone: what is hashed is what runs.

Python prefers compiled code that lies in ``__pycache__``, and believes what it says of the source that it was made from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, ExtensionFileLoader, FileFinder, SourceFileLoader
from pathlib import Path

_folders: set[str] = set()


class SourceOnly(SourceFileLoader):
    """Loads a module from its source, compiled anew."""

    def path_stats(self, path: str) -> Mapping[str, object]:
        """Know nothing of the file, so that no compiled code is taken for its own, and none is left."""
        raise OSError("compiled anew")


def import_beside(folder: Path) -> None:
    """Let what lies in a plugin file's folder be imported, behind what is installed: a ``random.py`` there hides nothing."""
    place = str(folder)
    if place in sys.path:
        return
    if not _folders:
        sys.path_hooks.insert(0, _finder)
    _folders.add(place)
    sys.path_importer_cache.pop(place, None)
    sys.path.append(place)


def _finder(path: str) -> FileFinder:
    """Return what finds modules in a plugin file's folder, and in packages there.

    Raises:
        ImportError: the folder is none of those.
    """
    inside = (
        entry for entry in sys.path if entry and (path == entry or path.startswith(entry.rstrip(os.sep) + os.sep))
    )
    if max(inside, key=len, default="") not in _folders:
        raise ImportError(path)
    return FileFinder(path, (ExtensionFileLoader, EXTENSION_SUFFIXES), (SourceOnly, SOURCE_SUFFIXES))
