"""The table behind a critical-difference diagram."""

from __future__ import annotations

from collections.abc import Mapping

from benchbox.report.statistics import Critical
from benchbox.report.tables.words import Name, Table


def mean_ranks(found: Critical, titles: Mapping[str, str]) -> Table:
    """Return the methods' mean ranks, best first, with the groups, by letter, of those that cannot be told apart.

    Two methods that share a letter cannot be told apart. ``titles``: what tables call the methods.
    """
    letters = dict.fromkeys(found.ranks, "")
    for i, clique in enumerate(found.cliques):
        for name in clique:
            letters[name] += chr(ord("a") + i % 26)
    rows = [[Name(titles[name]), f"{rank:.2f}", letters[name] or "–"] for name, rank in found.ranks.items()]
    return Table(["method", "mean rank", "group"], rows, words=(2,))
