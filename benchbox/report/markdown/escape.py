"""Text made harmless for Markdown, and tables of it."""

from __future__ import annotations

import re
import textwrap

from benchbox.report.paths import MARK
from benchbox.report.tables.words import Aside, Best, Cell, Link, Name, Table, Words, aligned

HEAD = f"<!-- {MARK}; do not edit -->"
"""The first line of every page."""

WIDTH = 115

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
    """Return a paragraph, folded."""
    return _folded(words(text))


def folded(item: str) -> str:
    """Return an item of a list, whose text ``words`` made harmless, folded."""
    mark, _, text = item.partition(" ")
    return f"{mark} {_folded(text)}".replace("\n", "\n   ")


def _folded(text: str) -> str:
    """Return lines; one that would start a list is kept from it."""
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(re.sub(r"^([-+=]|\d(?=\d*[.)]))", lambda start: f"&#{ord(start[0])};", line) for line in lines)


def render_table(table: Table, up: str = "../") -> str:
    """Return a GitHub table below its caption; ``up`` leads from the page to the leaderboard's folder."""
    caption = f"{inner(table.caption, up)}:\n\n" if table.caption else ""
    return caption + aligned(table, "github", lambda part: inner(part, up, cell=True))


def inner(part: Cell, up: str = "../", *, cell: bool = False) -> str:
    """Return a text of the report made harmless; ``cell``: of a table, which a bar would end."""
    if isinstance(part, tuple):
        return "".join(inner(one, up, cell=cell) for one in part)
    if isinstance(part, Name):
        return name(part, cell=cell) if part else ""
    if isinstance(part, Link):
        return f"[{words(part)}]({up}{part.path})"
    if isinstance(part, Words | Aside):
        return ", " * isinstance(part, Aside) + words(part)
    return f"**{part}**" if isinstance(part, Best) else part
