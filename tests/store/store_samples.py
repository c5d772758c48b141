"""Cells and results to store; also imported by the processes that tests start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pytest

from benchbox.contracts import Access, Grant
from benchbox.images.pool import PoolRule
from benchbox.records import (
    CellResult,
    Confusion,
    Diagnostic,
    LedgerRow,
    Measurement,
    Picture,
    Sealed,
    Searches,
    Status,
)
from benchbox.store import Store
from benchbox.store.models import Base
from benchbox.suites import AttackPlan, Cell, PluginRef, Scenario, TargetRef

only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""Of tests that look into the file, or at what only SQLite does."""

TARGET = {
    "sha256": "f" * 64,
    "name": "digits-lenet5",
    "dataset": "digits",
    "dataset_hash": "d" * 64,
    "model": "lenet5",
    "recipe": "standard",
    "seed": 0,
    "holdout": 0,
    "accuracy": 0.97,
    "n_test": 360,
}


@dataclass(frozen=True)
class Row:
    cell: Cell | None
    scenario: str = "real data"
    label: str = "drmi"
    position: int = 0


def ref(kind: str, name: str, version: int = 1, **options: Any) -> PluginRef:
    spec = f"{name}[{','.join(f'{k}={v}' for k, v in options.items())}]" if options else name
    return PluginRef(kind=kind, name=name, version=version, spec=spec, options=options)


STANDARD = ref("trainer", "standard", version=2)


def cell(
    seed: int = 0,
    method: str = "drmi",
    dataset: str = "digits",
    images: int | None = None,
    *,
    kind: str = "selector",
    trainer: PluginRef | None = STANDARD,
    uses: tuple[Grant, ...] = (),
    **options: Any,
) -> Cell:
    plan = AttackPlan(attack=ref("attack", "fgsm"), goal="untargeted", success=("asr_untargeted",), images=images)
    scenario = Scenario(
        dataset=dataset,
        dataset_hash=hashlib.sha256(dataset.encode()).hexdigest(),
        target=TargetRef(name="digits-lenet5", sha256="f" * 64),
        substitute=ref("model", "lenet5"),
        access=Access.LABEL,
        pool=PoolRule(),
        budgets=(50, 100),
        attacks=(plan,),
    )
    return Cell(scenario=scenario, method=ref(kind, method, **options), trainer=trainer, uses=uses, seed=seed)


def done(played: Cell, accuracy: float = 0.5) -> CellResult:
    return CellResult(
        played.id,
        Status.DONE,
        measurements=[
            Measurement("accuracy", "", 50, 50, accuracy, 360),
            Measurement("accuracy", "", 100, 100, accuracy + 0.1, 360),
            Measurement("asr_untargeted", "fgsm untargeted", 100, 100, None, 0),
            Measurement("attack_seconds", "fgsm untargeted", 100, 100, 0.25, 360),
        ],
        confusions=[Confusion("", 100, ((3, 1), (0, 4)))],
        ledger=[
            LedgerRow(50, "initial", 10, 0, "ab" * 32),
            LedgerRow(50, "selected", 40, 1, "cd" * 32),
            LedgerRow(50, "scoring", 360, 0, "ef" * 32),
            LedgerRow(100, "selected", 100, 2, "01" * 32),
        ],
        diagnostics=[Diagnostic(10, "loss", 1.5), Diagnostic(20, "loss", 1.25)],
        pictures=[Picture("queries", b"\x89PNG\r\n")],
        searches=Searches([3, 7], [-1, 2], [40, 60], [12, 0], [0.25, None], [1.5, None], late=1),
        timings={"method": 1.0, "total": 2.5},
        environment={"python": "3.11", "device": "cpu"},
        started="2026-11-20T12:00:00+00:00",
        sealed=Sealed.PROCESS,
        output="round 1\nround 2\n",
        sources={"selector drmi": "5a" * 32},
    )


def failed(played: Cell, status: Status = Status.FAILED) -> CellResult:
    return CellResult(played.id, status, error="ValueError: no", traceback="Traceback ...\nValueError: no\n")


def everything(store: Store) -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    with store.reading() as session:
        return {
            name: sorted(map(repr, session.execute(table.select()).all()))
            for name, table in Base.metadata.tables.items()
        }
