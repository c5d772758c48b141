"""The hooks that a distribution may implement. An entry point of the group ``benchbox`` names the module that does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pluggy

from benchbox.contracts import Lazy, Plugin

hookspec = pluggy.HookspecMarker("benchbox")


@hookspec
def benchbox_plugins() -> Iterable[type[Plugin] | Lazy]:  # type: ignore[empty-body]
    """Return the plugins of this distribution: classes, or ``Lazy`` rows that name them without importing them."""


@hookspec
def benchbox_suite_folders() -> Iterable[Path]:  # type: ignore[empty-body]
    """Return folders with suite files (``NAME.toml``) and, in ``reported/``, the figures that papers print."""


@hookspec
def benchbox_target_folders() -> Iterable[Path]:  # type: ignore[empty-body]
    """Return folders with a ``targets.toml`` (names and recipes) and the trained weights that it pins by sha256."""
