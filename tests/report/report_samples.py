"""A store with every kind of outcome in it, made without running anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchbox.contracts import Access, Grant
from benchbox.images.pool import PoolRule
from benchbox.records import CellResult, Measurement, Sealed, Status
from benchbox.report.views.scenario import ScenarioView, scenario_views
from benchbox.store import Store
from benchbox.suites import AttackPlan, Cell, PluginRef, Scenario, TargetRef

if TYPE_CHECKING:
    import pandas as pd

BUDGETS = (50, 150, 600)
ATTACK = "pgd[eps=0.3] untargeted"
TARGET = {
    "sha256": "f" * 64,
    "name": "digits-lenet5",
    "dataset": "digits",
    "dataset_hash": "d" * 64,
    "model": "lenet5",
    "recipe": "standard",
    "seed": 0,
    "holdout": 0,
    "accuracy": 0.975,
    "n_test": 360,
}
WOBBLE = (0.0, 0.011, -0.006, 0.004, -0.009)
"""What a seed adds to an accuracy."""
_OTHERS = {"drmi", "noise", "trace"}
"""Methods to which two seeds add each other's, so that differences between methods have a spread."""


def paper(figures: str, name: str = "Toy", citation: str = "Nobody, Nowhere", differs: str = "") -> str:
    """Return a file of figures that a paper prints of the suite ``label-only`` on digits."""
    return f"""
paper = "{name}"
citation = "{citation}"

[[table]]
source = "Table 1"
suites = ["label-only"]
dataset = "digits"
access = "label"
metric = "accuracy"
target = "lenet5"
protocol = "As here."
differs = "{differs}"
figures = [{figures}]
"""


@dataclass(frozen=True)
class Place:
    cell: Cell
    scenario: str
    label: str
    position: int


def ref(kind: str, text: str, version: int = 1) -> PluginRef:
    name, _, rest = text.partition("[")
    options: dict[str, Any] = dict(part.split("=", 1) for part in rest[:-1].split(",")) if rest else {}
    return PluginRef(kind=kind, name=name, version=version, spec=text, options=options)


STANDARD = ref("trainer", "standard", version=2)


def cell(
    method: str,
    seed: int,
    *,
    dataset: str = "digits",
    insider: bool = False,
    budgets: Any = BUDGETS,
    kind: str = "selector",
    trainer: PluginRef | None = STANDARD,
    uses: tuple[Grant, ...] = (),
    target: str = "",
) -> Cell:
    """Return a cell; a generator makes its own substitutes, whatever ``trainer`` says."""
    scenario = Scenario(
        dataset=dataset,
        dataset_hash=hashlib.sha256(dataset.encode()).hexdigest(),
        target=TargetRef(name=target or f"{dataset}-lenet5", sha256=(target.encode().hex() or "f").rjust(64, "f")[:64]),
        substitute=ref("model", "lenet5"),
        access=Access.LABEL,
        pool=PoolRule(),
        budgets=budgets,
        insider=insider,
        attacks=(AttackPlan(attack=ref("attack", "pgd[eps=0.3]"), goal="untargeted", success=("asr_untargeted",)),),
    )
    trainer = None if kind == "generator" else trainer
    return Cell(scenario=scenario, method=ref(kind, method), trainer=trainer, uses=uses, seed=seed)


def done(played: Cell, curve: Sequence[float]) -> CellResult:
    """Return a result whose accuracy follows ``curve``, give or take the seed's wobble."""
    wobble, found = _wobble(played), []
    for budget, height in zip(played.scenario.budgets, curve, strict=True):
        accuracy = _share(height + wobble)
        found += [
            Measurement("accuracy", "", budget, budget, accuracy, 360),
            Measurement("fidelity", "", budget, budget, _share(accuracy + 0.01), 360),
            Measurement("asr_untargeted", ATTACK, budget, budget, accuracy / 2, 350),
            Measurement("seconds_per_example", ATTACK, budget, budget, 0.002, 350),
        ]
    return CellResult(played.id, Status.DONE, measurements=found, timings={"total": 2.0})


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _wobble(played: Cell) -> float:
    swapped = {2: 4, 4: 2} if played.method.name in _OTHERS else {}
    return WOBBLE[swapped.get(played.seed, played.seed) % len(WOBBLE)]


def put(
    store: Store,
    method: str,
    curve: Sequence[float],
    *,
    seeds: Sequence[int] = range(5),
    wanted: Sequence[int] = range(5),
    label: str = "",
    suite: str = "label-only",
    status: Status = Status.DONE,
    position: int = 0,
    sealed: Sealed | None = None,
    **scenario: Any,
) -> None:
    """Enrol a method for the ``wanted`` seeds and record a result for ``seeds``."""
    played = [cell(method, seed, **scenario) for seed in wanted]
    store.enrol(suite, [Place(c, "real data", label or method, position) for c in played])
    for c in played:
        if c.seed in seeds:
            result = replace(done(c, curve), sealed=sealed)
            if status != Status.DONE:
                result = replace(result, status=status, measurements=[], error=f"ValueError: no {method}")
            store.record(c, result, target={**TARGET, "dataset": c.scenario.dataset})


def fill(store: Store) -> None:
    """Put one method of every kind into the suite ``label-only`` on digits."""
    put(store, "random", (0.60, 0.80, 0.93), position=0)
    put(store, "drmi", (0.62, 0.83, 0.95), position=1)
    put(store, "partial", (0.70, 0.90, 0.97), seeds=(0, 1, 2), position=2)
    put(store, "broken", (0, 0, 0), status=Status.FAILED, position=3)
    put(store, "absent", (0, 0, 0), seeds=(), position=4)
    put(store, "picky", (0, 0, 0), status=Status.NOT_APPLICABLE, position=5)
    put(store, "cpb", (0.80, 0.95, 0.97), insider=True, position=6)


HELPED = ("transfer", "hybrid")
SEARCHES = {"square": (0.60, 0.80, 0.95), "nes": (0.10, 0.30, 0.90)}


def put_searches(
    store: Store,
    suite: str = "searches",
    curves: Mapping[str, Sequence[float]] = SEARCHES,
    before: int = 0,
    seeds: Sequence[int] = range(5),
) -> None:
    """Record query attacks over seeds: what is solved at each budget an example, and the queries in all.

    What those that start from a substitute paid for it comes ``before``.
    """
    for position, (name, curve) in enumerate(curves.items()):
        for seed in seeds:
            played = cell(name, seed, kind="query-attack", trainer=None)
            solved = [
                (
                    Measurement("query_success", "", b, b, _share(height + _wobble(played)), 100),
                    100 * b + before * (name in HELPED),
                )
                for b, height in zip(BUDGETS, curve, strict=True)
            ]
            found = [m for m, _ in solved] + [
                replace(m, metric="queries_in_all", value=float(spent), n=1) for m, spent in solved
            ]
            store.enrol(suite, [Place(played, "probabilities", name, position)])
            store.record(played, CellResult(played.id, Status.DONE, measurements=found, timings={"total": 1.0}))


def scenario_view(
    name: str, cells: pd.DataFrame, measurements: pd.DataFrame, *notes: Any, seeds: Sequence[int] = (), **more: Any
) -> ScenarioView:
    """Return the view of the one scenario that all cells are of; ``seeds`` are those of its suite's file."""
    own = dict.fromkeys(cells["suite"], tuple(seeds))
    ((game, view),) = scenario_views(cells, measurements, *notes, seeds=own, **more).items()
    assert game[2] == name
    return view
