"""The page of the committed store: small, quiet, and as narrow as a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import NARROW, WIDE, Open

pytestmark = pytest.mark.browser

LIMIT = 3_000_000


def test_the_committed_page_is_under_three_megabytes(committed: Path) -> None:
    assert committed.stat().st_size < LIMIT


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_route_of_the_committed_page_shows_one_title_and_fits(visits: Open, committed: Path, width: int) -> None:
    one = visits(committed, width=width)
    page = one.go()
    routes = page.evaluate("[...document.querySelectorAll('.page')].map((page) => '#' + page.id)")
    wide = []
    for address in routes:
        page.evaluate("(address) => { location.hash = address }", address)
        page.wait_for_function("(id) => document.getElementById(id).checkVisibility()", arg=address[1:])
        assert page.locator("h1:visible").count() == 1, address
        if one.overflow() > 0:
            wide.append(address)
    assert wide == []
    assert len(routes) > 10
