"""How the lazy search of ``_lazy`` charges candidates for members, as little as shows that they are not the next choice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._bounds import Word, at_least, at_most, cells, value
from benchbox_plugins.selectors._compiled import compiled, inlined
from benchbox_plugins.selectors._sketch import Counts, Fills, Floats, Levels, Words

Integers = NDArray[np.int64]
Account = tuple[Floats, Floats, Floats, Integers, Integers]
"""Of each candidate: what it is charged, what it owes from low to high, and how many members by bounds and by value."""
Parts = tuple[Floats, Words, Words, Floats, Levels, Counts]
"""Weight, planes, facts, margin, ranks and counts, of members side by side or of all images: see ``Sketch``."""
Tables = tuple[Counts, Levels, Fills, Fills, Floats, Floats]
"""The rest of the sketch: places, there, least, most, nlogn and step."""

LOOSE = 1e-5
"""Rounding of a bound, in nats: sums of a dozen 32-bit floats below ln(``MOST_PIXELS``)."""

TIGHT = 2e-14
"""Rounding of a value, in nats per pixel, generously: so many terms were added in another order."""

AHEAD = 2.0
"""Sums are charged up to so many times what is needed: whoever comes back later waits for memory again."""

CLOSE = 1.04
"""The same of sums of values, each of which takes several times as long as a bound."""


@inlined
def cost(information: float, scale: float, alpha: int) -> Any:
    """Return a pair's cost from its mutual information."""
    base = max(information, 0.0) * scale
    out = base
    for _ in range(1, alpha):
        out *= base
    return out


@inlined
def above(high: float, operations: int) -> Any:
    """Return a bound that nobody with a worth up to ``high`` exceeds by rounding alone, of so many additions and products."""
    return high * (1 + 1e-15 * (operations + 16)) + 1e-290


@compiled
def charge_sums(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    account: Account,
    since: Integers,
    of_members: Parts,
    of_images: Parts,
    tables: Tables,
) -> float:
    """Charge candidates the sum of their costs, until they exceed ``limit`` or all are known; return the lower limit.

    ``since`` has of each candidate the first of the members whose costs it owes by value, int64 (n,); those before it are
    charged by bounds. It is changed in place, as ``account`` is.
    """
    key, low, high, bounded, valued = account
    weight_m, planes_m, facts_m, margin_m, ranks_m, counts_m = of_members
    weight, planes, facts, margin, ranks, counts = of_images
    places, there, least, _, nlogn, step = tables
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        charged, v = key[c], Word(c)
        if charged > limit or valued[c] == members:
            continue
        # Whoever was valued once stays near, and is charged new members' values without asking for their bounds.
        exact, bounds = valued[c] > 0, charged - low[c]
        reached, ahead = (since[c] + valued[c], CLOSE) if exact else (bounded[c], AHEAD)
        # One loop for both charges, since each copy of the inlined functions takes long to compile.
        while charged <= limit or (charged <= ahead * limit and reached < members):
            if reached == members and not exact:
                exact, bounds, ahead, since[c] = True, charged, CLOSE, members
            again = reached == members  # later members cost more, as a rule: backwards, fewer are needed
            if not again:
                n = reached
                reached += 1
            elif since[c] > 0:
                n = since[c] = since[c] - 1
            else:
                charged = low[c]
                limit = min(limit, above(high[c], members + alpha))
                break
            m = Word(n)
            scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
            bound = 0.0
            if again or not exact:
                seen = cells(planes_m, planes, facts_m, facts, nlogn, m, v)
                worth = at_least(seen, facts_m, facts, least, nlogn, m, v)
                bound = cost((rest + worth) * share - LOOSE, scale, alpha)
            if exact:
                worth = value(ranks_m, facts_m, facts, counts_m, counts, places, there, nlogn, step, both, table, m, v)
                valued[c] += 1
                bounds -= bound
                low[c] += cost((rest + worth) * share - tight, scale, alpha)
                high[c] += cost((rest + worth) * share + tight, scale, alpha)
                charged = low[c] + bounds
            else:
                bounded[c] += 1
                charged += bound
        key[c] = charged
    return limit


@compiled
def charge_largest(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    account: Account,
    nearest: Integers,
    of_members: Parts,
    of_images: Parts,
    tables: Tables,
) -> float:
    """Charge candidates their largest cost, until they exceed ``limit`` or it is known; return the lower limit.

    ``nearest`` has of each candidate the member whose bound is the largest so far, int64 (n,). It is changed in place, as
    ``account`` is.
    """
    key, low, high, bounded, valued = account
    weight_m, planes_m, facts_m, margin_m, ranks_m, counts_m = of_members
    weight, planes, facts, margin, ranks, counts = of_images
    places, there, least, most, nlogn, step = tables
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        charged, v = key[c], Word(c)
        if charged > limit or valued[c] == members:
            continue
        exact = ahead = False
        while charged <= limit:
            if bounded[c] == members and not exact:
                exact, ahead = True, nearest[c] >= valued[c]
            if not exact:
                n = bounded[c]
                bounded[c] += 1
            elif ahead:  # first the member that seems nearest: its cost spares a closer look at most of the others
                n, ahead = nearest[c], False
            elif valued[c] < members:
                n = valued[c]
                valued[c] += 1
            else:
                limit = min(limit, above(high[c], members + alpha))
                break
            m = Word(n)
            scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
            seen = cells(planes_m, planes, facts_m, facts, nlogn, m, v)
            if not exact:
                worth = at_least(seen, facts_m, facts, least, nlogn, m, v)
                bound = cost((rest + worth) * share - LOOSE, scale, alpha)
                if bound >= charged:
                    charged, nearest[c] = bound, n
                continue
            worth = at_most(seen, facts_m, facts, most, m, v)
            if cost((rest + worth) * share + LOOSE, scale, alpha) > low[c]:
                worth = value(ranks_m, facts_m, facts, counts_m, counts, places, there, nlogn, step, both, table, m, v)
                low[c] = max(low[c], cost((rest + worth) * share - tight, scale, alpha))
                high[c] = max(high[c], cost((rest + worth) * share + tight, scale, alpha))
                charged = max(charged, low[c])
        key[c] = charged
    return limit
