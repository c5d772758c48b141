"""Tables for narrow places: fewer columns rather than split words. Knows no plugin, no store and no terminal."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 2
"""Blanks between two columns."""


def that_fit(headers: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str], width: int) -> list[int]:
    """Return the columns that stand beside each other without a word split, as far as spare ones can give room.

    Spare ones go in their order, but those that are empty go before all others.
    """
    kept = list(range(len(headers)))
    filled = {name for row in rows for name, cell in zip(headers, row, strict=True) if cell}
    for name in sorted(spare, key=filled.__contains__):
        needed = sum(max(map(_longest_word, (headers[i], *(row[i] for row in rows)))) + GAP for i in kept) - GAP
        if needed <= width:
            break
        kept.remove(headers.index(name))
    return kept


def widths_of(columns: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return a width for each column: the widest give way first, to their longest word, then to anything; never the first."""
    widths = [max(map(len, column)) for column in columns]
    words = [max(map(_longest_word, column)) for column in columns]
    for least in (words, [words[0], *(min(6, word) for word in words[1:])]):
        while sum(widths) + GAP * (len(widths) - 1) > width:
            room = [have - need for have, need in zip(widths, least, strict=True)]
            if max(room) <= 0:
                break
            widest = max((have for have, free in zip(widths, room, strict=True) if free > 0), default=0)
            i = next(i for i, free in enumerate(room) if free > 0 and widths[i] == widest)
            widths[i] -= 1
    return widths


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)
