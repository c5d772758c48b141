"""What a page of the leaderboard says: one suite on one data set, read from the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchbox.contracts.threat import Threat
from benchbox.errors import BenchboxError, UnknownNameError
from benchbox.kinds import METHOD
from benchbox.machines import kind_of
from benchbox.registry import Catalogue
from benchbox.registry.spec import render
from benchbox.report.comparison import Comparison, Options, Resolve, Rules, compare, resolver
from benchbox.report.reported import Reported, figures, read_papers
from benchbox.report.views import COMMONEST, MEASURED, ScenarioView, scenario_view
from benchbox.report.views.defences import DefenceMatrix, defence_matrices
from benchbox.store import verified_cells
from benchbox.suites import Suite, load_suite
from benchbox.suites.plans import read_label, threat_text

if TYPE_CHECKING:
    import pandas as pd

    from benchbox.store import Store
    from benchbox.store.detail import ScenarioRules


@dataclass(frozen=True)
class Game:
    """A scenario's rules, as one of its cells holds them.

    Attributes:
        short: by label, how far an attack's steps come, of those in the main table that do not come as far as they are allowed.
        kinds: of the machines that its done cells were played on, in words; empty where that was not recorded.
    """

    budgets: tuple[int, ...]
    pool: dict[str, Any] | None
    public: bool
    dataset_hash: str
    attacks: tuple[str, ...]
    search: str = ""
    short: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()

    @property
    def machines(self) -> str:
        """On what it was played, in a sentence's end; empty where that was not recorded."""
        mixed = "; machines of several kinds, whose numbers differ" if len(self.kinds) > 1 else ""
        return ", and ".join(self.kinds) + mixed


def pool(game: Game) -> str:
    """Return in words which images the attacker owns."""
    if game.pool is None:
        return "none, but a public data set of another domain" if game.public else "none"
    size, other = game.pool.get("size"), game.pool.get("dataset")
    text = "all training images" if size is None else f"{size:,} training images"
    text += f" of {other}" if other else ""
    return f"{text}, none of which the target was trained on" if game.pool.get("disjoint") else text


@dataclass(frozen=True)
class PageView:
    """One suite on one data set.

    Attributes:
        title, description: the suite file's, and what was played otherwise (``--images``); empty where the suite is not
            installed.
        seeds: those that the suite file asks for; None where it is not installed.
        scenarios: in the order of the suite file.
        games: by scenario.
        targets: the store's rows of the targets attacked here, by sha256.
        comparisons: by scenario.
        defences: what each takes from each attacker, of the games that were played bare and before a defence.
    """

    suite: str
    dataset: str
    title: str
    description: str
    seeds: tuple[int, ...] | None
    scenarios: tuple[ScenarioView, ...]
    games: dict[str, Game]
    targets: dict[str, dict[str, Any]]
    comparisons: dict[str, list[Comparison]]
    defences: tuple[DefenceMatrix, ...] = ()

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
    found = places(enrolled(store))
    return list(
        each_page(store, catalogue, {place: found[place] for place in asked_for(found, store, suites, datasets)})
    )


def enrolled(store: Store) -> pd.DataFrame:
    """Return the store's cells that stand in suites."""
    cells = store.cells()
    return cells[cells["suite"] != ""]


def places(cells: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the cells of every suite and data set."""
    return {(str(suite), str(dataset)): mine for (suite, dataset), mine in cells.groupby(["suite", "dataset"])}


def each_page(store: Store, catalogue: Catalogue, cells: Mapping[tuple[str, str], pd.DataFrame]) -> Iterator[PageView]:
    """Read the page of each of ``places``, when it is asked for."""
    methods = ((METHOD, str(spec)) for mine in cells.values() for spec in mine["spec"].unique())
    attacks = (("attack", read_label(label).spec) for label in store.known("attack") if label)
    catalogue.prepare((*methods, *attacks))
    shared = _Shared(
        printed=tuple(figures(read_papers(catalogue.suite_folders))),
        resolve=resolver(catalogue),
        targets={row["sha256"]: row for row in _records(store.targets())},
        installed={(row.kind, row.name): row.version for row in catalogue.entries()},
        verified=verified_cells(store),
    )
    for (suite, dataset), mine in cells.items():
        about = _suite(suite.partition("[")[0], catalogue)
        own = about.seeds if about else ()
        views = _views(store, suite, dataset, mine, shared, own)
        yield _read_page(store, suite, dataset, about, views, shared)


def asked_for(
    places: Iterable[tuple[str, str]],
    store: Store,
    suites: Sequence[str] | None = None,
    datasets: Sequence[str] | None = None,
) -> list[tuple[str, str]]:
    """Return those of a store's (suite, data set) that were asked for, all where none was.

    Raises:
        UnknownNameError: the store holds no result of a suite or data set that was asked for.
    """
    places = list(places)
    for i, (what, asked) in enumerate((("suite", suites), ("dataset", datasets))):
        known = list(dict.fromkeys(place[i] for place in places))
        for name in asked or ():
            if name not in known:
                raise UnknownNameError(what, name, known, f"the store '{store.address}'")
    return [(s, d) for s, d in places if (not suites or s in suites) and (not datasets or d in datasets)]


@dataclass(frozen=True)
class _Shared:
    """What the pages of one store have in common.

    Attributes:
        printed: the figures of all papers.
        resolve: see ``resolver``.
        targets: by sha256, as ``PageView`` holds those of its own.
        installed: the versions of plugins that are installed, by kind and name.
        verified: the ids of cells that are marked so.
    """

    printed: tuple[Reported, ...]
    resolve: Resolve
    targets: dict[str, dict[str, Any]]
    installed: dict[tuple[str, str], int]
    verified: frozenset[str]


def _read_page(
    store: Store, suite: str, dataset: str, about: Suite | None, views: list[ScenarioView], shared: _Shared
) -> PageView:
    order = [scenario.name for scenario in about.scenario] if about else []
    views.sort(key=lambda view: order.index(view.name) if view.name in order else len(order))
    _, _, other = suite.partition("[")
    found = store.rules(view.example for view in views)
    games = {view.name: _game(store, suite, dataset, view, found[view.example], shared.resolve) for view in views}
    comparisons = {}
    for view in views:
        model = str(shared.targets.get(view.targets[0], {}).get("model", ""))
        rules = Rules(suite, dataset, model, (games[view.name].pool or {}).get("size"))
        comparisons[view.name] = compare(view, shared.printed, rules, shared.resolve)
    return PageView(
        suite=suite,
        dataset=dataset,
        title=about.title if about else "",
        description=" ".join([*about.description.split(), f"Played with {other[:-1]}." if other else ""]).strip()
        if about
        else "",
        seeds=about.seeds if about else None,
        scenarios=tuple(views),
        games=games,
        targets={sha: shared.targets[sha] for sha in _in_order(views) if sha in shared.targets},
        comparisons=comparisons,
        defences=_defences(store, suite, dataset) if any(f.identity.get("defence") for f in found.values()) else (),
    )


def _defences(store: Store, suite: str, dataset: str) -> tuple[DefenceMatrix, ...]:
    frame = store.measurements(suite=suite, dataset=dataset)
    rules = store.rules(set(frame.cell))
    return tuple(defence_matrices(frame, {cell: found.identity for cell, found in rules.items()}))


def _views(
    store: Store,
    suite: str,
    dataset: str,
    cells: pd.DataFrame,
    shared: _Shared,
    seeds: Collection[int],
) -> list[ScenarioView]:
    measurements = store.measurements(suite=suite, dataset=dataset)[["scenario", *MEASURED]]
    none = measurements.head(0)
    measured = _by_scenario(measurements)
    notes = _by_scenario(store.diagnostics(suite=suite, dataset=dataset, kind="generator", name=COMMONEST))
    return [
        scenario_view(name, rows, measured.get(name, none), notes.get(name), shared.installed, seeds, shared.verified)
        for name, rows in _by_scenario(cells).items()
    ]


def _by_scenario(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): mine for name, mine in rows.groupby("scenario", observed=True)}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _in_order(views: Iterable[ScenarioView]) -> list[str]:
    return list(dict.fromkeys(sha for view in views for sha in view.targets))


def _suite(name: str, catalogue: Catalogue) -> Suite | None:
    try:
        return load_suite(name, catalogue)
    except BenchboxError:
        return None


def _kinds(store: Store, suite: str, dataset: str, scenario: str) -> tuple[str, ...]:
    return tuple(sorted({kind_of(data) for data in store.played_on(suite, [(dataset, scenario)])} - {""}))


def _game(store: Store, suite: str, dataset: str, view: ScenarioView, found: ScenarioRules, resolve: Resolve) -> Game:
    rules, labels = found.identity, [success.attack for success in view.attacks.values()]
    return Game(
        budgets=tuple(rules["budgets"]),
        pool=found.pool,
        public=rules.get("public") is not None,
        dataset_hash=rules["dataset_hash"],
        attacks=tuple(_attack(plan) for plan in rules["attacks"]),
        search=_search(rules["search"]) if rules.get("search") else "",
        short={label: text for label in labels if (text := _short(resolve("attack", read_label(label).spec)[1]))},
        kinds=_kinds(store, suite, dataset, view.name),
    )


def _short(options: Options) -> str:
    """Return how far an attack's steps come, where that is less than it is allowed; empty elsewhere."""
    try:
        eps, step, steps = (float(options[name]) for name in ("eps", "step", "steps"))
    except (KeyError, TypeError, ValueError):
        return ""
    if step * steps >= eps:
        return ""
    return f"its {steps:g} steps of {step:g} come to {step * steps:g} at most, of the {eps:g} that are allowed"


def _search(plan: dict[str, Any]) -> str:
    images = "all test images" if plan["images"] is None else f"{plan['images']:,} test images"
    text = f"{plan['goal']}, {threat_text(Threat(**plan['threat']))}, of {images}, those that the target gets wrong left out"
    prior = plan["prior"]
    if plan.get("surrogates"):
        names = ", ".join(render(each["model"]["name"], each["model"]["options"]) for each in plan["surrogates"])
        return f"{text}; networks that others trained for the same task are granted: {names} (privileged)"
    if prior is None:
        return text
    made = (prior["method"], *filter(None, [prior["trainer"]]))
    names = " + ".join(render(each["name"], each["options"]) for each in made)
    return f"{text}; a substitute of {prior['budget']:,} queries by {names} is granted"


def _attack(plan: dict[str, Any]) -> str:
    name = render(plan["attack"]["name"], plan["attack"]["options"])
    images = "all test images" if plan["images"] is None else f"{plan['images']:,} test images"
    at = "every budget" if plan["at"] == "every" else "the last budget"
    threat = f", {threat_text(Threat(**plan['threat']))}" if plan.get("threat") else ""
    return f"{name} {plan['goal']}{threat}: {', '.join(plan['success'])} on {images}, at {at}"
