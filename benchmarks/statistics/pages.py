"""Markdown pages in parts: paragraphs, items of lists, tables, each with the headings that it stands under."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Part:
    """A paragraph, an item of a list, or a table.

    Attributes:
        heading, below: the two headings that it stands under.
        before: the paragraph before it; of an item that before its list.
        text: of a paragraph or an item, without what only serves Markdown.
        head: a table's column titles.
        rows: a table's cells.
    """

    heading: str
    below: str
    before: str
    text: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def parts(path: Path) -> Iterator[Part]:
    """Yield the parts of a page, without its headings."""
    heading = below = before = ""
    for lines in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        if found := re.match(r"(##+) (.*)", plain(lines)):
            heading, below = (found[2], "") if found[1] == "##" else (heading, found[2])
        elif lines.startswith("|"):
            head, _, *rows = (
                [plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines.splitlines()
            )
            yield Part(heading, below, before, head=head, rows=rows)
        elif not lines.startswith("# "):
            items = re.split(r"\n(?=- |\d+\. )", lines)
            for item in items:
                yield Part(heading, below, before, " ".join(plain(item).split()))
            before = before if re.match(r"- |\d+\. ", lines) else " ".join(plain(lines).split())


def plain(text: str) -> str:
    """Return text without Markdown's escapes."""
    return html.unescape(re.sub(r"\\([^\w\s]|_)", r"\1", text))


def digits(text: str) -> bool:
    """Return whether a text holds a number, links and comments left out."""
    return bool(re.search(r"\d", re.sub(r"\]\([^)]*\)|<!--.*?-->", "", text)))


def bare(cell: str) -> str:
    """Return what a cell names, without Markdown's marks."""
    return cell.strip("`*")


def whole(text: str) -> int:
    return int(text.replace(",", ""))
