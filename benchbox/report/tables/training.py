"""Who makes the substitutes of a scenario."""

from __future__ import annotations

from benchbox.report.views import ScenarioView


def trainers(view: ScenarioView) -> list[str]:
    """Return a text a trainer, with its methods where it does not serve them all; none where methods make their own."""
    return [
        f"{trainer}, version {version}" + ("" if len(labels) == len(view.standings) else f", of {', '.join(labels)}")
        for (trainer, version), labels in view.trainers.items()
    ]
