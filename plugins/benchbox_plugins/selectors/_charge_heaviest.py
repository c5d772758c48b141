"""How the lazy search charges candidates under ``min-max-sum``: see ``_charges``."""

from __future__ import annotations

import numpy as np

from benchbox_plugins.selectors._bounds import Word, at_least, at_most, value
from benchbox_plugins.selectors._charges import AHEAD, LOOSE, TIGHT, Integers, above, cost
from benchbox_plugins.selectors._compiled import compiled
from benchbox_plugins.selectors._sketch import Counts, Fills, Floats, Levels, Words

_SINGLE = 1e-7
"""Rounding of a cost that was kept as a 32-bit float, as a share of it."""


@compiled
def charge_heaviest(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    key: Floats,
    low: Floats,
    high: Floats,
    bounded: Integers,
    valued: Integers,
    total: Floats,
    order: Integers,
    low_m: Floats,
    high_m: Floats,
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
    """Charge candidates the largest sum of costs in the set with them, until it exceeds ``limit`` or is known.

    Member m's sum without the candidate lies between ``low_m`` and ``high_m``; ``order`` has the largest first. ``total``
    is what the candidate's own sum is at least. Returns the lower limit.
    """
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        if key[c] > limit or valued[c] == members:
            continue
        charged, v = total[c], Word(c)
        for n in range(bounded[c], members):
            if charged > AHEAD * limit:
                break
            m = Word(n)
            worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
            information = (whole + worth - margin_m[m] - margin[v]) * share
            charged += cost(information - LOOSE, weight_m[m] * weight[v], alpha)
            bounded[c] = n + 1
        total[c] = charged
        key[c] = max(key[c], charged)
        for n in order:
            if key[c] > limit:
                break
            m = Word(n)
            worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
            information = (whole + worth - margin_m[m] - margin[v]) * share
            bound = cost(information - LOOSE, weight_m[m] * weight[v], alpha)
            key[c] = max(key[c], low_m[m] + bound * (1 - _SINGLE))
        least_worth = most_worth = 0.0
        for n in order:
            if key[c] > limit:
                break
            m = Word(n)
            scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
            worth = at_most(planes_m, planes, facts_m, facts, most, nlogn, m, v)
            bound = cost((rest + worth) * share + LOOSE, scale, alpha) * (1 + _SINGLE)
            if high_m[m] + bound > least_worth:
                worth = value(ranks_m, ranks, facts_m, facts, counts_m, counts, places, nlogn, step, both, table, m, v)
                least_cost = np.float32(cost((rest + worth) * share - tight, scale, alpha))
                most_cost = np.float32(cost((rest + worth) * share + tight, scale, alpha))
                least_worth = max(least_worth, low_m[m] + least_cost)
                most_worth = max(most_worth, high_m[m] + most_cost)
                key[c] = max(key[c], least_worth)
        if key[c] <= limit:
            bounds = total[c] - low[c]
            for n in range(valued[c], members):
                if key[c] > limit:
                    break
                m = Word(n)
                scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
                worth = at_least(planes_m, planes, facts_m, facts, least, nlogn, m, v)
                bounds -= cost((rest + worth) * share - LOOSE, scale, alpha)
                worth = value(ranks_m, ranks, facts_m, facts, counts_m, counts, places, nlogn, step, both, table, m, v)
                low[c] += cost((rest + worth) * share - tight, scale, alpha)
                high[c] += cost((rest + worth) * share + tight, scale, alpha)
                total[c] = low[c] + bounds
                key[c] = max(key[c], total[c])
                valued[c] = n + 1
        if key[c] <= limit:
            limit = min(limit, above(max(high[c], most_worth)))
    return limit
