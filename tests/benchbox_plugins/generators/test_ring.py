"""The ring: it holds what a list of the last rows would hold, before and after it is full, and after a resume."""

from __future__ import annotations

import io

import pytest
import torch
from benchbox_plugins.generators._ring import Ring


@pytest.mark.parametrize("sizes", [[3], [4, 3], [7], [20], [3, 4, 9, 1, 30, 2]])
def test_it_holds_the_last_rows_from_the_oldest_on(sizes: list[int]) -> None:
    ring, listed = Ring(7), torch.empty(0, 2)
    for i, n in enumerate(sizes):
        rows = torch.randn(n, 2, generator=torch.Generator().manual_seed(i))
        ring.add(rows)
        listed = torch.cat([listed, rows])[-7:]
        assert len(ring) == len(listed)
        assert torch.equal(ring.all(), listed)
        ages = torch.tensor([len(listed) - 1, 0])
        assert torch.equal(ring[ages], listed[ages])


def test_one_that_was_saved_goes_on() -> None:
    ring, other = Ring(4), Ring(4)
    ring.add(torch.arange(6))
    file = io.BytesIO()
    torch.save(ring.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    other.add(torch.tensor([9]))
    assert other.all().tolist() == [3, 4, 5, 9]


def test_one_of_no_rows_keeps_none() -> None:
    ring = Ring(0)
    ring.add(torch.arange(3))
    assert len(ring) == 0
    assert len(ring.all()) == 0
