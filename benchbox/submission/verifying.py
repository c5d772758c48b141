"""Playing a submission again: some of its cells, and its method on a target that nobody could know."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchbox.api import run
from benchbox.errors import BenchboxError, SubmissionError
from benchbox.store import Store, merge
from benchbox.submission.form import STORE, Claim, Submission, read
from benchbox.submission.packing import by_budget, claims_of, faults, source_of
from benchbox.submission.renaming import renamed

AGAIN = 0.05
"""How far a cell that is played again may lie from the one that was sent, as a share: another kind of processor moves small
networks by up to 4 points."""
SLACK = (0.05, 0.15)
"""The least and the most by which a fresh target's figure may lie below the mean that was sent, as shares."""
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
    sample: int = 2,
    data_dir: Path | None = None,
    jobs: int = 1,
    chance: random.Random | None = None,
    report: Report = lambda line: None,
) -> Verdict:
    """Look at a submission, play some of its cells again, and its method against a fresh target.

    The fresh target is trained here, with a seed that is drawn now, on the data set with its classes renamed by a
    permutation that is drawn now, too: a plugin that brings what it knows of the classes in its file knows nothing there,
    while a method that learns from answers does as well as ever.

    Args:
        folder: what ``submit`` made.
        sample: how many cells are played again.
        data_dir: folder of data sets.
        jobs: cells that run at once.
        chance: draws the sample, the seed and the permutation; the system's own where it is None.
        report: is told, a line each, what is done.

    Raises:
        SubmissionError: the folder holds no submission, or a data set of it is none that benchbox brings.
    """
    submission = read(folder)
    chance = chance or random.SystemRandom()
    with TemporaryDirectory(prefix="benchbox-verify-") as scratch:
        findings = tuple(_findings(submission, folder, Path(scratch), sample, data_dir, jobs, chance, report))
    return Verdict(submission, findings)


def _findings(
    submission: Submission,
    folder: Path,
    scratch: Path,
    sample: int,
    data_dir: Path | None,
    jobs: int,
    chance: random.Random,
    report: Report,
) -> Iterator[Finding]:
    """Yield what is found; what comes later rests on what came before, so the first that fails is the last."""
    plugin = folder / submission.plugin
    said = _source(submission, plugin)
    yield Finding("source", not said, said or f"'{submission.plugin}' is what the cells were played with")
    if said:
        return
    sent = scratch / "sent.db"
    said = _cells(submission, folder, sent)
    yield Finding("cells", not said, said or "every cell has a result, sealed, and they come to what is claimed")
    if said:
        return
    play = _Playing(submission, plugin, data_dir, jobs, report)
    with Store.open(sent) as store:
        chosen = [(claim, seed) for claim in submission.claims for seed in claim.seeds]
        for claim, seed in chance.sample(chosen, min(sample, len(chosen))):
            finding = play.again(claim, seed, store, scratch)
            yield finding
            if not finding.holds:
                return
        for claim in submission.claims:
            yield play.fresh(claim, store, scratch, chance)


def _source(submission: Submission, plugin: Path) -> str:
    try:
        source = source_of(plugin, submission.method)
    except BenchboxError as error:
        return str(error)
    if source != submission.source:
        return f"'{submission.plugin}' is another source than the submission names"
    return ""


def _cells(submission: Submission, folder: Path, sent: Path) -> str:
    """Take the cells into a store of ours, which vets ids and values, and hold them against the claims."""
    try:
        with Store.open(sent) as store, Store.open(folder / STORE) as theirs:
            merge(store, theirs)
            cells = store.cells(suite=submission.suite)
            if cells.empty:
                return f"the store holds no cell of suite '{submission.suite}'"
            found = faults(store, cells, submission.source)
            if found:
                return found[0]
            mine = {claim.where: claim for claim in claims_of(store, cells)}
    except BenchboxError as error:
        return str(error)
    for claim in submission.claims:
        own = mine.get(claim.where)
        if own is None or own.seeds != claim.seeds or own.means.keys() != claim.means.keys():
            return f"{claim.where}: the cells are of other seeds or budgets than the claim"
        for budget, mean in claim.means.items():
            if not math.isclose(mean, own.means[budget], abs_tol=1e-6):
                return f"{claim.where}: {_percent(mean)} at {budget:,} is claimed, the cells say {_percent(own.means[budget])}"
    return ""


@dataclass(frozen=True)
class _Playing:
    """Plays a submission's method."""

    submission: Submission
    plugin: Path
    data_dir: Path | None
    jobs: int
    report: Report

    def again(self, claim: Claim, seed: int, sent: Store, scratch: Path) -> Finding:
        """Play a cell that was sent, and compare every budget."""
        self.report(f"playing {claim.where}, seed {seed}, again")
        then = _values(sent, self.submission.suite, claim, [seed])
        now = self._played(claim, claim.dataset, seed, scratch / "again.db")
        what = f"{claim.where}, seed {seed}, played again"
        if isinstance(now, str):
            return Finding(what, False, now)
        apart = max((abs(now[budget] - values[0]), budget) for budget, values in then.items())
        budget = apart[1]
        pair = f"{_percent(now[budget])} at {budget:,} queries, {_percent(then[budget][0])} was sent"
        return Finding(what, apart[0] <= AGAIN, pair)

    def fresh(self, claim: Claim, sent: Store, scratch: Path, chance: random.Random) -> Finding:
        """Play the method against a target of a seed and of class names that are drawn now."""
        self.report(f"playing {claim.where} on a fresh target with renamed classes")
        what = f"{claim.where}, on a fresh target"
        dataset = renamed(claim.dataset, self.data_dir, scratch, chance)
        now = self._played(claim, dataset, chance.randrange(10**6, 2**31), scratch / "fresh.db")
        if isinstance(now, str):
            return Finding(what, False, now)
        values = _values(sent, self.submission.suite, claim, claim.seeds)
        short = [
            f"{_percent(now[budget])} at {budget:,} queries, {_percent(statistics.fmean(sent))} was claimed"
            for budget, sent in values.items()
            if now[budget] < statistics.fmean(sent) - _slack(sent)
        ]
        last = max(values)
        return Finding(what, not short, (short or [f"{_percent(now[last])} at {last:,} queries"])[0])

    def _played(self, claim: Claim, dataset: str, seed: int, db: Path) -> dict[int, float] | str:
        """Return the value by budget of one cell that is played here; a sentence where it has none."""
        name, _, options = self.submission.suite.partition("[")
        if options:
            raise SubmissionError(f"suite '{self.submission.suite}' was changed by options; submit the suite as it is")
        try:
            run(
                name,
                datasets=[dataset],
                methods=[self.submission.method],
                scenarios=[claim.scenario],
                seeds=[seed],
                budgets=sorted(claim.means) if dataset != claim.dataset else (),
                db=db,
                jobs=self.jobs,
                data_dir=self.data_dir,
                plugins=[self.plugin],
                display=False,
                report=self.report,
            )
        except BenchboxError as error:
            return str(error)
        with Store.open(db) as store:
            cells = store.cells(dataset=dataset, scenario=claim.scenario, label=claim.label, seed=seed)
            numbers = store.measurements(cell=list(cells["cell"]), metric=claim.metric)
        if cells.empty or not len(numbers):
            return str(cells["error"].iloc[0]) if len(cells) else "it was not played"
        return {int(budget): float(value) for budget, value in zip(numbers["budget"], numbers["value"], strict=True)}


def _values(store: Store, suite: str, claim: Claim, seeds: Sequence[int]) -> dict[int, list[float]]:
    """Return the values by budget, over seeds."""
    where: Any = {"suite": suite, "dataset": claim.dataset, "scenario": claim.scenario, "label": claim.label}
    return by_budget(store.measurements(**where, metric=claim.metric, seed=list(seeds)))


def _slack(values: list[float]) -> float:
    """Return how far below the mean one more honest run may lie: three standard deviations, within ``SLACK``."""
    spread = 3 * statistics.stdev(values) if len(values) > 1 else SLACK[1]
    return min(max(spread, SLACK[0]), SLACK[1])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
