"""Cells of a run as runs of MLflow."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from benchbox.contracts import CellBegan, CellEnded, CellPlace, CellScored, Observer

_FORBIDDEN = re.compile(r"[^\w ./-]")  # in the names of MLflow's metrics


class MlflowLog(Observer):
    """Makes an MLflow run of each cell, in an experiment of the suite's name.

    Several cells may be under way, so it names the run in every call and never uses MLflow's active one. MLflow's own
    ``MLFLOW_TRACKING_URI`` says where they go.
    """

    def __init__(self) -> None:
        from mlflow.tracking import MlflowClient

        self._client: Any = MlflowClient()
        self._experiments: dict[str, str] = {}
        self._runs: dict[str, str] = {}

    def cell_began(self, event: CellBegan) -> None:
        """Begin a run."""
        place = event.place
        tags = {f"benchbox.{key}": str(value) for key, value in asdict(place).items()}
        name = f"{place.method} on {place.dataset}, seed {place.seed}"
        made = self._client.create_run(self._experiment(place), tags=tags, run_name=name)
        self._runs[place.cell] = made.info.run_id

    def cell_scored(self, event: CellScored) -> None:
        """Log the score, at the queries that were paid for."""
        run = self._runs.get(event.place.cell)
        if run is not None:
            self._client.log_metric(run, f"live {event.metric}", event.value, step=event.spent)

    def cell_ended(self, event: CellEnded) -> None:
        """Log all that was measured, at its budgets, and end the run. A cell that never began is not applicable."""
        run = self._runs.pop(event.place.cell, None)
        if run is None:
            return
        for found in event.measurements:
            if found.value is not None:
                name = _FORBIDDEN.sub("_", " ".join(filter(None, (found.metric, found.attack))))
                self._client.log_metric(run, name, found.value, step=found.budget)
        if event.error:
            self._client.set_tag(run, "benchbox.error", event.error)
        self._client.set_terminated(run, "FINISHED" if event.status == "done" else "FAILED")

    def _experiment(self, place: CellPlace) -> str:
        """Return the id of the suite's experiment, made where there is none."""
        if place.suite not in self._experiments:
            found = self._client.get_experiment_by_name(place.suite)
            self._experiments[place.suite] = (
                self._client.create_experiment(place.suite) if found is None else found.experiment_id
            )
        return self._experiments[place.suite]
