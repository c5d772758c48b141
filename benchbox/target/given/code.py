"""Something in the owner's code, loaded by name: ``module:name``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from typing import Any, NamedTuple

from benchbox.errors import TargetError, described, nearest
from benchbox.paths import sha256_of


class Named(NamedTuple):
    """What a name stands for, and the module that it is in.

    Attributes:
        value: the object.
        source: the module's file; None where it has none.
        sha256: the hash of that file; empty where there is none.
    """

    value: Any
    source: Path | None
    sha256: str


def load_named(text: str, folder: Path, who: str) -> Named:
    """Import a module, the owner's folder first, and return what is called so in it.

    Args:
        text: ``module:name``.
        folder: where the owner works.
        who: names the target in errors.

    Raises:
        TargetError: it cannot be imported, or has nothing of that name.
    """
    module_name, _, name = text.partition(":")
    if module_name.endswith(".py"):
        dotted = ".".join(Path(module_name).with_suffix("").parts)
        raise TargetError(f"{who}: '{module_name}' is a file where a module is named; write {dotted}:{name}")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))  # and it stays: what the owner's code imports later lies there, too
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # the owner's code may fail in any way, and wants to know which
        raise TargetError(f"{who}: '{module_name}' cannot be imported from {folder}: {described(error)}") from None
    if not hasattr(module, name):
        raise TargetError(f"{who}: {module_name} has no '{name}'; {nearest(name, vars(module))}")
    source = Path(module.__file__).resolve() if module.__file__ else None
    return Named(getattr(module, name), source, hash_of(source, who) if source else "")


def hash_of(path: Path, who: str) -> str:
    """Return the sha256 of a file, hex.

    Raises:
        TargetError: it cannot be read.
    """
    try:
        return sha256_of(path)
    except OSError as error:
        raise _unread(path, who, error) from None


def content_of(path: Path, who: str) -> bytes:
    """Return a file's bytes.

    Raises:
        TargetError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unread(path, who, error) from None


def _unread(path: Path, who: str, error: OSError) -> TargetError:
    return TargetError(f"{who}: {path} cannot be read: {error.strerror}")
