from __future__ import annotations

import pytest
import torch
from benchbox_plugins.query_attacks.rgf import PRgf

from benchbox.contracts import Access, Grant
from benchbox.records import Status
from benchbox.testing.arena import House, play


def test_a_substitute_that_says_nothing_ends_no_game(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probes along its gradient, zeros, told nothing, and grew until float32 ended: the cell failed."""
    monkeypatch.setattr(PRgf, "_prior", lambda self, game, crowd, rows, now: torch.zeros_like(now))
    house = House(budgets=(1500,), access=Access.PROBABILITIES, uses={Grant.SUBSTITUTE}, norm="2")
    result = play(PRgf(PRgf.Options(probes=1)), house).result
    assert result.status is Status.DONE
