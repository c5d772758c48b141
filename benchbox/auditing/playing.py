"""The audit: plan, play, read, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox import api
from benchbox.auditing.findings import Findings, find
from benchbox.auditing.shields import Shield, shields
from benchbox.errors import SuiteError
from benchbox.paths import expanded
from benchbox.playing import Plan
from benchbox.records import Status
from benchbox.suites import Selection
from benchbox.suites.suite import BARE
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.given.naming import given

if TYPE_CHECKING:
    from benchbox.execution import Display, Summary
    from benchbox.store import Store

SUITES = {False: "audit", True: "audit-thorough"}
"""The line-up, by whether the audit is thorough."""
STORE = "results.db"
"""The store's name within an audit's folder."""


@dataclass(frozen=True)
class Audit:
    """An audit that was played and written.

    Attributes:
        findings: what it found of the bare model.
        shields: what each defence bought and cost.
        target: the model, as it was measured.
        page: the page, as HTML; beside it lie the same as Markdown, the leaderboard, and the store.
        summary: how the cells ended; ``summary.exit_code`` is 0 where every one has its result.
    """

    findings: Findings
    shields: tuple[Shield, ...]
    target: GivenRecord
    page: Path
    summary: Summary


def audit(
    target: Gift | str | Path,
    data: str | Path,
    *,
    pool: str | Path | None = None,
    scenarios: Sequence[str] | str = (),
    methods: Sequence[str] | str = (),
    budgets: Sequence[int] = (),
    defences: Sequence[str] | str = (),
    out: str | Path = "audit",
    thorough: bool = False,
    jobs: int = 2,
    device: str = "auto",
    data_dir: Path | str | None = None,
    plugins: Sequence[Path | str] = (),
    retry_failed: bool = False,
    display: Display | bool | None = None,
    live: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Audit:
    """Find out how many questions a model of yours lasts, and write it on one page.

    What was played before into the same folder is not played again.

    Args:
        target: the model: what ``benchbox.given`` takes or returns.
        data: your labelled images: an ``.npz`` file, a folder of ``train`` and ``test`` with a folder a class, or the name of a
            data set. The model is scored on the test images; thieves own the training images, unless ``pool`` names others.
        pool: other images that thieves own, as ``data``.
        scenarios, methods, budgets: what to narrow the line-up to, as ``benchbox.run`` takes them.
        defences: defences to play the whole line-up before, each apart, beside the bare model.
        out: the folder that is written.
        thorough: whether to play more methods, larger budgets and three seeds, which takes hours.
        jobs, device, data_dir, plugins, retry_failed, display, live, report: as ``benchbox.run`` takes them.

    Raises:
        BenchboxError: the model cannot be asked, or does not fit the data; one sentence.
    """
    from benchbox.auditing.writing import check_folder, write
    from benchbox.store import Store

    api.check_jobs(jobs)
    folder = expanded(out)
    check_folder(folder)
    selection = selected(
        target, data, pool=pool, scenarios=scenarios, methods=methods, budgets=budgets, defences=defences
    )
    folder.mkdir(parents=True, exist_ok=True)
    db = folder / STORE
    made = api.plan(
        SUITES[thorough],
        selection,
        db=db,
        device=device,
        data_dir=data_dir,
        plugins=plugins,
        report=report,
        here=jobs == 0,
    )
    record = next((item.target for item in made.cells if isinstance(item.target, GivenRecord)), None)
    if record is None:
        raise SuiteError(f"nothing of suite '{made.suite.name}' can be played: {made.cells[0].reason}")
    if record.gift.host:
        count = sum(item.sends for item in made.cells if not item.reason)
        report(
            f"target '{record.name}' is asked about {count:,} images in all: those of the thieves, and those that judge them"
        )
    summary = api.play(made, db=db, jobs=jobs, retry_failed=retry_failed, display=display, live=live, report=report)
    with Store.open(db, create=False) as store:
        place = (store, made.suite.name, record.dataset)
        findings = find(*place, [scenario for scenario in made.suite.scenario if scenario.defence is None])
        held = shields(*place, made.suite.scenario)
        page = write(store, made, record, findings, held, folder, len(open_cells(made, store)))
    return Audit(findings, held, record, page, summary)


def open_cells(made: Plan, store: Store) -> set[str]:
    """Return the cells of a plan that the same command would still play: those of a stopped audit, or of a worker that died."""
    planned = {item.cell.id for item in made.cells if item.cell is not None and not item.reason}
    statuses = store.statuses(planned)
    return {cell for cell in planned if statuses.get(cell, Status.INTERRUPTED) is Status.INTERRUPTED}


def selected(
    target: Gift | str | Path,
    data: str | Path,
    *,
    pool: str | Path | None,
    scenarios: Sequence[str] | str,
    methods: Sequence[str] | str,
    budgets: Sequence[int],
    defences: Sequence[str] | str,
) -> Selection:
    """Return what an audit plays of its line-up, from what ``audit`` takes."""
    return Selection(
        datasets=[dataset_of(data)],
        target=given(target) if isinstance(target, str | Path) else target,
        pool=None if pool is None else dataset_of(pool),
        scenarios=scenarios,
        methods=methods,
        budgets=budgets,
        defences=() if not defences else [BARE, *([defences] if isinstance(defences, str) else defences)],
    )


def dataset_of(text: str | Path) -> str:
    """Return a data set as suites write it: paths of files and folders get the reader that they need."""
    path = expanded(text)
    if path.is_dir():
        return f"folder:{path}"
    return f"npz:{path}" if path.suffix == ".npz" else str(text)
