"""Playing from Python: ``plan``, ``run``, ``play``. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchbox.devices import check_device
from benchbox.distribution import refuse_namesake
from benchbox.errors import OptionError, quoted
from benchbox.paths import DEFAULT_DB, checked_data_dir, choices_dir, secret_data, zoo_dir
from benchbox.place import Place
from benchbox.playing import Plan, again, start_here, start_on
from benchbox.registry import Catalogue
from benchbox.sources import LocalSources, RulesProcess
from benchbox.suites import Precision, Selection, expand, load_suite, select
from benchbox.suites.asked import is_whole, plugins_given
from benchbox.suites.words import LONGEST_TIME, MOST_JOBS
from benchbox.target.given import Gift
from benchbox.target.given.naming import given

if TYPE_CHECKING:
    from benchbox.contracts import Observer
    from benchbox.execution import Display, Summary
    from benchbox.store import Address
    from benchbox.suites.asked import Plugins

EVERYTHING = Selection()


def plan(
    suite: str | Path,
    selection: Selection = EVERYTHING,
    *,
    db: str | Path | Address = DEFAULT_DB,
    device: str = "auto",
    data_dir: Path | str | None = None,
    plugins: Plugins = (),
    targets: Path | None = None,
    download: bool = False,
    train: bool = True,
    choose_anew: bool = False,
    report: Callable[[str], None] = lambda line: None,
    here: bool = False,
) -> Plan:
    """Resolve a suite to cells. No plugin is imported into this process, unless it is asked to.

    Args:
        suite: a suite's name, or the path of a suite file.
        selection: what to narrow or widen it to.
        db: the store that the cells would go into; decides where their scratch files lie.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps``, or several GPUs, as ``cuda:0,1``, that cells are dealt out to.
        data_dir: folder of data sets; ``BENCHBOX_DATA`` where it is None.
        plugins: plugin files to load besides the installed packages, and, where it is ``here``, classes of this process.
        targets: folder that targets are trained into; the user's own where it is None.
        download: whether data sets may be downloaded.
        train: whether a target that is missing is trained; without, its cells have no id.
        choose_anew: whether selectors choose again what they chose before from the same pool, with the same options.
        report: is told, a line each, what takes long.
        here: whether data sets are read and targets trained in this process, for debuggers and notebooks.

    Raises:
        BenchboxError: a name does not exist, or the suite is not possible; one sentence.
    """
    from benchbox.store import Address

    refuse_namesake()
    check_device(device)
    folder = checked_data_dir(data_dir, download=download)
    files, classes = plugins_given(plugins)
    if classes and not here:
        raise OptionError(
            f"plugins: players have processes of their own, without class '{classes[0].__name__}' of this one; say jobs=0, or "
            f"save it in a file and name that"
        )
    catalogue = Catalogue.discover(files, classes, secret_data(folder))
    place = Place(
        data_dir=folder,
        download=download,
        device=device,
        zoo_dir=targets or zoo_dir(),
        scratch=Address.of(db).scratch,
        choices=None if choose_anew else choices_dir(),
    )
    sources = (LocalSources if here else RulesProcess)(catalogue, place, train=train, report=report)
    try:
        narrowed = select(load_suite(suite, catalogue), selection, catalogue)
        return Plan(narrowed, selection, expand(narrowed, catalogue, sources, selection.target), place, catalogue)
    finally:
        sources.close()
        catalogue.close()  # no process of ours stays behind that a run would fork


def run(
    suite: str | Path,
    *,
    datasets: Sequence[str] | str = (),
    methods: Sequence[str] | str = (),
    trainers: Sequence[str] | str = (),
    attacks: Sequence[str] | str = (),
    defences: Sequence[str] | str = (),
    seeds: Sequence[int] | int | str = (),
    budgets: Sequence[int] | int = (),
    images: int | None = None,
    scenarios: Sequence[str] | str = (),
    precision: Precision | None = None,
    target: Gift | str | Path | None = None,
    pool: str | None = None,
    db: str | Path | Address = DEFAULT_DB,
    jobs: int = 1,
    cluster: str | None = None,
    any_machine: bool = False,
    device: str = "auto",
    data_dir: Path | str | None = None,
    plugins: Plugins = (),
    retry_failed: bool = False,
    download: bool = False,
    time_limit: float | None = None,
    choose_anew: bool = False,
    display: Display | bool | None = None,
    observers: Sequence[Observer | str] = (),
    live: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Summary:
    """Run a suite into a store; cells that have a result are left alone.

    Players are shut in as far as this machine allows (``benchbox doctor``). With ``jobs=0`` everything is played in this
    process, where ``print`` and ``breakpoint()`` work, and ``plugins`` may hold classes that a notebook defines: such cells
    are unsealed, and not ranked.

    Args:
        suite: a suite's name, or the path of a suite file.
        datasets, methods, trainers, attacks, defences, seeds, budgets, images, scenarios, precision: what to narrow or widen
            it to; see ``Selection``. One alone is as good as a list of one; a number of seeds is how many, as in a suite file.
        target: a target of your own in place of the suite's: what ``given`` takes or returns.
        pool: a data set whose training part the attacker's images are, in place of the suite's.
        db: the store: a path or a URL, as ``--db``.
        jobs: cells that run at once, each in processes of its own; 0 runs them in this process, without a time limit.
        cluster: the scheduler of a Dask cluster, whose workers play in place of this machine: its address, or the path of its
            scheduler file (docs/clusters.md).
        any_machine: whether a game may be played on machines of several kinds; their numbers differ.
        device, data_dir, plugins, download, choose_anew, report: as ``plan`` takes them.
        retry_failed: whether to run failed cells again.
        time_limit: seconds that one cell may take; the suite's own where it is None.
        display: shows the run to somebody. True is what the command line would show, False nothing, and None what a notebook
            shows, or nothing where this is none.
        observers: are told what happens: ``benchbox.contracts.Observer``s, or names of installed ones, as ``--observer``. One
            that fails costs a warning.
        live: whether the display is told what players print, when they print it.

    Returns:
        What happened; ``summary.exit_code`` is 0 where every cell has its result, and some cell is one that can be played.

    Raises:
        BenchboxError: a name does not exist, the suite is not possible, or the store cannot be written; one sentence.
    """
    from benchbox.store import Address

    observers = check_how(jobs, cluster, device, time_limit, observers)  # before a target is trained
    db = Address.of(db)
    asked: dict[str, Any] = {"datasets": datasets, "methods": methods, "trainers": trainers, "attacks": attacks}
    asked |= {
        "defences": defences,
        "seeds": seeds,
        "budgets": budgets,
        "images": images,
        "scenarios": scenarios,
        "precision": precision,
    }
    asked |= {"target": given(target) if isinstance(target, str | Path) else target, "pool": pool}
    selection = Selection(**asked)
    made = plan(
        suite,
        selection,
        db=db,
        device=device,
        data_dir=data_dir,
        plugins=plugins,
        download=download,
        choose_anew=choose_anew,
        report=report,
        here=jobs == 0,
    )
    return play(
        made,
        db=db,
        jobs=jobs,
        cluster=cluster,
        any_machine=any_machine,
        retry_failed=retry_failed,
        time_limit=time_limit,
        display=display,
        observers=observers,
        live=live,
        report=report,
    )


def check_how(
    jobs: int, cluster: str | None, device: str, time_limit: float | None, observers: Sequence[Observer | str]
) -> list[Observer]:
    """Refuse a way to play that is none, and return the observers; see ``run`` for arguments and errors."""
    check_jobs(jobs)
    _check_cluster(cluster, jobs, device)
    _check_time_limit(time_limit)
    return _watching(observers)


def _check_cluster(cluster: str | None, jobs: int, device: str) -> None:
    if cluster is None:
        return
    from benchbox.execution.cluster.link import check_cluster

    if jobs == 0:
        raise OptionError("jobs=0 plays in this process; leave out the cluster")
    if device not in ("auto", "cpu", "cuda"):
        raise OptionError(
            f"device {quoted(device)} is not for a cluster: use auto, cpu or cuda; a worker sees the GPU that its "
            f"CUDA_VISIBLE_DEVICES names"
        )
    check_cluster(cluster)


def check_jobs(jobs: int) -> None:
    """Refuse a number of jobs that is none.

    Raises:
        OptionError: it is negative, too large, or no whole number.
    """
    if not (is_whole(jobs) and 0 <= jobs <= MOST_JOBS):
        raise OptionError(f"{quoted(jobs)} jobs are not possible; use 1 to {MOST_JOBS}, or 0 for this process")


def play(
    made: Plan,
    *,
    db: str | Path | Address = DEFAULT_DB,
    jobs: int = 1,
    cluster: str | None = None,
    any_machine: bool = False,
    retry_failed: bool = False,
    time_limit: float | None = None,
    display: Display | bool | None = None,
    observers: Sequence[Observer | str] = (),
    live: bool = False,
    report: Callable[[str], None] = lambda line: None,
) -> Summary:
    """Play what was planned; arguments, result and errors are those of ``run``.

    Args:
        made: the plan; with ``jobs=0``, one that was made ``here``.
        db, jobs, cluster, any_machine, retry_failed, time_limit, display, observers, live, report: as ``run`` takes
            them.
    """
    from benchbox.execution import run_cells
    from benchbox.execution.resume import ResumeFiles
    from benchbox.store import Address, Store

    watching = check_how(jobs, cluster, made.place.device, time_limit, observers)
    db = Address.of(db)
    limit = time_limit or made.suite.time_limit
    start = (
        start_here(made, db, jobs, limit, live)
        if cluster is None
        else start_on(cluster, made, any_machine, limit, live)
    )
    with Store.open(db) as store:
        known = [] if any_machine else store.played_on(made.suite.name, {(p.dataset, p.scenario) for p in made.cells})
        if lost := store.enrol(made.suite.name, made.cells, whole=made.whole):
            report(
                f"done cells of suite '{made.suite.name}' by other rules or versions, whose place in tables others take: "
                f"{lost}; 'benchbox show' still tells of them"
            )
        summary = run_cells(
            made.cells,
            store,
            partial(start, known),
            resume=ResumeFiles(made.place.scratch),
            jobs=jobs,
            display=_observed(_display(display, str(db), here=jobs == 0), watching, report),
            retry_failed=retry_failed,
            again=again(made.cells, store, report, jobs=jobs),
        )
    if any(not item.reason for item in made.cells):
        return summary
    report(f"nothing was measured: no cell is applicable; {made.cells[0].reason}")
    return replace(summary, unplayable=True)


def _check_time_limit(seconds: float | None) -> None:
    if seconds is None:
        return
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_TIME:
        raise OptionError(
            f"time_limit: {quoted(seconds)} should be a number of seconds above 0, at most {LONGEST_TIME}"
        )


def _display(asked: Display | bool | None, db: str, *, here: bool) -> Display | None:
    from benchbox.displays import choose, in_notebook

    if asked is None:
        return in_notebook(db)
    if isinstance(asked, bool):
        return choose(json=False, where=db, here=here) if asked else None
    return asked


def _watching(asked: Sequence[Observer | str]) -> list[Observer]:
    if isinstance(asked, str):
        asked = (asked,)
    if not asked:
        return []
    from benchbox.observing import observer_of

    return [observer_of(each) for each in asked]


def _observed(display: Display | None, observers: list[Observer], report: Callable[[str], None]) -> Display | None:
    if not observers:
        return display
    from benchbox.observing import Observed

    return Observed(display, observers, report)
