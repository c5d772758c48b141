"""What tables are made of: texts that are to be shown and never interpreted, figures, intervals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import tabulate as tabulating

from benchbox.report.paths import HTML
from benchbox.report.statistics import Interval
from benchbox.report.views.standings import Standing
from benchbox.scoring.metrics import UNITS

tabulating.WIDE_CHARS_MODE = False  # column widths must not depend on whether wcwidth happens to be installed


MOST_COLUMNS = 7
"""Columns of a table: what a page shows side by side."""


class Name(str):
    """Text that a plugin, a suite file or an error brought: to be shown as it is, never to be interpreted."""


class Words(str):
    """As ``Name``, for a phrase rather than an identifier."""


class Best(str):
    """The highest figure of its column."""


class Shade(str):
    """A figure whose cell is the darker the deeper, from 0 to 9."""

    depth: int

    def __new__(cls, text: str, depth: int) -> Shade:
        """Return a figure with the depth of its cell."""
        made = super().__new__(cls, text)
        made.depth = depth
        return made


class Aside(str):
    """A phrase that stands behind something else, and less loudly."""


class Method(Name):
    """What tables call a method: its name, and what it was granted, uses, or is besides."""

    standing: Standing

    def __new__(cls, standing: Standing) -> Method:
        """Return the name of a scenario's method."""
        beside = f" ({', '.join(standing.marks)})" if standing.marks else ""
        made = super().__new__(cls, standing.label + beside)
        made.standing = standing
        return made


class Link(str):
    """A phrase that leads to another page: a route in the HTML page, and a file in the leaderboard's folder."""

    route: str
    path: PurePosixPath

    def __new__(cls, text: str, route: str, path: PurePosixPath = HTML) -> Link:
        """Return a phrase with where it leads."""
        made = super().__new__(cls, text)
        made.route, made.path = route, path
        return made


Cell = str | tuple[str, ...]
"""A text, or several that stand behind each other."""


def joined(between: str, phrases: Iterable[Sequence[str]], end: str = "") -> tuple[str, ...]:
    """Return phrases, each of several texts, as one, with a text between them and one at the end; empty where there is none."""
    found = tuple(part for phrase in phrases for part in (between, *phrase))[1:]
    return (*found, end) if found and end else found


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        head: column titles.
        rows: cells; ``Name``, ``Best`` and the like among plain strings.
        words: the places of columns that hold words, and are aligned left.
        caption: what stands above it, where that is not said around it.
        facts: what filters ask of each row, by name; of rows with a ``Method`` they are known.
    """

    head: list[str]
    rows: list[list[Cell]]
    words: Collection[int] = (0,)
    caption: Cell = ""
    facts: list[Mapping[str, str]] = field(default_factory=list)


def aligned(table: Table, style: str, cell: Callable[[Cell], str]) -> str:
    """Return a table as lines of text in one of tabulate's styles; ``cell`` makes its texts harmless, and marks leaders."""
    align = ["left" if i in table.words else "right" for i in range(len(table.head))]
    rows, head = [[cell(text) for text in row] for row in table.rows], [cell(text) for text in table.head]
    return tabulating.tabulate(rows, head, tablefmt=style, colalign=align, disable_numparse=True)


def amount(value: float, unit: str = "%") -> str:
    """Return a value as the unit of this mark is written: a share in per cent, queries whole. NaN is a dash."""
    return UNITS[unit].text(value)


LESS = "less than 0.1"


def margin(ahead: float) -> str:
    """Return by how many points a method is ahead; ``LESS`` where rounding leaves nothing of that."""
    return LESS if amount(ahead) == amount(0) else amount(ahead)


def figure(found: Interval | None, wanted: int, unit: str = "%") -> str:
    """Return a mean with its interval, and the number of seeds where it is one, or not the wanted number.

    ``95.0 ± 1.0``: over seeds. ``95.0 [93.1, 95.8]``: the same, where the two ends are not as far from the mean.
    ``95.0 [92.3, 96.9] (1 seed)``: Wilson's, the test sample's alone.
    """
    if found is None:
        return "–"
    seeds = int(found.n)
    usual = seeds == wanted and seeds > 1
    count = "" if usual else f" ({seeds} seed{'s' * (seeds != 1)})"
    up, down = amount(found.high - found.mean, unit), amount(found.mean - found.low, unit)
    if found.kind in ("t", "logit") and up == down:
        return f"{amount(found.mean, unit)} ± {up}{count}"
    if found.kind == "none":
        return f"{amount(found.mean, unit)}{count}"
    return f"{amount(found.mean, unit)} [{amount(found.low, unit)}, {amount(found.high, unit)}]{count}"
