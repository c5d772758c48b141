"""From a store to a folder that can be sent: the plugin's file, its cells, and what they claim."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from benchbox.distribution import version
from benchbox.errors import SubmissionError, quoted
from benchbox.paths import DEFAULT_DB, write_whole
from benchbox.records import Sealed, Status
from benchbox.scoring.metrics import HEADLINES
from benchbox.store import Address, Store, merge
from benchbox.store.models import CellRow, EnvironmentRow, MethodRow, ScenarioRow, SuiteCellRow, TargetRow
from benchbox.store.sentences import sentences
from benchbox.submission.form import FORM, STORE, Claim, Submission
from benchbox.submission.rules import Place, games, rules_of, seeds_of, source_of

if TYPE_CHECKING:
    import pandas as pd

SEALED = (Sealed.SANDBOX.value, Sealed.PROCESS.value)
"""How far players must have been shut in."""


def submit(
    suite: str,
    method: str,
    plugin: Path,
    *,
    db: Path | str | Address = DEFAULT_DB,
    datasets: Sequence[str] = (),
    data_dir: Path | None = None,
    out: Path,
    report: Callable[[str], None] = lambda line: None,
) -> Submission:
    """Pack a method's results in a suite, with its source, into a new folder.

    Args:
        suite: the suite, by its name.
        method: the method as ``--method`` takes it.
        plugin: the one file that holds it.
        db: the store of its cells.
        datasets: only these data sets; all that the store has where it is empty.
        data_dir: folder of data sets.
        out: the folder to make.
        report: is told, a line each, what takes long.

    Raises:
        BenchboxError: a cell has no result, or was played unsealed, by another source, by other rules or with chosen seeds; or
            the file holds no such method.
    """
    source = source_of(plugin, method)
    if out.exists() and any(out.iterdir()):
        raise SubmissionError(f"'{out}' is there already; name a new folder")
    filters: dict[str, Any] = {"suite": suite, "method": [method], **({"dataset": list(datasets)} if datasets else {})}
    with Store.open(db, create=False) as store:
        cells = store.cells(**filters)
        if cells.empty:
            raise SubmissionError(
                f"'{store.address}' holds no cell of {quoted(method)} in suite '{suite}'; run it first"
            )
        where = sorted(set(cells["dataset"]))
        seeds = seeds_of(suite, where)
        found = faults(store, cells, source, games(suite, method, where, plugin, data_dir, report), seeds)
        if found:
            raise SubmissionError(found[0])
        claims = claims_of(store, cells)
        for few in (claim for claim in claims if len(claim.seeds) < len(seeds)):
            report(f"{few.where}: {len(few.seeds)} of the suite's {len(seeds)} seeds; its row will stand unranked")
        made = Submission(
            benchbox=version(), suite=suite, method=method, plugin=plugin.name, source=source, claims=claims
        )
        out.mkdir(parents=True, exist_ok=True)
        _copy(store, out / STORE, suite, set(cells["cell"]))
    shutil.copyfile(plugin, out / plugin.name)
    write_whole(out / FORM, (made.model_dump_json(indent=1) + "\n").encode())
    return made


def faults(
    store: Store, cells: pd.DataFrame, source: str, rules: Mapping[Place, dict[str, Any]], seeds: Sequence[int]
) -> list[str]:
    """Return a sentence for each reason why cells cannot stand for a method.

    Args:
        store: holds them.
        cells: a row each.
        source: the hash of the method's source.
        rules: by place, what a cell there must have been played by.
        seeds: those of the suite; cells must be of the first of them.
    """
    found = []
    cells = cells[cells["status"] != Status.NOT_APPLICABLE.value]
    undone = cells[cells["status"] != Status.DONE.value]
    if len(undone):
        first = undone.iloc[0]
        found.append(
            f"{len(undone)} of {len(cells)} cells have no result, the first is {_where(first)} ({first.status})"
        )
    done = cells[cells["status"] == Status.DONE.value]
    played = store.sources(done["cell"])
    for _, cell in done.iterrows():
        if cell.sealed not in SEALED:
            found.append(f"{_where(cell)} was played unsealed ({cell.sealed}); play it with --jobs 1 or more")
        elif played.get(cell.cell, {}).get(f"{cell.kind} {cell.method}") != source:
            found.append(f"{_where(cell)} was played by another source than the file's; play it again")
        elif not _by(store, cell, rules):
            found.append(
                f"{_where(cell)} was played by other rules, options or trainers than the suite's; play it again"
            )
    for (dataset, scenario, label), rows in done.groupby(["dataset", "scenario", "label"], sort=False):
        mine = sorted(rows["seed"])
        if mine != list(seeds[: len(mine)]):
            told = ", ".join(map(str, mine))
            found.append(f"{dataset}, {scenario}, {label}: seeds {told} are a choice; the suite's are {_listed(seeds)}")
    return found


def claims_of(store: Store, cells: pd.DataFrame) -> tuple[Claim, ...]:
    """Return what cells come to in each game."""
    numbers = store.measurements(cell=list(cells["cell"]), suite=list(cells["suite"].unique()), metric=list(HEADLINES))
    claims = []
    for (dataset, scenario, label), rows in numbers.groupby(
        ["dataset", "scenario", "label"], sort=False, observed=True
    ):
        metric = next(name for name in HEADLINES if name in set(rows["metric"]))
        mine = rows[rows["metric"] == metric]
        claims.append(
            Claim(
                dataset=str(dataset),
                scenario=str(scenario),
                label=str(label),
                metric=metric,
                seeds=tuple(sorted(set(mine["seed"].tolist()))),
                means={budget: statistics.fmean(values) for budget, values in by_budget(mine).items()},
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


def _by(store: Store, cell: Any, rules: Mapping[Place, dict[str, Any]]) -> bool:
    wanted = rules.get((cell.dataset, cell.scenario, cell.label))
    return wanted is not None and rules_of(store.cell(cell.cell).identity, cell.target) == wanted


def _where(cell: Any) -> str:
    return f"{cell.label} in {cell.scenario} on {cell.dataset}, seed {cell.seed}"


def _listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


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
        with sentences(copy.dialect), closing(sqlite3.connect(path)) as file:
            file.execute("VACUUM")  # pages of deleted rows stay in the file, and can be read there
