"""Where a page lies: names from suites and data sets, made safe as file names and kept apart."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

MARK = "made by 'benchbox leaderboard'"
"""Stands in every file that this program wrote: what tells it from one that happens to lie in the folder."""
INDEX = PurePosixPath("README.md")
READING = PurePosixPath("reading.md")
PICTURE = PurePosixPath("overview.svg")
HTML = PurePosixPath("index.html")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*( [A-Za-z0-9.-]+)*")


def slug(text: str) -> str:
    """Return ``text`` as a file name of letters, digits, dots, dashes, and single underscores for spaces.

    Where that changes more than single spaces, six hex digits of a hash keep different texts apart.
    """
    if len(text) <= 60 and _SAFE.fullmatch(text) and text.upper() != "README":
        return text.replace(" ", "_")
    safe = re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-.")[:60]
    return f"{safe or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def page_path(suite: str, dataset: str) -> PurePosixPath:
    """Return a page's path in the leaderboard's folder."""
    return PurePosixPath(slug(suite)) / f"{slug(dataset)}.md"


def plot_path(suite: str, dataset: str, scenario: str, end: str = "") -> PurePosixPath:
    """Return a plot's path in the leaderboard's folder; ``end`` tells a scenario's plots apart."""
    return PurePosixPath(slug(suite)) / f"{slug(dataset)}__{slug(scenario)}{'__' * bool(end)}{end}.svg"


def suite_path(suite: str) -> PurePosixPath:
    """Return a suite's page's path in the leaderboard's folder; no data set's page is called so."""
    return PurePosixPath(slug(suite)) / "README.md"
