from __future__ import annotations

from benchbox_plugins.query_attacks.signopt import Signopt

from benchbox.contracts import Access
from benchbox.testing.arena import House, play


def test_it_goes_on_getting_nearer_where_images_are_clipped() -> None:
    """It once took a direction's length for that of the clipped change, and stood still after the first step: 48 of 60."""
    found = play(Signopt(), House(budgets=(3000,), norm="2", access=Access.LABEL)).result.searches
    assert found is not None
    assert sum(first > 0 for first in found.first) >= 55
