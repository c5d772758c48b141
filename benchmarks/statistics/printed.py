"""Every number of the Markdown pages, held against a recomputation; ``recompute.py`` calls it.

A paragraph, an item of a list or a column of a table that holds a number and that nobody here knows is counted as wrong, so
that a page cannot say something new without a recomputation of it. Left out, since nothing is measured or computed in them:

- what names something: scenarios, methods, attacks, links, suites that nobody has played;
- how to read the pages and the data (``reading.md``, ``data/README.md``);
- the line at the end of the index, on the newest result's date, versions, commits and machines;
- which versions of plugins are installed, which no store knows.

Settings are not computed, but compared with the store (``rules.py``): budgets, seeds, targets, attacks, searches, answers and
the versions that were played as they are; of the attacker's images, data sets and machines each number and hash must be one
that the store holds of that scenario. Which budgets a table shows, and beside which measurement a paper's figure stands, is
taken as it is; so is, from ``methods.csv``, that a method was played by other rules than the rest. A half that may be rounded
either way may stand as either.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import beside
import defended
import overview
import rules
import scenario
from beside import Beside
from figures import Check, Key
from pages import Part, digits, parts
from stored import Game, Store

COUNTED = re.compile(r"\w+: \d+ figures? stand")
FINDING = re.compile(
    r"Not ranked: |.*(?:does a method lead|no method leads)\.|.*` leads at \d|.*\. A method leads at \d"
)


class Book(NamedTuple):
    """What pages are held against.

    Attributes:
        store: all games.
        links: suite and data set by the page's file.
        beside: the figures of papers.
    """

    check: Check
    store: Store
    links: dict[str, Key]
    beside: list[Beside]

    def games(self, *key: str) -> list[Game]:
        """Return the games of a suite, or of a suite on a data set."""
        return [game for game in self.store.games.values() if game.key[: len(key)] == key]

    def linked(self, cell: str) -> Game:
        """Return the scenario that a cell leads to."""
        found = re.fullmatch(r"\[.*?\]\((?:\.\./)?(.*?)\), (.*)", cell)
        if found is None:
            raise ValueError(f"{cell!r} leads to no scenario")
        return self.store.games[*self.links[found[1]], found[2]]

    def suite(self, folder: str) -> str:
        """Return the suite whose pages lie in a folder."""
        return next(suite for name, (suite, _) in self.links.items() if name.partition("/")[0] == folder)

    def papers(self, *key: str) -> list[Beside]:
        return [one for one in self.beside if one.game.key[: len(key)] == key]


def printed(check: Check, leaderboard: Path, store: Store, papers: list[Beside]) -> None:
    """Check the index, the pages of suites, and those of suites on a data set."""
    links: dict[str, Key] = {}
    for path in sorted((leaderboard / "data").glob("*/*.json")):
        of = json.loads(path.read_text(encoding="utf-8"))
        links[f"{path.parent.name}/{path.stem}.md"] = (of["suite"], of["dataset"])
    book = Book(check, store, links, papers)
    _parts(book, leaderboard / "README.md", _of_index)
    for folder in sorted({name.partition("/")[0] for name in links}):
        _parts(book, leaderboard / folder / "README.md", _of_suite, book.suite(folder))
    for name, key in links.items():
        _parts(book, leaderboard / name, _of_page, key, _below(leaderboard / name))


def _parts(book: Book, path: Path, of: Callable[..., None], *given: Any) -> None:
    """Check a page part by part; one that names what the store does not know leaves the others."""
    for part in parts(path):
        where = (path.parent.name, path.name, part.heading, part.below, part.text[:60])
        book.check.alone(where, of, book, part, *given)


def _rows(book: Book, part: Part, of: Callable[..., None], *given: Any) -> None:
    for row in part.rows:
        book.check.alone(tuple(row), of, book, row, *given)


def _of_index(book: Book, part: Part) -> None:
    text, head = part.text, part.head
    if head and head[0].startswith("first, by"):
        for i, budget in enumerate(head[1:], 1):
            _rows(book, part, _first, i, budget)
    elif head == ["suite", "pages", "what it finds"]:
        _rows(book, part, _found)
    elif COUNTED.match(text):
        overview.papers(book.check, ("index",), book.beside, text)
    elif found := re.match(r"Who is first in (.*?), at how many queries, (.*)", text):
        book.check.that("first suite", ("index", found[1]), bool(book.games(found[1])), "the store has no such suite")
        _known(Part(part.heading, part.below, part.before, found[2]))
    elif text.startswith("The curves are of "):
        overview.curves(book.check, book.games(), text)
    elif head != ["not played yet", "what it is", "to play it"] and not text.startswith("The newest result is of "):
        _known(part)


def _first(book: Book, row: list[str], i: int, budget: str) -> None:
    overview.on_index(book.check, book.linked(row[0]), budget, row[i])


def _found(book: Book, row: list[str]) -> None:
    folder = row[0].rpartition("(")[2].partition("/")[0]
    overview.finding(book.check, book.games(book.suite(folder)), row[2])


def _known(part: Part) -> None:
    """Refuse what nobody here recomputes, though it holds a number."""
    if part.head or digits(part.text):
        raise ValueError(f"nobody recomputes {part.text or ', '.join(part.head)!r}")


def _of_suite(book: Book, part: Part, suite: str) -> None:
    if part.head[:3] == ["scenario", "queries", "first"]:
        _rows(book, part, _headline)
    elif part.head[:2] == ["not ranked", "why"]:
        _rows(book, part, _unranked)
    elif COUNTED.match(part.text):
        overview.papers(book.check, (suite,), book.papers(suite), part.text)
    elif FINDING.match(part.text):
        overview.finding(book.check, book.games(suite), part.text)
    else:
        _of_both(book, part, (suite,))


def _headline(book: Book, row: list[str]) -> None:
    game = book.linked(row[0])
    overview.on_suite_page(book.check, game, row, book.papers(*game.key))


def _unranked(book: Book, row: list[str]) -> None:
    overview.unranked(book.check, book.linked(row[0]), row)


def _of_both(book: Book, part: Part, key: Key) -> None:
    """Check what pages of suites, and of suites on a data set, both say."""
    text = part.text
    if text.startswith(("Played ", "All methods were played ")):
        overview.sealing(book.check, book.games(*key), text)
    elif text.startswith("Figures of other versions"):
        rules.versions(book.check, book.games(*key), text)
    elif part.head == ["not played yet, scenario", "methods"]:
        _rows(book, part, _lacking, key)
    elif digits(text) and not text.startswith(("To play it", "Not played yet: ", "Pages: ", "[All leaderboards]")):
        overview.description(book.check, key[0], text)
    elif part.head:
        _known(part)


def _lacking(book: Book, row: list[str], key: Key) -> None:
    """Check that the store holds none of the methods that a scenario is said to lack, nor the scenario if all of it is."""
    name, said = row[0].strip("`"), re.findall(r"`(.*?)`", row[1])
    held = next((set(game.methods) for game in book.games(*key) if game.key[2] == name), set())
    mine = "all methods" if not held else ", ".join(f"`{label}`" for label in said if label not in held)
    book.check.text("methods that nobody has played", (*key, name), row[1], mine)


class Below(NamedTuple):
    """What a page says below its tables, by scenario: what columns mean, and the notes by number."""

    meanings: dict[str, dict[str, str]]
    notes: dict[str, dict[str, str]]


def _below(path: Path) -> Below:
    found = Below(defaultdict(dict), defaultdict(dict))
    for part in parts(path):
        if said := re.match(r"- \*(.*?)\*: (.*)$", part.text):
            found.meanings[part.heading][said[1]] = said[2]
        elif part.before == "Notes:" and (said := re.match(r"(\d+)\. (.*)", part.text)):
            found.notes[part.heading][said[1]] = said[2]
    return found


def _of_page(book: Book, part: Part, key: Key, below: Below) -> None:
    kind, _, name = part.heading.partition(": ")
    if kind == "Scenario":
        _of_scenario(book, part, book.store.games[*key, name], below)
    elif kind in ("Defences", "Answers"):
        held, where = defended.matrix({game.key[2]: game for game in book.games(*key)}, name), (*key, part.heading)
        if part.head:
            defended.table(book.check, where, held, part)
        elif digits(part.text):
            defended.sentence(book.check, where, held, part)
    elif kind == "Targets":
        _rows(book, part, _target)
    else:
        _of_both(book, part, key)


def _of_scenario(book: Book, part: Part, game: Game, below: Below) -> None:
    if part.below == "Reported and measured":
        _of_papers(book, part, game, below.notes[part.heading])
    elif part.head:
        scenario.table(book.check, game, part, below.meanings[part.heading])
    elif part.text.startswith(("Played ", "All methods were played ")):
        overview.sealing(book.check, [game], part.text)
    else:
        rules.sentence(book.check, game, part)


def _of_papers(book: Book, part: Part, game: Game, notes: dict[str, str]) -> None:
    if part.head:
        beside.table(book.check, book.papers(*game.key), part, notes)
    elif part.before == "What was printed:" and re.match(r"\d+\. ", part.text):
        beside.protocol(book.check, (*game.key, part.below), part.text)
    elif part.before != "Notes:":  # those are compared where the table names them
        _known(part)


def _target(book: Book, row: list[str]) -> None:
    """Check a target's accuracy, and of which target it is."""
    name, model, accuracy, images = book.store.targets[row[3].strip("`")]
    book.check.text("target", tuple(row), ", ".join(row[:2]), f"`{name}`, `{model}`")
    book.check.said("accuracy of a target", tuple(row), row[2], "# on #", 100 * accuracy, images)
