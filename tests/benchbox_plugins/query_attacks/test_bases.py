from __future__ import annotations

import pytest
import torch
from benchbox_plugins.query_attacks.bases import Bases
from benchbox_plugins.query_attacks.transfer import Transfer

from benchbox.contracts import Access, Grant
from benchbox.errors import NotApplicable
from benchbox.records import Searches
from benchbox.testing.arena import House, play

HOUSE = House(budgets=(1, 40), access=Access.PROBABILITIES, uses={Grant.SUBSTITUTE}, surrogates=3)


def searched(house: House, attack: Bases | Transfer) -> Searches:
    found = play(attack, house).result.searches
    assert found is not None
    return found


def test_one_substitute_cannot_be_weighed() -> None:
    with pytest.raises(NotApplicable, match="bases weighs several networks against each other"):
        searched(House(access=Access.PROBABILITIES, uses={Grant.SUBSTITUTE}), Bases())


def test_a_search_for_weights_solves_what_equal_weights_do_not() -> None:
    found = searched(HOUSE, Bases(Bases.Options(local_steps=1, step=1.0)))
    solved = torch.tensor(found.first)
    assert (solved == 1).sum() < (solved > 0).sum()


def test_it_ends_where_no_weight_helps_and_leaves_the_rest_of_the_budget() -> None:
    found = searched(House(**{**vars(HOUSE), "budgets": (2000,), "norm": "2"}), Bases(Bases.Options(local_steps=1)))
    unsolved = [asked for asked, first in zip(found.asked, found.first, strict=True) if not first]
    assert unsolved
    assert max(unsolved) < 2000


def test_a_transferred_example_is_asked_once() -> None:
    found = searched(HOUSE, Transfer())
    assert set(found.asked) == {1}
    assert any(found.first)


def test_several_networks_transfer_as_one_ensemble() -> None:
    alone, together = (
        searched(House(**{**vars(HOUSE), "surrogates": n}), Transfer(Transfer.Options(local_steps=20))) for n in (1, 3)
    )
    assert alone.first != together.first
