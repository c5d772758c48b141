"""A defence at the table: what contestants are answered, what a block comes to, what is measured."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
import torch
from benchbox_plugins.generators.mend import Mend
from torch import Tensor

from benchbox.contracts import Access, Blocked, Defence, Game, Generator, QueryAttack, SearchGame, Selector, Told
from benchbox.errors import PluginError
from benchbox.records import LedgerRow
from benchbox.testing.arena import House, Played, play
from benchbox.testing.keeper import Keeper, Killed


class Wall(Defence):
    """Blocks every eighth image that a client asks."""

    name = "wall"
    needs = Access.LABEL

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        places = self.asked + torch.arange(1, len(images) + 1)
        self.asked += len(images)
        return Told(probabilities, places % 8 == 0, places % 8 == 0)


class Liar(Defence):
    """Says the class behind the target's."""

    name = "liar"

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        return Told(probabilities.roll(1, 1))


class Rows(Selector):
    """Takes rows as they come."""

    name = "rows"

    def select(self, game: Game, k: int) -> Tensor:
        return torch.arange(k)


class Adaptive(Rows):
    """Asks what it chooses, five by five."""

    name = "adaptive"
    nested = False

    def select(self, game: Game, k: int) -> Tensor:
        assert game.pool is not None
        for start in range(0, k, 5):
            game.oracle.query(game.pool.images[start : min(start + 5, k)])
        return torch.arange(k)


class Asking(Generator):
    """Asks four images a round, and counts the answers that it got."""

    name = "asking"

    def setup(self, game: Game) -> None:
        self.substitute = game.new_substitute()
        self.got = 0

    def round(self, game: Game) -> bool:
        try:
            answers = game.oracle.query(torch.rand((4, *game.shape), generator=game.rng))
        except Blocked as blocked:
            answers = blocked.answers
            if blocked.ends:
                self.got += len(answers)
                game.log(got=self.got)
                return False
        self.got += len(answers)
        game.log(got=self.got)
        return True


class Pressing(Asking):
    """Goes on asking behind a block that ends the game, and swallows what it is told."""

    name = "pressing"

    def round(self, game: Game) -> bool:
        for _ in range(3):
            with suppress(Blocked):
                game.oracle.query(torch.rand((4, *game.shape), generator=game.rng))
        return True


class Corners(QueryAttack):
    """Asks a corner of the threat for every image, again and again."""

    name = "corners"
    needs = Access.LABEL

    def search(self, game: SearchGame, images: Tensor, labels: Tensor) -> None:
        rows = torch.arange(len(images))
        while len(rows := rows[game.remaining(rows) > 0]):
            signs = 2.0 * torch.randint(2, images[rows].shape, generator=game.rng) - 1
            asked = game.ask(rows, (images[rows] + game.threat.radius * signs).clamp(0, 1))
            assert len(asked.answers) == int(asked.kept.sum())
            game.log(kept=float(asked.kept.float().mean()))


def value(played: Played, metric: str, budget: int) -> float | None:
    (found,) = [m.value for m in played.result.measurements if (m.metric, m.budget) == (metric, budget)]
    return found


def paid(rows: list[LedgerRow]) -> list[tuple[int, str, int]]:
    return [(row.budget, row.phase, row.queries) for row in rows]


WALL = House(budgets=(6, 20), defence=Wall())


def test_a_block_ends_a_selectors_game_and_what_was_answered_before_is_learnt() -> None:
    played = play(Rows(), WALL)
    assert paid(played.result.ledger) == [(6, "chosen", 6), (20, "chosen", 7)]
    assert [value(played, "first_alarm", budget) for budget in (6, 20)] == [None, 8.0]
    assert value(played, "alarms", 20) == value(played, "blocked", 20) == 1 / 8


def test_where_a_block_costs_the_rest_is_answered_and_all_is_paid_for() -> None:
    played = play(Rows(), replace(WALL, block_ends=False))
    assert paid(played.result.ledger) == [(6, "chosen", 6), (20, "chosen", 18), (20, "blocked", 2)]
    assert [m.spent for m in played.result.measurements if m.metric == "accuracy"] == [6, 20]
    assert value(played, "blocked", 20) == 2 / 20


@pytest.mark.parametrize("ends", [True, False])
def test_an_adaptive_choice_that_a_block_ends_is_learnt_from_what_was_answered(ends: bool) -> None:
    played = play(Adaptive(), replace(WALL, block_ends=ends))
    answered = [(20, "main", 7)] if ends else [(20, "main", 9), (20, "blocked", 1)]
    assert paid(played.result.ledger) == [(6, "main", 6), *answered]


def test_a_generator_reads_what_was_answered_and_goes_on_where_it_may() -> None:
    house = House(budgets=(20,), defence=Wall())
    ended, costly = play(Asking(), house), play(Asking(), replace(house, block_ends=False))
    assert [note.value for note in ended.result.diagnostics] == [4, 7]
    assert [note.value for note in costly.result.diagnostics] == [4, 7, 11, 14, 18]
    assert sum(row.queries for row in costly.result.ledger) == 20


def test_whoever_goes_on_asking_behind_a_block_that_ends_the_game_is_refused() -> None:
    with pytest.raises(PluginError, match="swallowed BudgetExceeded"):
        play(Pressing(), House(budgets=(20,), defence=Wall()))


def test_a_query_attacks_blocked_images_are_paid_for_by_their_rows() -> None:
    house = House(budgets=(3,), defence=Wall(), block_ends=False)
    played = play(Corners(), house)
    searches = played.result.searches
    assert searches is not None
    assert set(searches.asked) == {3}
    (blocked,) = [row.queries for row in played.result.ledger if row.phase == "blocked"]
    assert blocked == sum(searches.asked) // 8
    ended = play(Corners(), replace(house, block_ends=True))
    assert ended.result.searches is not None
    assert sum(ended.result.searches.asked) == 7


def test_scores_are_against_the_bare_target_and_examples_count_by_it() -> None:
    honest, lied = play(Rows(), House(budgets=(60,))), play(Rows(), House(budgets=(60,), defence=Liar()))
    fair, low = value(honest, "fidelity", 60), value(lied, "fidelity", 60)
    assert fair is not None and low is not None
    assert low < 0.3 < fair
    assert value(lied, "honest_accuracy", 60) == 0
    assert value(lied, "honest_changed", 60) == 1
    plain, told = (play(Corners(), House(budgets=(3,), defence=wall)) for wall in (None, Liar()))
    assert plain.result.searches is not None and told.result.searches is not None
    assert plain.result.searches.first == told.result.searches.first


def test_an_honest_clients_cost_is_measured_beside_the_bare_target() -> None:
    played = play(Rows(), replace(WALL, access=Access.PROBABILITIES, block_ends=False))
    assert value(played, "false_alarms", 20) == 7 / 60
    assert value(played, "false_first_alarm", 20) == 8
    bare, honest = value(played, "bare_accuracy", 20), value(played, "honest_accuracy", 20)
    assert bare is not None and honest is not None
    assert bare - honest == pytest.approx(7 / 60, abs=0.05)
    assert value(played, "honest_distance", 20) == 0
    assert not [m for m in play(Rows(), House()).result.measurements if m.metric.startswith("honest")]


@pytest.mark.parametrize("method", [Asking, Corners])
def test_a_killed_game_goes_on_with_the_defences_memory(method: type[Asking] | type[Corners]) -> None:
    house = House(budgets=(3,) if method is Corners else (40,), defence=Wall(), block_ends=False)
    whole, keeper = play(method(), house), Keeper(2)
    with pytest.raises(Killed):
        play(method(), house, keeper)
    assert play(method(), house, Keeper(kept=keeper.kept)).result.ledger == whole.result.ledger


@pytest.mark.parametrize("access", list(Access))
def test_a_thief_who_knows_leaves_out_what_is_blocked(access: Access) -> None:
    house = House(budgets=(30, 60), defence=Wall(), block_ends=False, access=access)
    costly = play(Mend(Mend.Options(copies=3)), house)
    assert [sum(row.queries for row in costly.result.ledger if row.budget == budget) for budget in (30, 60)] == [30, 60]
    ended = play(Mend(Mend.Options(copies=3)), replace(house, block_ends=True))
    fresh = play(Asking(), replace(house, budgets=(1,), defence=None)).weights
    assert sum(row.queries for row in ended.result.ledger if row.budget == 30) == 7
    assert len({fresh, costly.weights, ended.weights}) == 3, "both learnt, from what was answered"
