"""Leaderboards: statistics and views over the store, and their forms. Imports no torch."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchbox.report.leaderboard import differing, write_leaderboard
    from benchbox.report.page import PageView, read_pages

_HOMES = {
    "PageView": "benchbox.report.page",
    "differing": "benchbox.report.leaderboard",
    "read_pages": "benchbox.report.page",
    "write_leaderboard": "benchbox.report.leaderboard",
}

__all__ = ["PageView", "differing", "read_pages", "write_leaderboard"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: a process that only draws must not wait for pandas and the store."""
    if name not in _HOMES:
        raise AttributeError(f"module 'benchbox.report' has no attribute '{name}'")
    return getattr(importlib.import_module(_HOMES[name]), name)
