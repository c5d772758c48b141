"""Addresses inside the page: a route is the part of the URL behind ``#``, and the id of the section that it shows."""

from __future__ import annotations

from urllib.parse import quote

_SAFE = "!'()*"  # what encodeURIComponent leaves as it is, so that scripts build the same routes


def route(*parts: str) -> str:
    """Return ``/part/part`` with every part percent-encoded."""
    return "".join(f"/{quote(part, safe=_SAFE, errors='replace')}" for part in parts)


def suite_route(suite: str, dataset: str, *scenario: str) -> str:
    """Return the route of a suite's page on a data set, or of a scenario on it."""
    return route("suite", suite, dataset, *scenario)


def method_route(method: str) -> str:
    """Return the route of a method's page, by the plugin's name."""
    return route("method", method)


def cell_route(cell: str) -> str:
    """Return the route of a cell's page."""
    return route("cell", cell)
