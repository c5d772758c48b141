"""benchbox: a benchmark suite for black-box attacks on image classifiers under a query budget."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchbox.api import plan, run
    from benchbox.auditing import audit
    from benchbox.errors import BenchboxError
    from benchbox.sweeping import sweep
    from benchbox.target.given.naming import given
    from benchbox.viewing import leaderboard, plot, results

_HOMES = {
    "BenchboxError": "benchbox.errors",
    "audit": "benchbox.auditing",
    "given": "benchbox.target.given.naming",
    "leaderboard": "benchbox.viewing",
    "plan": "benchbox.api",
    "plot": "benchbox.viewing",
    "results": "benchbox.viewing",
    "run": "benchbox.api",
    "sweep": "benchbox.sweeping",
}

__all__ = ["BenchboxError", "audit", "given", "leaderboard", "plan", "plot", "results", "run", "sweep"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command line's help must not wait for pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module 'benchbox' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names, those too that no one has used yet."""
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
