"""Where a page lies: names from suites and data sets, made safe as file names and as addresses, and kept apart."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from urllib.parse import quote

MARK = "made by 'benchbox leaderboard'"
"""Stands in every file that this program wrote: what tells it from one that happens to lie in the folder."""
INDEX = PurePosixPath("README.md")
READING = PurePosixPath("reading.md")
PICTURE = PurePosixPath("overview.svg")
HTML = PurePosixPath("index.html")
DATA = PurePosixPath("data")
_SAFE_IN_ROUTES = "!'()*"  # what encodeURIComponent leaves as it is, so that scripts build the same routes
_TAKEN = {"readme", *(str(path).lower() for path in (INDEX, READING, PICTURE, HTML, DATA))}
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*( [A-Za-z0-9.-]+)*")


def slug(text: str) -> str:
    """Return ``text`` as a file name of letters, digits, dots, dashes, and single underscores for spaces.

    Where that changes more than single spaces, or the name is one that a leaderboard's folder has anyway, six hex digits of a
    hash keep different texts apart.
    """
    if len(text) <= 60 and _SAFE.fullmatch(text) and text.lower() not in _TAKEN:
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


def route(*parts: str) -> str:
    """Return ``/part/part``: what stands behind ``#`` in the HTML page's address, and the id of the section that it shows."""
    return "".join(f"/{quote(part, safe=_SAFE_IN_ROUTES, errors='replace')}" for part in parts)


def suite_route(suite: str, *within: str) -> str:
    """Return the route of a suite, of its page on a data set, or of a scenario there."""
    return route("suite", suite, *within)


def cell_route(cell: str) -> str:
    """Return the route of a cell."""
    return route("cell", cell)
