"""What a replicate draws: its target, and its pool."""

from __future__ import annotations

from typing import Any

from plan_samples import Zoo


def test_a_replicate_draws_its_target_and_all_methods_of_it_attack_that(planned: Any) -> None:
    cells = [p.cell for p in planned(sources=Zoo()) if p.scenario == "real data"]
    assert {(cell.seed, cell.scenario.target.name) for cell in cells} == {
        (0, "digits/lenet5"),
        (1, "digits/lenet5+seed=1"),
    }
    assert len({cell.scenario.target.sha256 for cell in cells}) == 2


def test_a_file_may_give_all_seeds_one_target(planned: Any) -> None:
    one = planned(('{ model = "lenet5" }', '{ model = "lenet5", seed = 3 }'), sources=Zoo())
    assert {p.cell.scenario.target.name for p in one if p.scenario == "real data"} == {"digits/lenet5+seed=3"}


def test_a_replicate_draws_its_pool_and_its_target_was_trained_without_that(planned: Any) -> None:
    def drawn(pool: str, target: str = "") -> list[tuple[str, int]]:
        change = ('target = { model = "lenet5" }\nsubstitute = "lenet5"\naccess = "label"\npool = {}', "")
        change = (change[0], change[0].replace("{}", pool).replace('"lenet5" }', f'"lenet5"{target} }}'))
        cells = [p.cell for p in planned(change, sources=Zoo()) if p.scenario == "real data" and p.label == "random"]
        return [(cell.scenario.target.name, cell.scenario.pool_draw) for cell in cells]

    assert drawn("{}") == [("digits/lenet5", 0), ("digits/lenet5+seed=1", 0)]
    assert drawn("{ size = 30 }", ", seed = 0") == [("digits/lenet5", 0), ("digits/lenet5", 1)]
    names = ["digits/lenet5+holdout=30", "digits/lenet5+seed=1+holdout=30"]
    assert drawn("{ size = 30, disjoint = true }") == [(names[0], 0), (names[1], 1)]
    assert drawn("{ size = 30, disjoint = true }", ", seed = 1") == [(names[1], 1)] * 2


def test_another_draw_of_the_pool_is_another_cell(planned: Any) -> None:
    cells = [p.cell for p in planned(("pool = {}", "pool = { size = 30 }")) if p.label == "random"]
    again = [cell.model_copy(update={"seed": 0}) for cell in cells]
    assert again[0].id != again[1].id
    whole = planned()[0].cell
    assert "draw" not in whole.identity["scenario"]["pool"]
