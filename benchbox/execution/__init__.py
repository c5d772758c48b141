"""Running cells: the coordinator, the executors, and what they tell a display. Imports no torch."""

from benchbox.execution.coordinator import run_cells
from benchbox.execution.events import (
    CellElsewhere,
    CellFinished,
    CellOutput,
    CellProgress,
    CellStarted,
    Display,
    Event,
    Failure,
    Notice,
    RunFinished,
    RunStarted,
    Silent,
    Summary,
)

__all__ = [
    "CellElsewhere",
    "CellFinished",
    "CellOutput",
    "CellProgress",
    "CellStarted",
    "Display",
    "Event",
    "Failure",
    "Notice",
    "RunFinished",
    "RunStarted",
    "Silent",
    "Summary",
    "run_cells",
]
