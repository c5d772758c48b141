"""A query attack's match: who is searched, what is counted, what a substitute costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import ClassVar

import pytest
import torch
from torch import Tensor

from benchbox.contracts import Access, Grant, QueryAttack, SearchGame
from benchbox.errors import NotApplicable, PluginError
from benchbox.target.phases import CORE_PHASES
from benchbox.testing.arena import House, Played, play
from benchbox.testing.toys import toy_images, toy_surrogates, toy_target

HOUSE = House(budgets=(5, 20))


class Walk(QueryAttack):
    """Asks random corners until it is told to be done."""

    name = "walk"
    needs = Access.LABEL

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        rows = torch.arange(len(images))
        while len(rows := rows[game.remaining(rows) > 0]):
            signs = 2.0 * torch.randint(2, images[rows].shape, generator=game.rng) - 1
            asked = game.ask(rows, (images[rows] + game.threat.radius * signs).clamp(0, 1))
            assert asked.kept.all()
            rows = rows[~asked.solved]


class Blind(Walk):
    """Never looks at what it is told, and asks until it is refused."""

    name = "blind"

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        rows = torch.arange(len(images)).repeat(3)
        while True:
            game.ask(rows, images.repeat(3, 1, 1, 1))


class Helped(Walk):
    """Reads the substitute."""

    name = "helped"

    def wants(self) -> Collection[Grant]:
        return {Grant.SUBSTITUTE}

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        assert not game.substitute.training
        super().search(game, images, labels)


class Unsaid(Walk):
    """Reads what it does not say that it uses."""

    name = "unsaid"
    reads: ClassVar[str]

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        getattr(game, self.reads)


def paid(played: Played) -> dict[str, int]:
    return {row.phase: row.queries for row in played.result.ledger}


def test_the_ledger_the_counts_and_a_counter_around_the_target_are_equal() -> None:
    played = play(Walk(), HOUSE)
    found = played.result.searches
    assert found is not None
    clean = len(toy_images(60, 2)[1])
    assert sum(found.asked) == paid(played)["main"] == played.answered - clean
    assert found.late == 0
    assert all(first in (0, asked) for first, asked in zip(found.first, found.asked, strict=True))


def test_images_that_the_target_gets_wrong_are_not_searched() -> None:
    images, labels = toy_images(60, 2)
    right = (toy_target()(images).argmax(1) == labels).nonzero()[:, 0].tolist()
    found = play(Walk(), HOUSE).result.searches
    assert found is not None
    assert found.rows == right


def test_a_search_may_ask_until_it_is_refused_and_pays_its_budget() -> None:
    found = play(Blind(), HOUSE).result.searches
    assert found is not None
    assert set(found.asked) == {20}
    assert not any(found.first)


def test_a_granted_substitute_is_in_the_total_and_in_no_example() -> None:
    plain, helped = play(Walk(), HOUSE), play(Helped(), House(budgets=(5, 20), uses={Grant.SUBSTITUTE}))
    assert paid(helped)[CORE_PHASES[2]] == 60
    assert plain.result.searches == helped.result.searches
    spent = [{m.budget: m.spent for m in p.result.measurements if m.metric == "query_success"} for p in (plain, helped)]
    assert spent[1] == {budget: n + 60 for budget, n in spent[0].items()}


def test_ready_surrogates_are_given_as_they_are_and_cost_nothing() -> None:
    seen: list[dict[str, Tensor]] = []

    class Looks(Helped):
        """Looks at what it is given."""

        name = "looks"

        def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
            assert game.substitute is game.substitutes[0]
            assert not any(network.training for network in game.substitutes)
            seen[:] = [dict(network.state_dict()) for network in game.substitutes]

    played = play(Looks(), House(budgets=(5,), uses={Grant.SUBSTITUTE}, surrogates=3))
    for found, given in zip(seen, toy_surrogates(3), strict=True):
        assert all(torch.equal(found[name], weights) for name, weights in given.items())
    assert paid(played) == {}


@pytest.mark.parametrize("what", ["substitute", "unlabelled"])
def test_what_is_not_asked_for_is_refused(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Unsaid, "reads", what, raising=False)
    with pytest.raises(PluginError, match=rf"'unsaid' read game\.{what} and does not say so; .* Grant.{what.upper()}"):
        play(Unsaid(), HOUSE)


def test_who_says_so_learns_from_the_pools_images_without_asking() -> None:
    class Learns(Walk):
        """Looks at images that it does not ask about."""

        name = "learns"

        def wants(self) -> Collection[Grant]:
            return {Grant.UNLABELLED}

        def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
            assert game.pool is not None and torch.equal(game.unlabelled, game.pool.images)
            super().search(game, images, labels)

    assert (
        play(Learns(), replace(HOUSE, uses={Grant.UNLABELLED})).result.searches == play(Walk(), HOUSE).result.searches
    )


def test_who_has_asked_cannot_say_that_it_is_not_applicable() -> None:
    class Late(Walk):
        """Looks first."""

        name = "late"

        def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
            game.ask(torch.arange(len(images)), images)
            raise NotApplicable("no luck")

    with pytest.raises(PluginError, match="after it had begun to play"):
        play(Late(), HOUSE)
