"""From a store to a folder that can be sent: the plugin's file, its cells, and what they claim."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from benchbox.distribution import version
from benchbox.errors import SubmissionError, quoted
from benchbox.records import Sealed, Status
from benchbox.registry import Catalogue, Spec
from benchbox.registry.source import files_of
from benchbox.scoring.metrics import HEADLINES
from benchbox.store import Store, merge
from benchbox.store.models import CellRow, EnvironmentRow, MethodRow, ScenarioRow, SuiteCellRow, TargetRow
from benchbox.submission.form import FORM, LARGEST, STORE, Claim, Submission

if TYPE_CHECKING:
    import pandas as pd

SEALED = (Sealed.SANDBOX.value, Sealed.PROCESS.value)
"""How far players must have been shut in."""


def submit(
    suite: str, method: str, plugin: Path, *, db: Path | str = "results.db", datasets: Sequence[str] = (), out: Path
) -> Submission:
    """Pack a method's results in a suite, with its source, into a new folder.

    Args:
        suite: the suite, as the store has it.
        method: the method: name, spec, or what the suite calls it.
        plugin: the one file that holds it.
        db: the store of its cells.
        datasets: only these data sets; all that the store has where it is empty.
        out: the folder to make.

    Raises:
        BenchboxError: a cell has no result, was played unsealed or by another source, or the file holds no such method.
    """
    source = source_of(plugin, method)
    if out.exists() and any(out.iterdir()):
        raise SubmissionError(f"'{out}' is there already; name a new folder")
    filters: dict[str, Any] = {"suite": suite, "method": [method], **({"dataset": list(datasets)} if datasets else {})}
    with Store.open(db) as store:
        cells = store.cells(**filters)
        if cells.empty:
            raise SubmissionError(
                f"'{store.address}' holds no cell of {quoted(method)} in suite '{suite}'; run it first"
            )
        found = faults(store, cells, source)
        if found:
            raise SubmissionError(found[0])
        claims = claims_of(store, cells)
        made = Submission(
            benchbox=version(), suite=suite, method=method, plugin=plugin.name, source=source, claims=claims
        )
        out.mkdir(parents=True, exist_ok=True)
        _copy(store, out / STORE, suite, set(cells["cell"]))
    shutil.copyfile(plugin, out / plugin.name)
    (out / FORM).write_text(made.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return made


def source_of(plugin: Path, method: str) -> str:
    """Return the hash of the source of the method that a file holds.

    Raises:
        BenchboxError: it holds none of that name, is too large, or imports what lies beside it.
    """
    beside = [path.name for _, path in files_of(plugin)[1:]] if plugin.is_file() else []
    if beside:
        raise SubmissionError(f"'{plugin.name}' imports {beside[0]} from beside it; a submission is one file")
    catalogue = Catalogue.discover([plugin])
    try:
        row = catalogue.method(Spec.parse(method).name, "--method")
    finally:
        catalogue.close()
    if row.file is None or Path(row.file).resolve() != plugin.resolve():
        raise SubmissionError(f"{row.who} is not in '{plugin}': it comes from package '{row.package}'")
    size = plugin.stat().st_size
    if size > LARGEST:
        raise SubmissionError(f"'{plugin}' has {size:,} bytes; a plugin of {LARGEST:,} at most can be read by people")
    return row.source


def faults(store: Store, cells: pd.DataFrame, source: str) -> list[str]:
    """Return a sentence for each reason why cells cannot stand for a method of that source."""
    found = []
    undone = cells[cells["status"] != Status.DONE.value]
    if len(undone):
        first = undone.iloc[0]
        found.append(
            f"{len(undone)} of {len(cells)} cells have no result, the first is {_where(first)} ({first.status})"
        )
    done = cells[cells["status"] == Status.DONE.value]
    for _, cell in done[~done["sealed"].isin(SEALED)].head(1).iterrows():
        found.append(f"{_where(cell)} was played unsealed ({cell.sealed}); play it with --jobs 1 or more")
    played = store.sources(done["cell"])
    for _, cell in done.iterrows():
        if played.get(cell.cell, {}).get(f"{cell.kind} {cell.method}") != source:
            found.append(f"{_where(cell)} was played by another source than the file's; play it again")
            break
    for (dataset, scenario, label), rows in cells.groupby(["dataset", "scenario", "label"], sort=False):
        seeds = sorted(rows["seed"])
        if seeds != list(range(len(seeds))):
            told = ", ".join(map(str, seeds))
            found.append(f"{dataset}, {scenario}, {label}: seeds {told} are a choice; the first ones are 0, 1, 2, ...")
    return found


def claims_of(store: Store, cells: pd.DataFrame) -> tuple[Claim, ...]:
    """Return what cells come to in each game."""
    ids = list(cells["cell"])
    numbers = store.measurements(cell=ids, suite=cells["suite"].unique().tolist(), metric=list(HEADLINES))
    claims = []
    for (dataset, scenario, label), rows in numbers.groupby(
        ["dataset", "scenario", "label"], sort=False, observed=True
    ):
        metric = next(name for name in HEADLINES if name in set(rows["metric"]))
        mine = rows[rows["metric"] == metric]
        means = {budget: statistics.fmean(values) for budget, values in by_budget(mine).items()}
        claims.append(
            Claim(
                dataset=str(dataset),
                scenario=str(scenario),
                label=str(label),
                metric=metric,
                seeds=tuple(sorted({int(seed) for seed in mine["seed"]})),
                means=means,
            )
        )
    if not claims:
        raise SubmissionError("these cells measured nothing that a game ranks by")
    return tuple(claims)


def by_budget(numbers: pd.DataFrame) -> dict[int, list[float]]:
    """Return the values of measurements by budget."""
    found: dict[int, list[float]] = {}
    for budget, value in zip(numbers["budget"].tolist(), numbers["value"].tolist(), strict=True):
        found.setdefault(budget, []).append(value)
    return found


def _where(cell: Any) -> str:
    return f"{cell.label} in {cell.scenario} on {cell.dataset}, seed {cell.seed}"


def _copy(store: Store, path: Path, suite: str, ids: set[str]) -> None:
    """Write a store that holds these cells, in their places in the suite, and nothing else."""
    with Store.open(path) as copy:
        merge(copy, store)
        with copy.writing() as session:
            keep = select(CellRow.number).where(CellRow.id.in_(ids))
            session.execute(delete(SuiteCellRow).where((SuiteCellRow.suite != suite) | SuiteCellRow.cell.not_in(keep)))
            session.execute(delete(CellRow).where(CellRow.id.not_in(ids)))
            session.execute(delete(ScenarioRow).where(ScenarioRow.number.not_in(select(CellRow.scenario_number))))
            session.execute(delete(MethodRow).where(MethodRow.number.not_in(select(CellRow.method_number))))
            used = select(CellRow.environment).where(CellRow.environment.is_not(None))
            session.execute(delete(EnvironmentRow).where(EnvironmentRow.hash.not_in(used)))
            attacked = select(ScenarioRow.target_sha256)
            session.execute(delete(TargetRow).where(TargetRow.sha256.not_in(attacked)))
