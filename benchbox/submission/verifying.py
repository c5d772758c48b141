"""Playing a submission again: some of its cells, and its method on a target that nobody could know."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchbox.api import plan, play
from benchbox.errors import BenchboxError
from benchbox.records import Sealed
from benchbox.store import Address, Store, merge, sign
from benchbox.store.verified import file_to_sign
from benchbox.submission.form import STORE, Claim, Submission, taken
from benchbox.submission.packing import by_budget, claims_of, faults
from benchbox.submission.renaming import renamed
from benchbox.submission.rules import games, seeds_of, source_of
from benchbox.suites import Selection

AGAIN = 0.05
"""How far a cell that is played again may lie from the one that was sent, as a share: another kind of processor moves small
networks by up to 4 points."""
SLACK = 0.15
"""By how much a fresh target's figure may lie below the mean that was sent, as a share: one run of a method that varies from
run to run. It is ours: a spread that the submitter sent could be made wide."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, whether it holds, and a sentence."""

    what: str
    holds: bool
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What came of a submission."""

    submission: Submission
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Whether everything holds."""
        return all(finding.holds for finding in self.findings)


def verify(
    folder: Path,
    *,
    sample: int = 3,
    sealed: Sealed = Sealed.SANDBOX,
    data_dir: Path | None = None,
    jobs: int = 1,
    chance: random.Random | None = None,
    into: Path | Address | None = None,
    report: Report = lambda line: None,
) -> Verdict:
    """Look at a submission, play some of its cells again, and its method against a fresh target.

    The fresh target is trained here, with a seed that is drawn now, on the data set with its classes renamed by a
    permutation that is drawn now, too: a plugin that brings what it knows of the classes in its file knows nothing there,
    while a method that learns from answers does as well as ever.

    Args:
        folder: what ``submit`` made.
        sample: how many cells of each game are played again.
        sealed: how far players must be shut in at the least, while they are played here.
        data_dir: folder of data sets.
        jobs: cells that run at once.
        chance: draws the sample, the seed and the permutation; the system's own where it is None.
        into: the maintainers' store: takes over the cells of a submission that is accepted, and marks them as verified.
        report: is told, a line each, what is done.

    Raises:
        SubmissionError: the folder holds no submission.
        StoreError: ``into`` is on a server, has other results of these cells, or cannot be written.
    """
    if into is not None:
        file_to_sign(Address.of(into))  # else it would be refused after hours of play
    with TemporaryDirectory(prefix="benchbox-verify-") as place:
        scratch = Path(place)
        (scratch / "sent").mkdir()
        submission = taken(folder, scratch / "sent")
        judge = _Judge(submission, scratch, sealed, data_dir, jobs, chance or random.SystemRandom(), report)
        verdict = Verdict(submission, tuple(judge.findings(sample)))
        if into is not None and verdict.accepted:
            judge.take(into)
        return verdict


@dataclass(frozen=True)
class _Judge:
    """Looks at a submission whose files were copied into ``scratch/sent``; nothing of what it finds leaves ``scratch``."""

    submission: Submission
    scratch: Path
    sealed: Sealed
    data_dir: Path | None
    jobs: int
    chance: random.Random
    report: Report

    @property
    def plugin(self) -> Path:
        return self.scratch / "sent" / self.submission.plugin

    @property
    def vetted(self) -> Path:
        return self.scratch / "vetted.db"

    def findings(self, sample: int) -> Iterator[Finding]:
        """Yield what is found; what comes later rests on what came before, so the first that fails is the last."""
        with Store.open(self.vetted) as store:
            for what, look, well in (
                ("source", self._source, f"'{self.submission.plugin}' is what the cells were played with"),
                (
                    "cells",
                    lambda: self._cells(store),
                    "all are done, sealed and the suite's; they come to what is claimed",
                ),
            ):
                said = _said(look)
                yield Finding(what, not said, said or well)
                if said:
                    return
            for claim in self.submission.claims:
                for seed in sorted(self.chance.sample(claim.seeds, min(sample, len(claim.seeds)))):
                    finding = self._again(claim, seed, store)
                    yield finding
                    if not finding.holds:
                        return
            for claim in self.submission.claims:
                yield self._fresh(claim)

    def take(self, into: Path | Address) -> None:
        """Take the cells that were looked at over into a store, and mark them there."""
        with Store.open(self.vetted, create=False) as store, Store.open(into) as ours:
            merge(ours, store)
            path = sign(ours, self.submission.suite, self.submission.method, store.cells()["cell"])
        self.report(f"taken over into {ours.address}, and marked in {path}")

    def _source(self) -> str:
        if source_of(self.plugin, self.submission.method) == self.submission.source:
            return ""
        return f"'{self.submission.plugin}' is another source than the submission names"

    def _cells(self, store: Store) -> str:
        """Take the cells into a store of ours, which vets ids and values, and hold them against rules and claims."""
        submission = self.submission
        with Store.open(self.scratch / "sent" / STORE) as theirs:
            merge(store, theirs)
        cells = store.cells()
        other = [name for name in cells["suite"] if name != submission.suite]
        if cells.empty or other:
            return f"the store holds {f'cells outside suite {submission.suite!r}' if other else 'no cell'}"
        datasets = sorted({*cells["dataset"], *(claim.dataset for claim in submission.claims)})
        seeds = seeds_of(submission.suite, datasets)
        rules = games(submission.suite, submission.method, datasets, self.plugin, self.data_dir, self.report)
        found = faults(store, cells, submission.source, rules, seeds)
        if found:
            return found[0]
        mine = {claim.place: claim for claim in claims_of(store, cells)}
        claimed = {claim.place: claim for claim in submission.claims}
        if mine.keys() != claimed.keys():
            return "the cells are of other games than the claims"
        return next(filter(None, (_unlike(claimed[place], own) for place, own in mine.items())), "")

    def _again(self, claim: Claim, seed: int, sent: Store) -> Finding:
        """Play a cell that was sent, and compare every budget."""
        self.report(f"playing {claim.where}, seed {seed}, again")
        what = f"{claim.where}, seed {seed}, played again"
        then = by_budget(self._measured(sent, claim, claim.dataset, seed))
        now = self._played(claim, claim.dataset, seed, "again.db")
        if isinstance(now, str):
            return Finding(what, False, now)
        apart, budget = max((abs(now[budget] - values[0]), budget) for budget, values in then.items())
        pair = f"{_percent(now[budget])} at {budget:,} queries, {_percent(then[budget][0])} was sent"
        return Finding(what, apart <= AGAIN, pair)

    def _fresh(self, claim: Claim) -> Finding:
        """Play the method against a target of a seed and of class names that are drawn now."""
        self.report(f"playing {claim.where} on a fresh target with renamed classes")
        what = f"{claim.where}, on a fresh target"
        dataset = renamed(claim.dataset, self.data_dir, self.scratch, self.chance)
        seed, targets = self.chance.randrange(10**6, 2**31), self.scratch / "targets"
        now = self._played(claim, dataset, seed, "fresh.db", targets)
        if isinstance(now, str):
            return Finding(what, False, now)
        short, last = [b for b, mean in claim.means.items() if now[b] < mean - SLACK], max(claim.means)
        budget = short[0] if short else last
        return Finding(
            what,
            not short,
            f"{_percent(now[budget])} at {budget:,} queries, {_percent(claim.means[budget])} was claimed",
        )

    def _played(
        self, claim: Claim, dataset: str, seed: int, db: str, targets: Path | None = None
    ) -> dict[int, float] | str:
        """Return the value by budget of one cell that is played here; a sentence where it has none."""
        asked = Selection(
            datasets=[dataset],
            methods=[self.submission.method],
            scenarios=[claim.scenario],
            seeds=[seed],
            budgets=sorted(claim.means) if dataset != claim.dataset else (),
        )
        store_at = self.scratch / db
        try:
            made = plan(
                self.submission.suite,
                asked,
                db=store_at,
                data_dir=self.data_dir,
                plugins=[self.plugin],
                targets=targets,
                report=self.report,
            )
            play(made, db=store_at, jobs=self.jobs, display=False, report=self.report)
        except BenchboxError as error:
            return str(error)
        with Store.open(store_at) as store:
            cells = store.cells(dataset=dataset, scenario=claim.scenario, label=claim.label, seed=seed)
            if cells.empty:
                return "it was not played"
            cell = cells.iloc[0]
            if cell.sealed not in (self.sealed, Sealed.SANDBOX):
                return f"its player could be sealed by '{cell.sealed}' only; 'benchbox doctor' says why"
            found = {
                budget: values[0] for budget, values in by_budget(self._measured(store, claim, dataset, seed)).items()
            }
        return found if found.keys() == claim.means.keys() else cell.error or "it measured other budgets than the claim"

    def _measured(self, store: Store, claim: Claim, dataset: str, seed: int) -> Any:
        """Return the rows of the claim's metric."""
        where: dict[str, Any] = {"dataset": dataset, "scenario": claim.scenario, "label": claim.label, "seed": seed}
        return store.measurements(**where, metric=claim.metric)


def _said(look: Callable[[], str]) -> str:
    try:
        return look()
    except BenchboxError as error:
        return str(error)


def _unlike(claim: Claim, own: Claim) -> str:
    """Return in what a claim is not what the cells come to."""
    if own.metric != claim.metric or own.seeds != claim.seeds or own.means.keys() != claim.means.keys():
        return f"{claim.where}: the cells are of other seeds, budgets or metrics than the claim"
    for budget, mean in claim.means.items():
        if not math.isclose(mean, own.means[budget], abs_tol=1e-6):
            return (
                f"{claim.where}: {_percent(mean)} at {budget:,} is claimed, the cells say {_percent(own.means[budget])}"
            )
    return ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
