"""Mutual information of two sketched images: bounds from counted bits, and the value itself to a few last bits.

All functions return what the cells of the pair's table of levels are worth, the sum of f(n) = n ln n over their counts n;
mutual information is (f(N) + that - the two margins) / N over N pixels. Ranks 0, 1 and 2 of both images make nine cells,
whose counts are the bits that two planes share. Of the other cells, only the pixels of a whole row or column are known:
their worth is bounded by the sketches' ``least`` and ``most``. Because most levels have one pixel or two, these are close.

Row m of a sketch stands for one image (arrays ``*_m``), row v of another for the other.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchbox_plugins.selectors._compiled import compiled, inlined
from benchbox_plugins.selectors._sketch import FILLS, OFTEN, PLACES, RARE, REST, Counts, Fills, Floats, Levels, Words

Word = np.uint64
# One word sums three counts, in fields of 16 bits. Constants with names of their own compile faster than calls.
_FIELD, _ONE, _TWO = Word(0xFFFF), Word(16), Word(32)


@compiled
def bits(word: Word) -> Word:
    """Count the bits of a word, in a form that the compiler replaces by the processor's own instruction."""
    word = word - ((word >> Word(1)) & Word(0x5555555555555555))
    word = (word & Word(0x3333333333333333)) + ((word >> Word(2)) & Word(0x3333333333333333))
    word = (word + (word >> Word(4))) & Word(0x0F0F0F0F0F0F0F0F)
    return (word * Word(0x0101010101010101)) >> Word(56)


@inlined
def cells(planes_m: Words, planes: Words, facts_m: Words, facts: Words, nlogn: Floats, m: Word, v: Word) -> Any:
    """Return the worth of the nine single cells, and the seven counts that involve the rest (3) of either image."""
    first = second = third = Word(0)
    for w in range(planes.shape[2]):
        m1, m2, m3 = planes_m[m, 0, w], planes_m[m, 1, w], planes_m[m, 2, w]
        v1, v2, v3 = planes[v, 0, w], planes[v, 1, w], planes[v, 2, w]
        first += bits(m1 & v1) | (bits(m1 & v2) << _ONE) | (bits(m1 & v3) << _TWO)
        second += bits(m2 & v1) | (bits(m2 & v2) << _ONE) | (bits(m2 & v3) << _TWO)
        third += bits(m3 & v1) | (bits(m3 & v2) << _ONE) | (bits(m3 & v3) << _TWO)
    n11, n12, n13 = first & _FIELD, (first >> _ONE) & _FIELD, first >> _TWO
    n21, n22, n23 = second & _FIELD, (second >> _ONE) & _FIELD, second >> _TWO
    n31, n32, n33 = third & _FIELD, (third >> _ONE) & _FIELD, third >> _TWO
    n10, n20 = facts_m[m, 1] - n11 - n12 - n13, facts_m[m, 2] - n21 - n22 - n23
    n01, n02 = facts[v, 1] - n11 - n21 - n31, facts[v, 2] - n12 - n22 - n32
    n30, n03 = facts_m[m, REST] - n31 - n32 - n33, facts[v, REST] - n13 - n23 - n33
    n00 = facts_m[m, 0] - n01 - n02 - n03
    worth = (nlogn[n00] + nlogn[n01] + nlogn[n02]) + (nlogn[n10] + nlogn[n11] + nlogn[n12])
    worth += nlogn[n20] + nlogn[n21] + nlogn[n22]
    return worth, n30, n31, n32, n03, n13, n23, n33


@inlined
def at_least(seen: Any, facts_m: Words, facts: Words, least: Fills, nlogn: Floats, m: Word, v: Word) -> Any:
    """Return a lower bound of the pair's worth from its ``cells``."""
    worth, n30, n31, n32, n03, n13, n23, n33 = seen
    rare_m, rare_v = facts_m[m, RARE], facts[v, RARE]
    at_m, at_v = facts_m[m, FILLS] - rare_m, facts[v, FILLS] - rare_v
    worth += least[at_m + max(n30, rare_m)] + least[at_m + max(n31, rare_m)] + least[at_m + max(n32, rare_m)]
    worth += least[at_v + max(n03, rare_v)] + least[at_v + max(n13, rare_v)] + least[at_v + max(n23, rare_v)]
    shared = rare_m * rare_v
    if n33 > shared:  # some cells of both rests hold two pixels or more; they are worth least if all hold as many
        each = n33 // shared
        more = n33 - each * shared
        worth += more * nlogn[each + Word(1)] + (shared - more) * nlogn[each]
    return worth


@inlined
def at_most(seen: Any, facts_m: Words, facts: Words, most: Fills, m: Word, v: Word) -> Any:
    """Return an upper bound of the pair's worth from its ``cells``."""
    worth, n30, n31, n32, n03, n13, n23, n33 = seen
    at_m, at_v = facts_m[m, FILLS], facts[v, FILLS]
    worth += most[at_m + n30] + most[at_m + n31] + most[at_m + n32]
    worth += most[at_v + n03] + most[at_v + n13] + most[at_v + n23]
    return worth + min(most[at_m + n33], most[at_v + n33])


@inlined
def value(
    ranks_m: Levels,
    facts_m: Words,
    facts: Words,
    counts_m: Counts,
    counts: Counts,
    places: Counts,
    there: Levels,
    nlogn: Floats,
    step: Floats,
    both: Counts,
    table: Counts,
    m: Word,
    v: Word,
) -> Any:
    """Return the pair's worth.

    Only pixels off both backgrounds are counted; the cells of a background follow from the images' own counts.
    ``both`` is room for a number per pixel, ``table`` for (258, 256) counts, which are 0 before and after.
    """
    first = facts[v, PLACES]
    last = first + Word(ranks_m.shape[1]) - facts[v, 0]
    found = Word(0)
    for t in range(first, last):
        rank = Word(ranks_m[m, places[t]])
        both[found] = (rank << Word(8)) | Word(there[t])
        found += Word(rank > Word(0))  # in place of a branch, which processors would guess wrong
    worth = nlogn[facts_m[m, 0] + found + first - last]
    row, column = Word(256 << 8), Word(257 << 8)
    for t in range(found):
        cell = Word(both[t])
        count = table[cell]
        worth += step[count]
        table[cell] = count + np.uint16(1)
        table[row | (cell >> Word(8))] += 1
        table[column | (cell & Word(255))] += 1
    for t in range(found):
        table[both[t]] = 0
    # Levels of one pixel are worth nothing.
    for often in range(Word(1), facts_m[m, OFTEN]):
        worth += nlogn[Word(counts_m[m, often]) - Word(table[row | Word(often)])]
    for often in range(Word(1), facts[v, OFTEN]):
        worth += nlogn[Word(counts[v, often]) - Word(table[column | Word(often)])]
    table[256 << 8 :] = 0
    return worth
