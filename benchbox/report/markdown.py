"""The leaderboard as Markdown, readable as plain text. What plugins and errors bring is shown, never interpreted."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

import tabulate as tabulating

from benchbox.report import prose, tables
from benchbox.report.comparison import Comparison
from benchbox.report.page import Game, PageView
from benchbox.report.paths import page_path, plot_path
from benchbox.report.tables import Best, Name, Table, Words
from benchbox.report.views import ScenarioView

MARK = "<!-- made by 'benchbox leaderboard'; do not edit -->"
"""The first line of every page: what tells a page of ours from a file that happens to lie in the folder."""

WIDTH = 115

tabulating.WIDE_CHARS_MODE = False  # column widths must not depend on whether wcwidth happens to be installed

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_MARKUP = re.compile(r"([\\`*_\[\]<>&|#~$!@])")


def name(text: str, *, cell: bool = False) -> str:
    """Return text as a code span, which shows every character as it is; control characters become spaces."""
    clean = _CONTROL.sub(" ", str(text)).strip() or " "
    if cell:
        clean = clean.replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", clean)), default=0)
    fence, pad = "`" * (longest + 1), " " if "`" in clean else ""
    return f"{fence}{pad}{clean}{pad}{fence}"


def words(text: str) -> str:
    """Return a phrase with everything escaped that Markdown, HTML or an autolinker would take for its own."""
    clean = _MARKUP.sub(r"\\\1", _CONTROL.sub(" ", str(text)).strip())
    return clean.replace("://", ":&#8203;//").replace("www.", "www&#8203;.")


def paragraph(text: str) -> str:
    """Return a paragraph, folded; a line that would start a list is kept from it."""
    lines = textwrap.wrap(words(text), WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(re.sub(r"^([-+=]|\d+(?=[.)]))", _kept_from_a_list, line) for line in lines)


def _kept_from_a_list(start: re.Match[str]) -> str:
    return f"&#{ord(start[0][0])};{start[0][1:]}"


def render_table(table: Table) -> str:
    """Return a GitHub table."""
    align = ["left" if i < table.left or i in table.words else "right" for i in range(len(table.head))]
    rows = [[_cell(text) for text in row] for row in table.rows]
    return tabulating.tabulate(
        rows, [_cell(text) for text in table.head], tablefmt="github", colalign=align, disable_numparse=True
    )


def _cell(text: str) -> str:
    if isinstance(text, Name):
        return name(text, cell=True) if text else ""
    if isinstance(text, Words):
        return words(text)
    return f"**{text}**" if isinstance(text, Best) else text


def render_page(page: PageView) -> str:
    """Return the page of a suite on a data set."""
    parts = [MARK, f"# {words(page.suite)} on {words(page.dataset)}", prose.LINKS]
    if page.description:
        parts.append(paragraph(page.description))
    parts += [
        "## Targets",
        render_table(tables.targets(page)) if page.targets else "None has been attacked yet.",
    ]
    for view in page.scenarios:
        parts += _scenario(page, view, page.games[view.name])
    return "\n\n".join(parts) + "\n"


def _scenario(page: PageView, view: ScenarioView, game: Game) -> list[str]:
    parts = [f"## Scenario: {words(view.name)}", _rules(page, view, game)]
    if view.budgets:
        plot = plot_path(page.suite, page.dataset, view.name).name
        parts.append(f"![Accuracy over queries; the tables below hold every point]({plot})")
    parts.append(render_table(tables.ranking(view)))
    for metric in ("accuracy", "fidelity"):
        if (view.points["metric"] == metric).any():
            parts += [f"### {metric.capitalize()} by queries", render_table(tables.by_budget(view, metric))]
    parts += _attacks(view)
    parts += _reported(view, page.comparisons[view.name])
    if view.budgets:
        parts += ["### Queries paid", prose.LEDGER, render_table(tables.ledger(view))]
    return parts + _unfinished(view)


def _rules(page: PageView, view: ScenarioView, game: Game) -> str:
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    lines = [
        f"Target {name(view.target)} (sha256 {name(view.target_sha256[:16])}), substitute {name(view.substitute)}.",
        f"An answer holds: {words(view.access)}.",
        f"The attacker's own images: {words(pool(game))}.",
        f"Budgets: {', '.join(f'{budget:,}' for budget in game.budgets)} queries.",
        f"Seeds: {', '.join(map(str, seeds))}.",
        f"Data set {name(page.dataset)}, content hash {name(game.dataset_hash[:16])}.",
    ]
    if page.seeds is not None and not set(page.seeds) <= set(seeds):
        lines.append(f"The suite asks for seeds {', '.join(map(str, page.seeds))}; this store holds fewer.")
    lines += [f"Attack {name(attack)}." for attack in game.attacks]
    return "\n".join(f"- {line}" for line in lines)


def pool(game: Game) -> str:
    """Return in words which images the attacker owns."""
    if game.pool is None:
        return "none, but a public data set of another domain" if game.public else "none"
    size, other = game.pool.get("size"), game.pool.get("dataset")
    text = "all training images" if size is None else f"{size:,} training images"
    text += f" of {other}" if other else ""
    return f"{text}, none of which the target was trained on" if game.pool.get("disjoint") else text


def _attacks(view: ScenarioView) -> list[str]:
    rates = view.points[(view.points["attack"] != "") & ~view.points["metric"].str.contains("seconds")]
    found = sorted(set(zip(rates["attack"], rates["metric"], strict=True)))
    parts = ["### Attack success by queries"] if found else []
    for attack, metric in found:
        parts += [f"{name(metric)} of {name(attack)}:", render_table(tables.by_budget(view, metric, attack))]
    cost = tables.seconds(view)
    if cost is not None:
        parts += ["Seconds per adversarial example, at the largest budget:", render_table(cost)]
    return parts


def _reported(view: ScenarioView, found: Sequence[Comparison]) -> list[str]:
    if not found:
        return []
    table, notes = tables.comparisons(view, found)
    numbered = [f"{i}. {words(note)}" for i, note in enumerate(notes, 1)]
    about = [f"- {words(text)}" for text in tables.protocols(found)]
    parts = ["### Reported and measured", render_table(table)]
    if numbered:
        parts += ["What differs:", "\n".join(map(_folded, numbered))]
    return [*parts, "What was printed:", "\n".join(map(_folded, about))]


def _folded(item: str) -> str:
    return textwrap.fill(item, WIDTH, subsequent_indent="   ", break_long_words=False, break_on_hyphens=False)


def _unfinished(view: ScenarioView) -> list[str]:
    if not len(view.unfinished):
        return []
    return ["### Without a result", prose.UNFINISHED, render_table(tables.unfinished(view))]


def render_index(pages: Sequence[PageView]) -> str:
    """Return the index: the headline of every suite and data set."""
    parts = [MARK, "# Leaderboards", prose.INDEX]
    head = ["suite", "data set", "scenario", "leads", "accuracy", "at queries", "target", "ranked", "seeds"]
    rows = [_headline(page, view) for page in pages for view in page.scenarios]
    links = [
        f"- [{words(page.suite)} on {words(page.dataset)}]({page_path(page.suite, page.dataset).as_posix()})"
        for page in pages
    ]
    table = render_table(Table(head, rows, left=4)) if rows else "The store holds no results yet."
    parts += [table, "\n".join(links), prose.READING, prose.REPORTED, prose.CLAIMS, prose.AGAIN]
    return "\n\n".join(parts) + "\n"


def _headline(page: PageView, view: ScenarioView) -> list[str]:
    first = [line for line in view.summaries if line.standing.label in view.front]
    ranked = [line for line in view.summaries if line.rank]
    target = page.targets.get(view.target_sha256)
    last = first[0].last if first else None
    return [
        Name(page.suite),
        Name(page.dataset),
        Name(view.name),
        Words(", ".join(tables.title(line.standing) for line in first) or "nothing to rank yet"),
        tables.with_half(last.mean, last.half, last.n, last.n) if last else "–",
        f"{view.budgets[-1]:,}" if view.budgets else "–",
        tables.percent(target["accuracy"]) if target else "–",
        f"{len(ranked)} of {len(view.standings)}",
        str(len(first[0].standing.seeds)) if first else "–",
    ]
