"""What a page of the leaderboard says: one suite on one data set, read from the store."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from benchbox.errors import BenchboxError, UnknownNameError
from benchbox.kinds import METHOD
from benchbox.machines import kind_of
from benchbox.registry import Catalogue
from benchbox.registry.spec import render
from benchbox.report.comparison import Comparison, Options, Resolve, Rules, compare_all, resolver
from benchbox.report.reported import Reported, read_papers
from benchbox.report.views.defences import DefenceMatrix, defence_matrices, rung_matrices, versions_of
from benchbox.report.views.scenario import ScenarioView, scenario_views
from benchbox.report.views.summary import COMMONEST
from benchbox.store import verified_cells
from benchbox.suites import Suite, load_suite, method_labels
from benchbox.suites.plans import read_label

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store
    from benchbox.store.detail import ScenarioRules


@dataclass(frozen=True, eq=False)
class PageView:
    """One suite on one data set.

    Attributes:
        title, description: the suite file's, and what was played otherwise (``--images``); empty where the suite is not
            installed.
        seeds: those that the suite file asks for; None where it is not installed.
        datasets: those that it is for.
        unplayed: by scenario of it the methods that stand in no cell here.
        scenarios: in the order of the suite file.
        rules: those that each scenario was played by, as one of its cells holds them.
        machines: the kinds that each scenario's done cells were played on, in words, and the methods that were played there;
            empty where that was not recorded.
        short: by label how far an attack's steps come, of those in the main table that do not come as far as they are allowed.
        targets: the store's rows of the targets attacked here, by sha256.
        comparisons: by scenario.
        defences: what each takes from each attacker, of the games that were played bare and before a defence.
        rungs: what poorer answers take from each, of the games that were played with whole probabilities, too.
    """

    suite: str
    dataset: str
    title: str
    description: str
    seeds: tuple[int, ...] | None
    scenarios: tuple[ScenarioView, ...]
    rules: dict[str, ScenarioRules]
    machines: dict[str, dict[str, list[str]]]
    short: dict[str, str]
    targets: dict[str, dict[Hashable, Any]]
    comparisons: dict[str, list[Comparison]]
    defences: tuple[DefenceMatrix, ...] = ()
    rungs: tuple[DefenceMatrix, ...] = ()
    datasets: tuple[str, ...] = ()
    unplayed: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def accuracy(self, view: ScenarioView) -> float | None:
        """Return the mean accuracy of a scenario's targets, a share; None where the store does not know it."""
        known = [float(self.targets[sha]["accuracy"]) for sha in view.targets if sha in self.targets]
        return sum(known) / len(known) if known else None


def read_pages(
    store: Store, catalogue: Catalogue, suites: Sequence[str] | None = None, datasets: Sequence[str] | None = None
) -> list[PageView]:
    """Read the pages of the suites and data sets that the store holds, in that order.

    Raises:
        UnknownNameError: the store holds no result of a suite or data set that was asked for.
    """
    cells = enrolled(store)
    asked = set(asked_for(cells, store, suites, datasets))
    pairs = zip(cells["suite"], cells["dataset"], strict=True)
    return pages_of(store, catalogue, cells.loc[[pair in asked for pair in pairs]])


def enrolled(store: Store) -> pd.DataFrame:
    """Return the store's cells that stand in suites."""
    cells = store.cells()
    return cells[cells["suite"] != ""]


def pages_of(store: Store, catalogue: Catalogue, cells: pd.DataFrame) -> list[PageView]:
    """Return the pages of whole suites on data sets, of which ``cells`` are."""
    if cells.empty:
        return []
    only: dict[str, Any] = {name: cells[name].unique().tolist() for name in ("suite", "dataset")}
    methods = ((METHOD, str(spec)) for spec in cells["spec"].unique())
    attacks = (("attack", read_label(label).spec) for label in store.known("attack") if label)
    abouts = {suite: suite_of(suite.partition("[")[0], catalogue) for suite in only["suite"]}
    tables = [table for about in abouts.values() if about for table in about.scenario]
    listed = ((METHOD, method.use) for table in tables for method in table.methods)
    trainers = (("trainer", name) for table in tables for name in (table.trainer, *(m.trainer for m in table.methods)))
    catalogue.prepare((*methods, *attacks, *listed, *(of for of in trainers if of[1])))
    measurements = store.measurements(**only)
    views = scenario_views(
        cells,
        measurements,
        store.diagnostics(**only, kind="generator", name=COMMONEST),
        {(row.kind, row.name): row.version for row in catalogue.entries()},
        {suite: about.seeds for suite, about in abouts.items() if about},
        verified_cells(store),
        {(name, of.name) for name, about in abouts.items() if about for of in about.scenario if of.target.seed is None},
        store.confusions(**only, attack=""),
    )
    rules = store.rules(cells["cell"].unique())
    versions = versions_of(cells)
    identities = {cell: of.identity for cell, of in rules.items()}
    kinds = {hash: kind_of(data) for hash, data in store.environments().items()}
    targets = {str(row["sha256"]): row for row in store.targets().to_dict("records")}
    printed, resolve = read_papers(catalogue.suite_folders), resolver(catalogue)
    found: dict[tuple[str, str], list[ScenarioView]] = {}
    for (suite, dataset, _), view in sorted(views.items(), key=lambda item: item[0]):
        found.setdefault((suite, dataset), []).append(view)
    page = partial(
        _page,
        defences=list(defence_matrices(measurements, identities, versions)),
        rungs=list(rung_matrices(measurements, identities, versions)),
        rules=rules,
        kinds=kinds,
        targets=targets,
        printed=printed,
        resolve=resolve,
        catalogue=catalogue,
    )
    return [page(suite, dataset, abouts[suite], mine) for (suite, dataset), mine in found.items()]


def asked_for(
    cells: pd.DataFrame,
    store: Store,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> list[tuple[str, str]]:
    """Return those of the cells' (suite, data set) that were asked for, all where none was.

    Raises:
        UnknownNameError: the store holds no result of a suite or data set that was asked for.
    """
    for what, asked in (("suite", suites), ("dataset", datasets)):
        known = sorted(cells[what].unique())
        for name in asked or ():
            if name not in known:
                raise UnknownNameError(what, name, known, f"the store '{store.address}'")
    places = sorted(set(zip(cells["suite"], cells["dataset"], strict=True)))
    return [(s, d) for s, d in places if (not suites or s in suites) and (not datasets or d in datasets)]


def _page(
    suite: str,
    dataset: str,
    about: Suite | None,
    views: list[ScenarioView],
    *,
    defences: Sequence[DefenceMatrix],
    rungs: Sequence[DefenceMatrix],
    rules: dict[str, ScenarioRules],
    kinds: dict[str, str],
    targets: dict[str, dict[Hashable, Any]],
    printed: list[Reported],
    resolve: Resolve,
    catalogue: Catalogue,
) -> PageView:
    """Return a page.

    ``defences`` and ``rungs`` are of all pages; ``rules`` go by cell, ``kinds`` of machines by an environment's hash.
    """
    order = [scenario.name for scenario in about.scenario] if about else []
    views.sort(key=lambda view: order.index(view.name) if view.name in order else len(order))
    played = {view.name: rules[view.example] for view in views}
    attacked = {sha: targets[sha] for view in views for sha in view.targets if sha in targets}
    models = {view.name: str(targets.get(view.targets[0], {}).get("model", "")) for view in views}
    held = {name: _held(suite, dataset, models[name], of) for name, of in played.items()}
    labels = {success.attack for view in views for success in view.attacks.values()}
    steps = {label: _short(resolve("attack", read_label(label).spec)[1]) for label in labels}
    other = suite.partition("[")[2]
    said = [*about.description.split(), f"Played with {other[:-1]}." if other else ""] if about else []
    return PageView(
        suite=suite,
        dataset=dataset,
        title=about.title if about else "",
        description=" ".join(said).strip(),
        seeds=about.seeds if about else None,
        scenarios=tuple(views),
        rules=played,
        machines={view.name: _machines(view, kinds) for view in views},
        short={label: text for label, text in steps.items() if text},
        targets=attacked,
        comparisons=compare_all(views, printed, held, resolve),
        defences=tuple(matrix for matrix in defences if (matrix.suite, matrix.dataset) == (suite, dataset)),
        rungs=tuple(matrix for matrix in rungs if (matrix.suite, matrix.dataset) == (suite, dataset)),
        datasets=about.datasets if about else (),
        unplayed=tuple(_unplayed(about, views, catalogue)) if about and "defences=" not in other else (),
    )


def _held(suite: str, dataset: str, model: str, of: ScenarioRules) -> Rules:
    pool, defence = of.pool or {}, of.identity.get("defence")
    other = (pool.get("dataset") or "").partition("[")[0]
    before = render(defence["name"], defence["options"]) if defence else ""
    return Rules(suite, dataset, model, pool.get("size"), other or None, before)


def _machines(view: ScenarioView, kinds: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for environment, labels in view.environments.items():
        if kind := kinds.get(environment):
            found.setdefault(kind, {}).update(dict.fromkeys(labels))
    return {kind: list(found[kind]) for kind in sorted(found)}


def _unplayed(
    about: Suite, views: Iterable[ScenarioView], catalogue: Catalogue
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the scenarios of a suite file with the methods that no cell stands for, where there are any."""
    played = {view.name: view.standings for view in views}
    for table in about.scenario:
        try:
            missing = tuple(
                label for label in method_labels(table, catalogue) if label not in played.get(table.name, {})
            )
        except BenchboxError:  # a plugin of it is not installed here
            continue
        if missing:
            yield table.name, missing


def suite_of(name: str, catalogue: Catalogue) -> Suite | None:
    """Return an installed suite; None where there is none of this name, or its file is malformed."""
    try:
        return load_suite(name, catalogue)
    except BenchboxError:
        return None


def _short(options: Options) -> str:
    """Return how far an attack's steps come, where that is less than it is allowed; empty elsewhere."""
    try:
        eps, step, steps = (float(options[name]) for name in ("eps", "step", "steps"))
    except (KeyError, TypeError, ValueError):
        return ""
    if step * steps >= eps:
        return ""
    reach = f"{step * steps:g} at most from where they start"
    return f"its {steps:g} steps of {step:g} come to {reach}, of the {eps:g} that are allowed"
