"""The page of a suite on a data set."""

from __future__ import annotations

from collections.abc import Sequence

from benchbox.report import prose, tables
from benchbox.report.comparison import Comparison
from benchbox.report.markdown.escape import HEAD, folded, name, paragraph, render_table, words
from benchbox.report.page import Game, PageView
from benchbox.report.paths import plot_path, slug, suite_path
from benchbox.report.plots import scenario_plots
from benchbox.report.tables import CurveTable, Name
from benchbox.report.tables.defences import costs_table, thieves_table
from benchbox.report.views import ScenarioView, few


def render_page(page: PageView) -> str:
    """Return the page of a suite on a data set."""
    whole = f" · [{words(page.suite)} on all data sets]({suite_path(page.suite).name})"
    parts = [HEAD, f"# {words(page.suite)} on {words(page.dataset)}", prose.LINKS + whole]
    if page.description:
        parts.append(paragraph(page.description))
    parts += [
        "## Targets",
        render_table(tables.targets(page)) if page.targets else "None has been attacked yet.",
    ]
    for view in page.scenarios:
        parts += _scenario(page, view, page.games[view.name])
    for matrix in page.defences:
        parts += [f"## Defences: {words(matrix.game or matrix.suite)}", prose.DEFENCES]
        parts += [render_table(thieves_table(matrix)), render_table(costs_table(matrix))]
    return "\n\n".join(parts) + "\n"


def _scenario(page: PageView, view: ScenarioView, game: Game) -> list[str]:
    parts = [f"## Scenario: {words(view.name)}", _rules(page, view, game)]
    for end, plot in scenario_plots(view, page.accuracy(view)).items():
        file = plot_path(page.suite, page.dataset, view.name, end).name
        parts.append(f"![{view.word.capitalize()}, %, over {plot.x}; the tables below hold every point]({file})")
    parts += filter(None, (tables.sealing(view.sealing), paragraph(tables.outdated(view.outdated))))
    parts.append(render_table(tables.ranking(view)))
    meaning = [f"- *{title}*: {_phrase(text)}." for title, text in tables.columns(view, game.short).items()]
    parts += ["\n".join(meaning)] if meaning else []
    if len(view.budgets) > len(few(view.budgets)):
        parts.append(
            f"{len(view.budgets)} budgets are measured; the tables show some, and [the CSV]({_csv(page)}) has all."
        )
    for curves in tables.own_curves(view):
        parts += [f"### {curves.title} by queries", *_by_budget(curves)]
    parts += ["### More of each method", *map(render_table, tables.details(view))]
    parts += _incomplete(view)
    parts += _attacks(view)
    parts += _reported(view, page.comparisons[view.name])
    if view.budgets and not view.searched:
        parts += ["### Queries paid", prose.LEDGER, render_table(tables.ledger(view))]
    return parts + _unfinished(view)


def _csv(page: PageView) -> str:
    return f"../data/{slug(page.suite)}/{slug(page.dataset)}.csv"


def _rules(page: PageView, view: ScenarioView, game: Game) -> str:
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    lines = [
        f"Target {name(view.target)}{tables.attacked(view)}, substitute {name(view.substitute)}.",
        *(f"Trainer of the substitutes: {words(text)}." for text in tables.trainers(view)),
        f"An answer holds: {words(view.access)}.",
        f"The attacker's own images: {words(pool(game))}.",
        f"Budgets: {', '.join(f'{budget:,}' for budget in game.budgets)} queries{' an example' * bool(game.search)}.",
        f"Seeds: {', '.join(map(str, seeds))}.",
        f"Data set {name(page.dataset)}, content hash {name(game.dataset_hash[:16])}.",
    ]
    if page.seeds is not None and not set(page.seeds) <= set(seeds):
        lines.append(f"The suite asks for seeds {', '.join(map(str, page.seeds))}; this store holds fewer.")
    lines += [f"Played on: {words(game.machines)}."] if game.machines else []
    lines += [f"Attack {name(attack)}." for attack in game.attacks]
    lines += [f"Search: {words(game.search)}."] if game.search else []
    return "\n".join(f"- {line}" for line in lines)


def pool(game: Game) -> str:
    """Return in words which images the attacker owns."""
    if game.pool is None:
        return "none, but a public data set of another domain" if game.public else "none"
    size, other = game.pool.get("size"), game.pool.get("dataset")
    text = "all training images" if size is None else f"{size:,} training images"
    text += f" of {other}" if other else ""
    return f"{text}, none of which the target was trained on" if game.pool.get("disjoint") else text


def _by_budget(curves: CurveTable) -> list[str]:
    of = f"{name(curves.metric)} of {name(curves.attack)}" if curves.attack else ""
    lead = ", ".join(filter(None, (of, curves.sample)))
    return [f"{lead}:"] * bool(lead) + [render_table(curves.table)]


def _phrase(text: str) -> str:
    return name(text) if isinstance(text, Name) else words(text)


def _incomplete(view: ScenarioView) -> list[str]:
    table = tables.incomplete(view)
    return ["### Incomplete", prose.INCOMPLETE, render_table(table)] if table else []


def _attacks(view: ScenarioView) -> list[str]:
    found = tables.attack_curves(view)
    parts = ["### Attack success by queries"] if found else []
    for curves in found:
        parts += _by_budget(curves)
    far = tables.distances(view)
    if far is not None:
        parts += ["### How far examples lie from their images", render_table(far)]
    return parts


def _reported(view: ScenarioView, found: Sequence[Comparison]) -> list[str]:
    if not found:
        return []
    table, notes = tables.comparisons(view, found)
    parts = ["### Reported and measured", render_table(table)]
    if notes:
        parts += ["What differs:", "\n".join(folded(f"{i}. {words(note)}") for i, note in enumerate(notes, 1))]
    why = [folded(f"{i}. {words(text)}") for i, text in enumerate(tables.explanations(found), 1)]
    if why:
        parts += ["Why differences are large (`!`):", "\n".join(why)]
    about = [folded(f"- {words(text)}") for text in tables.protocols(found)]
    return [*parts, "What was printed:", "\n".join(about)]


def _unfinished(view: ScenarioView) -> list[str]:
    if not len(view.unfinished):
        return []
    return ["### Without a result", prose.UNFINISHED, render_table(tables.unfinished(view))]
