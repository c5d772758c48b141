"""Which versions of methods a table is of, where others are installed."""

from __future__ import annotations

from collections.abc import Iterable

from benchbox.report.views import Standing


def outdated(found: Iterable[Standing]) -> str:
    """Return the sentence above a table with figures of versions that are no longer installed; empty where there are none."""
    told = dict.fromkeys(_versions(standing) for standing in found if standing.outdated)
    return f"Figures of other versions than the installed ones: {', '.join(told)}." if told else ""


def _versions(standing: Standing) -> str:
    return f"{standing.label} {' and '.join(map(str, standing.versions))} (installed: {standing.installed})"
