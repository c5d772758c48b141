"""What Markdown pages print and ``leaderboard/data`` does not hold, recomputed; ``recompute.py`` calls it."""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from figures import (
    Check,
    Key,
    Scores,
    Store,
    Values,
    half_intervals,
    in_common,
    interval,
    is_plain,
    place,
    reach,
    rows_of,
)

CURVES = {
    "Accuracy": "accuracy",
    "Fidelity": "fidelity",
    "Test loss, in nats": "test_loss",
    "Success": "query_success",
    "Queries in all": "queries_in_all",
    "Queries an example, mean over all": "queries_mean",
    "Queries an example, median over all": "queries_median",
    "Queries an example, mean over the solved": "queries_solved_mean",
    "Queries an example, median over the solved": "queries_solved_median",
}
COSTS = {
    "right": "honest_accuracy",
    "changed": "honest_changed",
    "off in confidence": "honest_calibration",
    "moved": "honest_distance",
    "false alarms": "false_alarms",
    "first false alarm": "false_first_alarm",
}
UNDEFENDED = {"honest_accuracy": "bare_accuracy", "honest_calibration": "bare_calibration"}
NO_PROPORTION = {"honest_calibration", "bare_calibration", "honest_distance"}
COUNTS = {"test_loss", "first_alarm", "false_first_alarm"}
NUMBER = r"[-+]?[\d,]*\.?\d+"


class Table(NamedTuple):
    """A table of a page: the two headings that it stands under, its column titles, its rows."""

    heading: str
    below: str
    head: list[str]
    rows: list[list[str]]


class Page(NamedTuple):
    """What is known of the scenarios of a data set in a suite.

    Attributes:
        store: all values.
        key: suite and data set.
        methods: by scenario, their labels in the order of the suite.
        ranked: by scenario, those that have a rank.
        plain: by scenario, the one that the others are held against, where it is ranked.
        access: by scenario, what an answer holds.
    """

    store: Store
    key: Key
    methods: dict[str, list[str]]
    ranked: dict[str, list[str]]
    plain: dict[str, str]
    access: dict[str, str]

    def main(self, scenario: str, method: str) -> dict[int, Values]:
        """Return the curve by which methods are ranked."""
        return self.curve(scenario, method, "accuracy") or self.curve(scenario, method, "query_success")

    def curve(self, scenario: str, method: str, metric: str) -> dict[int, Values]:
        """Return the values of a metric by budget; empty where there are none."""
        return self.store.get((*self.key, scenario, method, metric, ""), {})

    def label(self, scenario: str, printed: str) -> str:
        """Return the method that a cell names, with its marks behind it."""
        name = bare(printed)
        return max((one for one in self.methods[scenario] if name == one or name.startswith(f"{one} (")), key=len)


def printed(check: Check, leaderboard: Path, store: Store) -> None:
    """Check who is first on the index and on suites' pages, curves, queries in all, and what defences take."""
    pages = dict(_pages(leaderboard, store))
    for path in (leaderboard / "README.md", *sorted(leaderboard.glob("*/README.md"))):
        for table in tables(path):
            for row in table.rows:
                link = re.match(r"\[.*?\]\((?:\.\./)?(.*?)\), (.*)$", row[0])
                if link and table.head[0].startswith("first, by"):
                    for budget, cell in zip(table.head[1:], row[1:], strict=True):
                        on_index(check, pages[link[1]], link[2], budget, cell)
                elif link and table.head[:3] == ["scenario", "queries", "first"]:
                    on_suite_page(check, pages[link[1]], link[2], row)
    for name, page in pages.items():
        for table in tables(leaderboard / name):
            kind, _, scenario = table.heading.partition(": ")
            if kind == "Scenario":
                curve(check, page, scenario, table)
                in_all(check, page, scenario, table)
            elif kind in ("Defences", "Answers"):
                defended(check, page, scenario.split(" and "), table)


def _pages(leaderboard: Path, store: Store) -> Iterator[tuple[str, Page]]:
    pages: dict[Key, Page] = {}
    for row in rows_of(leaderboard / "data" / "methods.csv"):
        key, scenario, method = place(row)[:2], row["scenario"], row["method"]
        page = pages.setdefault(key, Page(store, key, defaultdict(list), defaultdict(list), {}, {}))
        page.methods[scenario].append(method)
        page.access[scenario] = row["access"]
        if row["rank"]:
            page.ranked[scenario].append(method)
        if is_plain(row):
            page.plain[scenario] = method
    for path in (leaderboard / "data").glob("*/*.json"):
        of = json.loads(path.read_text(encoding="utf-8"))
        yield f"{path.parent.name}/{path.stem}.md", pages[of["suite"], of["dataset"]]


def tables(path: Path) -> Iterator[Table]:
    """Yield the tables of a page."""
    heading, below, lines = "", "", list[list[str]]()
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            lines.append([_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
            continue
        if lines:
            yield Table(heading, below, lines[0], lines[2:])
            lines = []
        if found := re.match(r"(##+) (.*)", _plain(line)):
            heading, below = (found[2], "") if found[1] == "##" else (heading, found[2])


def on_index(check: Check, page: Page, scenario: str, budget: str, cell: str) -> None:
    """Check who is first at a budget, by how much, and whether that is told from all others."""
    if cell:
        where = (*page.key, scenario, budget)
        names, table, halves = _held(page, scenario, budget)
        mean, said, ahead = _found(rf"` \**({NUMBER})\**, (first|leads) by ({NUMBER})", cell)
        _near(check, "first's mean on the index", where, mean, 100 * table[0].mean())
        _near(check, "first's lead on the index", where, ahead, 100 * (table[0].mean() - table[1].mean()))
        _same(check, "first on the index", where, page.label(scenario, cell.split("`")[1]), names[0])
        _same(check, "leads on the index", where, said, "leads" if _leads(table, halves) else "first")


def on_suite_page(check: Check, page: Page, scenario: str, row: list[str]) -> None:
    """Check who is first at a budget, at what, whether that is told, and how far it is over the plainest method."""
    where = (*page.key, scenario, row[1])
    names, table, halves = _held(page, scenario, row[1])
    _same(check, "first on a suite's page", where, page.label(scenario, row[2]), names[0])
    _figure(check, "first's figure on a suite's page", where, row[3], page.main(scenario, names[0])[_whole(row[1])])
    _same(check, "leads on a suite's page", where, str(row[4] == "leads"), str(_leads(table, halves)))
    if row[5] not in ("–", "itself"):
        plain = names.index(page.plain[scenario])
        over, half = table[0].mean() - table[plain].mean(), halves[0, plain]
        told = _found(rf"({NUMBER}) \(({NUMBER}) to ({NUMBER})\)", row[5])
        for text, mine in zip(told, (over, over - half, over + half), strict=True):
            _near(check, "over the plainest on a suite's page", where, text, 100 * mine)


def curve(check: Check, page: Page, scenario: str, table: Table) -> None:
    """Check a table of a metric by queries."""
    metric = CURVES.get(re.sub(",? by queries$", "", table.below))
    for row in table.rows if metric and table.head[0] == "method" else ():
        values = page.curve(scenario, page.label(scenario, row[0]), metric)
        for budget, cell in zip(table.head[1:], row[1:], strict=True):
            if re.fullmatch(r"[\d,]+", budget) and _whole(budget) in values and "seeds" not in cell:
                where = (*page.key, scenario, row[0], budget)
                _figure(check, f"{metric} in Markdown", where, cell, values[_whole(budget)], metric)


def in_all(check: Check, page: Page, scenario: str, table: Table) -> None:
    """Check by how many queries in all nine tenths of the examples are solved."""
    title = "in all to 90 %"
    for row in table.rows if title in table.head else ():
        cell, label = row[table.head.index(title)], page.label(scenario, row[table.head.index("method")])
        solved, spent = (page.curve(scenario, label, name) for name in ("query_success", "queries_in_all"))
        both = [(float(np.mean(spent[b].list)), float(np.mean(solved[b].list))) for b in sorted(solved)]
        if cell != "–":
            _same(check, title, (*page.key, scenario, label), cell, _queries(reach(both, 0.9), both))


def defended(check: Check, page: Page, games: list[str], table: Table) -> None:
    """Check what attackers reach behind defences or with poorer answers, what that took, and what honest clients are told."""
    first = bare(table.rows[0][0])
    behind = {bare(row[0]): [_behind(page, game, bare(row[0])) for game in games] for row in table.rows}
    for row in table.rows:
        mine, where = behind[bare(row[0])], (*page.key, table.heading, row[0])
        if table.head[1] == "attacker":
            alarms = _at_last(page, mine, bare(row[1]), "first_alarm")
            _figure(check, "first alarm", (*where, row[1]), row[2], alarms, "first_alarm")
            continue
        for title, cell in zip(table.head[1:], row[1:], strict=True):
            if cell == "–":
                continue
            if cost := COSTS.get(title):
                name = UNDEFENDED[cost] if bare(row[0]) == first == "no defence" else cost
                told = mine if name == cost else [one for what in list(behind)[1:] for one in behind[what]]
                _figure(check, "cost of a defence", (*where, title), cell, _honest(page, told, name), name)
                continue
            found = {metric: _at_last(page, mine, bare(title), metric) for metric in ("fidelity", "query_success")}
            metric = "fidelity" if found["fidelity"].by_seed else "query_success"
            _figure(check, "reached behind a defence", (*where, title), cell, found[metric])
            if bare(row[0]) != first:
                undefended = _at_last(page, behind[first], bare(title), metric)
                took = 100 * (np.mean(found[metric].list) - np.mean(undefended.list))
                _near(check, "taken by a defence", (*where, title), _found(r"\(([-+][\d.]+)\)", cell)[0], float(took))


def _behind(page: Page, game: str, what: str) -> str:
    """Return the scenario that plays a game behind a defence, or with an answer that holds so much."""
    named = f"{game}, {what.replace('no defence', 'bare')}"
    if named in page.access:
        return named
    rest = game.partition(", ")[2]
    return next(one for one, holds in page.access.items() if holds == what and one.partition(", ")[2] == rest)


def bare(cell: str) -> str:
    """Return what a cell names."""
    return cell.strip("`")


def _at_last(page: Page, scenarios: Iterable[str], method: str, metric: str) -> Values:
    """Return a metric at the largest budget, of the scenario in which the method plays; without the unknown."""
    for scenario in scenarios:
        if budgets := page.curve(scenario, method, metric):
            last = budgets[max(budgets)]
            return Values({seed: value for seed, value in last.by_seed.items() if not math.isnan(value)}, n=last.n)
    return Values()


def _honest(page: Page, scenarios: Iterable[str], metric: str) -> Values:
    """Return what an honest client was told, one value a replicate: all its cells measured the same."""
    found = Values()
    for scenario in scenarios:
        for method in page.methods[scenario]:
            last = _at_last(page, [scenario], method, metric)
            found.by_seed = last.by_seed | found.by_seed
            found.n = found.n or last.n
    return found


def _held(page: Page, scenario: str, budget: str) -> tuple[list[str], Scores, Scores]:
    """Return the ranked methods at a budget, the best mean first, their scores, and half the intervals of differences."""
    scores = {name: page.main(scenario, name)[_whole(budget)].by_seed for name in page.ranked[scenario]}
    table = in_common(list(scores.values()))
    order = sorted(range(len(table)), key=lambda i: (-table[i].mean(), list(scores)[i]))
    return [list(scores)[i] for i in order], table[order], half_intervals(table[order])


def _leads(table: Scores, halves: Scores) -> bool:
    return all(table[0].mean() - table[i].mean() > halves[0, i] + 1e-12 for i in range(1, len(table)))


def _figure(check: Check, what: str, where: Key, cell: str, values: Values, metric: str = "") -> None:
    """Check a mean with its interval, as tables write it."""
    share = not ("queries" in metric or metric in COUNTS)
    scale = 100 if share else 1
    n = float(np.mean(values.n)) if values.n and metric not in NO_PROPORTION else math.nan
    if not values.by_seed:
        check.that(what, where, cell == "–", f"printed {cell}, the store has nothing")
        return
    mean, low, high, _ = (scale * x if isinstance(x, float) else x for x in interval(values.list, n, share=share))
    _near(check, what, where, _found(rf"({NUMBER})", cell)[0], mean)
    if found := re.search(rf"\[({NUMBER}), ({NUMBER})\]", cell):
        for text, mine in zip(found.groups(), (low, high), strict=True):
            _near(check, f"interval of {what}", where, text, mine)
    elif found := re.search(rf"± ({NUMBER})", cell):
        for mine in (mean - low, high - mean):
            _near(check, f"interval of {what}", where, found[1], mine)


def _queries(mine: float | None, both: list[tuple[float, float]]) -> str:
    """Return queries to a level as tables write them."""
    if mine is None:
        return "–"
    if math.isinf(mine):
        return f"> {both[-1][0]:,.0f}"
    return f"{mine:,.0f}" if mine > both[0][0] else f"≤ {mine:,.0f}"


def _near(check: Check, what: str, where: Key, text: str, mine: float) -> None:
    """Hold a rounded number against the recomputed one."""
    places = len(text.partition(".")[2])
    same = abs(float(text.replace(",", "")) - mine) <= 0.5 * 10**-places + 1e-6
    check.that(what, where, same, f"printed {text}, recomputed {mine}")


def _same(check: Check, what: str, where: Key, text: str, mine: str) -> None:
    check.that(what, where, text == mine, f"printed {text}, recomputed {mine}")


def _found(pattern: str, cell: str) -> tuple[str, ...]:
    found = re.search(pattern, cell)
    if not found:
        raise ValueError(f"{cell!r} is not of the form that is looked for")
    return found.groups()


def _plain(text: str) -> str:
    """Return text without Markdown's backslashes."""
    return re.sub(r"\\([^\w\s])", r"\1", text)


def _whole(text: str) -> int:
    return int(text.replace(",", ""))
