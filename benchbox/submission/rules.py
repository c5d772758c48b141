"""What a submission may be of: a suite and data sets that benchbox brings, and a file that holds contestants alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchbox.api import plan
from benchbox.distribution import DISTRIBUTION
from benchbox.errors import SubmissionError, shown
from benchbox.kinds import BY_NAME, Role
from benchbox.registry import Catalogue, Spec
from benchbox.registry.source import files_of
from benchbox.store.games import shared
from benchbox.submission.form import check_size
from benchbox.suites import Selection, load_suite, suite_names

Place = tuple[str, str, str]


def seeds_of(suite: str, datasets: Iterable[str]) -> tuple[int, ...]:
    """Return the seeds that a suite plays.

    Raises:
        SubmissionError: the suite, or a data set, is none that benchbox itself brings.
    """
    catalogue = Catalogue.discover()
    try:
        if suite not in suite_names(catalogue):
            raise SubmissionError(f"'{shown(suite)}' is no suite of benchbox; submit one as it is, without options")
        for dataset in datasets:
            rows = [row for row in catalogue.entries("dataset") if row.name == dataset]
            if not rows or rows[0].package != DISTRIBUTION or dataset in ("npz", "folder"):
                raise SubmissionError(f"'{shown(dataset)}' is no data set of benchbox; only these are verified")
        return load_suite(suite, catalogue).seeds
    finally:
        catalogue.close()


def source_of(plugin: Path, method: str) -> str:
    """Return the hash of the source of the method that a file holds. Its code is imported in the catalogue's sandbox alone.

    Raises:
        BenchboxError: it holds none of that name, or more than contestants; is too large, or imports what lies beside it.
    """
    if plugin.is_file():
        check_size(plugin)
        beside = [path.name for _, path in files_of(plugin)[1:]]
        if beside:
            raise SubmissionError(f"'{plugin.name}' imports {beside[0]} from beside it; a submission is one file")
    without, catalogue = Catalogue.discover(), Catalogue.discover([plugin])
    try:
        row = catalogue.method(Spec.parse(method).name, "--method")
        folders = {*catalogue.suite_folders, *catalogue.target_folders}
        own = [entry for entry in catalogue.entries() if entry.file is not None]
    finally:
        catalogue.close()
        without.close()
    if row.file is None or Path(row.file).resolve() != plugin.resolve():
        raise SubmissionError(f"{row.who} is not in '{plugin}': it comes from package '{row.package}'")
    for entry in own:
        if BY_NAME[entry.kind].role is Role.RULES:
            raise SubmissionError(f"'{plugin.name}' holds {entry.who}, too; a submission brings no rules")
    if folders - {*without.suite_folders, *without.target_folders}:
        raise SubmissionError(f"'{plugin.name}' brings suites or targets; a submission brings no rules")
    return row.source


def games(
    suite: str,
    method: str,
    datasets: Iterable[str],
    plugin: Path,
    data_dir: Path | None,
    report: Callable[[str], None],
) -> dict[Place, dict[str, Any]]:
    """Return by (data set, scenario, label) what every cell of the method there must have been played by, seeds aside."""
    asked = Selection(datasets=tuple(datasets), methods=(method,), seeds=(0,))
    made = plan(suite, asked, plugins=[plugin], data_dir=data_dir, report=report)
    return {
        (item.dataset, item.scenario, item.label): rules_of(item.cell.identity, item.cell.scenario.target.name)
        for item in made.cells
        if item.cell is not None
    }


def rules_of(identity: dict[str, Any], target: str) -> dict[str, Any]:
    """Return a cell's identity without what its seed draws."""
    data = {key: value for key, value in identity.items() if key != "seed"}
    return {**data, "scenario": shared(identity["scenario"], target)}
