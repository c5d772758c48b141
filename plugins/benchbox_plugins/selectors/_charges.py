"""How the lazy search of ``_lazy`` charges candidates for members, as little as shows that they are not the next choice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchbox_plugins.selectors._bounds import Word, at_least, at_most, value
from benchbox_plugins.selectors._compiled import compiled, inlined
from benchbox_plugins.selectors._sketch import Counts, Fills, Floats, Levels, Words

Integers = NDArray[np.int64]

LOOSE = 1e-5
"""Rounding of a bound, in nats: sums of a dozen 32-bit floats below ln(``MOST_PIXELS``)."""

TIGHT = 2e-14
"""Rounding of a value, in nats per pixel, generously: so many terms were added in another order."""

AHEAD = 2.0
"""Sums are charged up to so many times what is needed: whoever comes back later waits for memory again."""


@inlined
def cost(information: float, scale: float, alpha: int) -> Any:
    """Return a pair's cost from its mutual information."""
    base = max(information, 0.0) * scale
    out = base
    for _ in range(1, alpha):
        out *= base
    return out


@inlined
def above(high: float) -> Any:
    """Return a bound that nobody with a worth up to ``high`` exceeds by rounding alone."""
    return high * (1 + 1e-9) + 1e-290


@compiled
def charge_sums(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    key: Floats,
    low: Floats,
    high: Floats,
    bounded: Integers,
    valued: Integers,
    nearest: Integers,
    weight_m: Floats,
    planes_m: Words,
    facts_m: Words,
    margin_m: Floats,
    ranks_m: Levels,
    counts_m: Counts,
    weight: Floats,
    planes: Words,
    facts: Words,
    margin: Floats,
    ranks: Levels,
    counts: Counts,
    places: Counts,
    least: Fills,
    most: Fills,
    nlogn: Floats,
    step: Floats,
) -> float:
    """Charge candidates the sum of their costs, until they exceed ``limit`` or all are known; return the lower limit."""
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        charged, v = key[c], Word(c)
        if charged > limit or valued[c] == members:
            continue
        for n in range(bounded[c], members):
            if charged > AHEAD * limit:
                break
            m = Word(n)
            worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
            information = (whole + worth - margin_m[m] - margin[v]) * share
            charged += cost(information - LOOSE, weight_m[m] * weight[v], alpha)
            bounded[c] = n + 1
        if charged <= limit:
            bounds = charged - low[c]
            for n in range(valued[c], members):
                if charged > limit:
                    break
                m = Word(n)
                scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
                worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
                bounds -= cost((rest + worth) * share - LOOSE, scale, alpha)
                worth = value(ranks_m, ranks, facts_m, facts, counts_m, counts, places, nlogn, step, both, table, m, v)
                low[c] += cost((rest + worth) * share - tight, scale, alpha)
                high[c] += cost((rest + worth) * share + tight, scale, alpha)
                charged = low[c] + bounds
                valued[c] = n + 1
            if valued[c] == members:
                charged = low[c]
                limit = min(limit, above(high[c]))
        key[c] = charged
    return limit


@compiled
def charge_largest(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    key: Floats,
    low: Floats,
    high: Floats,
    bounded: Integers,
    valued: Integers,
    nearest: Integers,
    weight_m: Floats,
    planes_m: Words,
    facts_m: Words,
    margin_m: Floats,
    ranks_m: Levels,
    counts_m: Counts,
    weight: Floats,
    planes: Words,
    facts: Words,
    margin: Floats,
    ranks: Levels,
    counts: Counts,
    places: Counts,
    least: Fills,
    most: Fills,
    nlogn: Floats,
    step: Floats,
) -> float:
    """Charge candidates their largest cost, until they exceed ``limit`` or it is known; return the lower limit."""
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        charged, v = key[c], Word(c)
        if charged > limit or valued[c] == members:
            continue
        for n in range(bounded[c], members):
            if charged > limit:
                break
            m = Word(n)
            worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
            information = (whole + worth - margin_m[m] - margin[v]) * share
            bound = cost(information - LOOSE, weight_m[m] * weight[v], alpha)
            if bound >= charged:
                charged, nearest[c] = bound, n
            bounded[c] = n + 1
        # The member that seems nearest comes first: its cost spares a look at most of the others.
        n, after = nearest[c], valued[c]
        if n < after:
            n, after = after, after + 1
        while charged <= limit and after <= members:
            m = Word(n)
            scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
            worth = at_most(planes_m, planes, facts_m, facts, most, nlogn, m, v)
            if cost((rest + worth) * share + LOOSE, scale, alpha) > low[c]:
                worth = value(ranks_m, ranks, facts_m, facts, counts_m, counts, places, nlogn, step, both, table, m, v)
                low[c] = max(low[c], cost((rest + worth) * share - tight, scale, alpha))
                high[c] = max(high[c], cost((rest + worth) * share + tight, scale, alpha))
                charged = max(charged, low[c])
            n = after
            valued[c] = after
            after += 1
        if charged <= limit:
            limit = min(limit, above(high[c]))
        key[c] = charged
    return limit
