"""What is said of tables in sentences: how far players were sealed, which versions were played, who trains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchbox.report.views import ScenarioView, Standing

SEALED = "sealed"
"""The title of a column that says it row by row."""


def mixed(found: Iterable[str]) -> bool:
    """Whether rows differ in how far their players were sealed; those without a result have an empty text and do not count."""
    return len(set(filter(None, found))) > 1


def sealing(found: Iterable[str]) -> str:
    """Return the sentence above a table whose rows agree; empty where they differ, or nothing was played."""
    known = set(filter(None, found))
    return f"Players were sealed: {known.pop()}." if len(known) == 1 else ""


def outdated(found: Iterable[Standing]) -> str:
    """Return the sentence above a table with figures of versions that are no longer installed; empty where there are none."""
    told = dict.fromkeys(version for standing in found for version in _versions(standing))
    return f"Figures of other versions than the installed ones: {', '.join(told)}." if told else ""


def _versions(standing: Standing) -> Iterator[str]:
    if standing.outdated:
        yield f"{standing.label} {' and '.join(map(str, standing.versions))} (installed: {standing.installed})"
    if standing.trainer_outdated:
        yield f"trainer {standing.trainer} {standing.trainer_version} (installed: {standing.installed_trainer})"


def trainers(view: ScenarioView) -> list[str]:
    """Return a text a trainer, with its methods where it does not serve them all; none where methods make their own."""
    return [
        f"{trainer}, version {version}" + ("" if len(labels) == len(view.standings) else f", of {', '.join(labels)}")
        for (trainer, version), labels in view.trainers.items()
    ]
