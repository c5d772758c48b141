"""Where a page lies: names from suites and data sets, made safe as file names and kept apart."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

MARK = "made by 'benchbox leaderboard'"
"""Stands in every file that this program wrote: what tells it from one that happens to lie in the folder."""
INDEX = PurePosixPath("README.md")
HTML = PurePosixPath("index.html")


def slug(text: str) -> str:
    """Return ``text`` as a file name of letters, digits, dots and dashes.

    Where that changes more than spaces, six hex digits of a hash keep different texts apart.
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:60]
    if safe and safe == text.replace(" ", "-") and safe.upper() != "README":
        return safe
    return f"{safe or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def page_path(suite: str, dataset: str) -> PurePosixPath:
    """Return a page's path in the leaderboard's folder."""
    return PurePosixPath(slug(suite)) / f"{slug(dataset)}.md"


def plot_path(suite: str, dataset: str, scenario: str) -> PurePosixPath:
    """Return a scenario's plot's path in the leaderboard's folder."""
    return PurePosixPath(slug(suite)) / f"{slug(dataset)}-{slug(scenario)}.svg"


def suite_path(suite: str) -> PurePosixPath:
    """Return a suite's page's path in the leaderboard's folder; no data set's page is called so."""
    return PurePosixPath(slug(suite)) / "README.md"


def critical_path(suite: str, number: int) -> PurePosixPath:
    """Return the path of the critical-difference diagram of a suite's family of scenarios, counted from 1."""
    return PurePosixPath(slug(suite)) / f"critical-difference-{number}.svg"
