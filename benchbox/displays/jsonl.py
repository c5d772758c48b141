"""JSON lines for programs: one object an event."""

from __future__ import annotations

import json
from typing import Any, TextIO

from benchbox.displays.tally import accuracies
from benchbox.execution import (
    CellElsewhere,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    Event,
    Notice,
    RunFinished,
    RunStarted,
    Summary,
)
from benchbox.suites import Planned


class JsonLines:
    """Writes each event as one JSON object with the key ``event``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def show(self, event: Event) -> None:
        """Write the event."""
        print(json.dumps(_object(event)), file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing is open."""


def place_of(planned: Planned) -> dict[str, Any]:
    """Return what names a planned cell."""
    return {
        "cell": None if planned.cell is None else planned.cell.id,
        "suite": planned.suite,
        "dataset": planned.dataset,
        "scenario": planned.scenario,
        "method": planned.label,
        "seed": planned.seed,
    }


def _object(event: Event) -> dict[str, Any]:
    match event:
        case RunStarted():
            before = {"already": event.already, "failed_before": event.failed_before}
            return {"event": "run-started", "to_run": len(event.to_run), **before, "jobs": event.jobs}
        case CellStarted():
            return {"event": "cell-started", **place_of(event.planned)}
        case CellProgress():
            progress = {"spent": event.spent, "budget": event.budget, "accuracy": event.accuracy}
            return {"event": "cell-progress", **place_of(event.planned), **progress}
        case CellOutput():
            return {"event": "cell-output", **place_of(event.planned), "text": event.text}
        case Notice():
            return {"event": "notice", "text": event.text}
        case CellFinished():
            return {"event": "cell-finished", **place_of(event.planned), **_ending(event)}
        case CellElsewhere():
            status = None if event.status is None else event.status.value
            return {"event": "cell-elsewhere", **place_of(event.planned), "status": status}
        case RunFinished():
            return {"event": "run-finished", **_summary(event.summary)}


def _ending(event: CellFinished) -> dict[str, Any]:
    return {
        "status": event.result.status.value,
        "error": event.result.error,
        "seconds": round(event.seconds, 3),
        "accuracy": {str(budget): value for budget, value in accuracies(event.result).items()},
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "done": summary.done,
        "not_applicable": summary.not_applicable,
        "already": summary.already,
        "elsewhere": summary.elsewhere,
        "left": summary.left,
        "stopped": summary.stopped,
        "seconds": round(summary.seconds, 3),
        "failures": [
            {
                **place_of(failure.planned),
                "status": failure.status.value,
                "error": failure.error,
                "before": failure.before,
                "traceback": None if failure.unkept is None else failure.unkept.traceback,
            }
            for failure in summary.failures
        ],
    }
