"""Which versions of methods and trainers a table is of, where others are installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchbox.report.views import Standing


def outdated(found: Iterable[Standing]) -> str:
    """Return the sentence above a table with figures of versions that are no longer installed; empty where there are none."""
    told = dict.fromkeys(version for standing in found for version in _versions(standing))
    return f"Figures of other versions than the installed ones: {', '.join(told)}." if told else ""


def _versions(standing: Standing) -> Iterator[str]:
    if standing.outdated:
        yield f"{standing.label} {' and '.join(map(str, standing.versions))} (installed: {standing.installed})"
    if standing.trainer_outdated:
        yield f"trainer {standing.trainer} {standing.trainer_version} (installed: {standing.installed_trainer})"
