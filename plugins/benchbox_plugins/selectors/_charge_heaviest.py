"""How the lazy search charges candidates under ``min-max-sum``: see ``_charges``."""

from __future__ import annotations

import numpy as np

from benchbox_plugins.selectors._bounds import Word, at_least, at_most, cells, value
from benchbox_plugins.selectors._charges import AHEAD, LOOSE, TIGHT, Account, Integers, Parts, Tables, above, cost
from benchbox_plugins.selectors._compiled import compiled
from benchbox_plugins.selectors._sketch import Floats

Sums = tuple[Floats, Integers, Floats, Floats]
"""``total``, ``order``, ``low_m`` and ``high_m`` of ``charge_heaviest``."""
OWN_BOUNDS, MEMBERS, OWN_VALUES = 0, 1, 2
"""The stages of a charge: bounds of the candidate's own sum, the members' sums from the largest down, the own sum's value."""


@compiled
def charge_heaviest(
    candidates: Integers,
    limit: float,
    members: int,
    alpha: int,
    account: Account,
    sums: Sums,
    of_members: Parts,
    of_images: Parts,
    tables: Tables,
) -> float:
    """Charge candidates the largest sum of costs in the set with them, until it exceeds ``limit`` or is known.

    Member m's sum without the candidate lies between ``low_m`` and ``high_m``; ``order`` has the largest first. ``total``
    is what the candidate's own sum is at least. The plain search keeps costs as 32-bit floats, and adds these to members'
    sums: so do these limits, since a smaller number is never rounded to a larger one. Returns the lower limit.
    """
    key, low, high, bounded, valued = account
    total, order, low_m, high_m = sums
    weight_m, planes_m, facts_m, margin_m, ranks_m, counts_m = of_members
    weight, planes, facts, margin, ranks, counts = of_images
    places, there, least, most, nlogn, step = tables
    both, table = np.empty(ranks.shape[1] + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    whole, share, tight = nlogn[-1], 1 / ranks.shape[1], TIGHT * ranks.shape[1]
    for c in candidates:
        if key[c] > limit or valued[c] == members:
            continue
        v, stage, turn = Word(c), OWN_BOUNDS, 0
        least_worth = most_worth = 0.0
        while key[c] <= limit or (total[c] <= AHEAD * limit and stage == OWN_BOUNDS):
            if stage == OWN_BOUNDS:
                if bounded[c] == members:
                    stage = MEMBERS
                    continue
                n = bounded[c]
                bounded[c] += 1
            elif stage == MEMBERS:
                if turn == members:
                    stage, bounds = OWN_VALUES, total[c] - low[c]
                    continue
                n = order[turn]
                turn += 1
            elif valued[c] < members:
                n = valued[c]
                valued[c] += 1
            else:
                limit = min(limit, above(max(high[c], most_worth), members + alpha))
                break
            m = Word(n)
            scale, rest = weight_m[m] * weight[v], whole - margin_m[m] - margin[v]
            seen = cells(planes_m, planes, facts_m, facts, nlogn, m, v)
            worth = at_least(seen, facts_m, facts, least, nlogn, m, v)
            bound = cost((rest + worth) * share - LOOSE, scale, alpha)
            if stage == OWN_BOUNDS:
                total[c] += bound
                key[c] = max(key[c], total[c])
                continue
            if stage == MEMBERS:
                key[c] = max(key[c], low_m[m] + np.float32(bound))
                worth = at_most(seen, facts_m, facts, most, m, v)
                largest = np.float32(cost((rest + worth) * share + LOOSE, scale, alpha))
                if key[c] > limit or high_m[m] + largest <= least_worth:
                    continue
            worth = value(ranks_m, facts_m, facts, counts_m, counts, places, there, nlogn, step, both, table, m, v)
            low_cost = cost((rest + worth) * share - tight, scale, alpha)
            high_cost = cost((rest + worth) * share + tight, scale, alpha)
            if stage == MEMBERS:
                least_worth = max(least_worth, low_m[m] + np.float32(low_cost))
                most_worth = max(most_worth, high_m[m] + np.float32(high_cost))
                key[c] = max(key[c], least_worth)
            else:
                bounds -= bound
                low[c] += low_cost
                high[c] += high_cost
                total[c] = low[c] + bounds
                key[c] = max(key[c], total[c])
    return limit
