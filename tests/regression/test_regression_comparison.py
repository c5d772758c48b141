"""Verdicts: what is worse, what is noise, what is missing, and what cannot be compared."""

from __future__ import annotations

import math
from typing import Any, Protocol

import pytest
from regression_samples import ATTACK, OLD, Make
from store_samples import ref

from benchbox.contracts import Threat
from benchbox.errors import BenchboxError, StoreError
from benchbox.images.pool import PoolRule
from benchbox.regression import Baseline, Comparison, Verdict, as_data, compare, freeze, markdown, red_lines, summary
from benchbox.suites import Cell, PluginRef
from benchbox.suites.cell import SCORING_VERSION, PriorPlan, SearchPlan, TargetRef
from benchbox.target.response import Response


def shifted(by: float) -> list[float]:
    return [value + by for value in OLD]


class Compared(Protocol):
    def __call__(self, now: dict[str, Any], floor: float | None = None, **more: Any) -> Comparison: ...


@pytest.fixture
def compared(make: Make, old: Baseline) -> Compared:
    """Compare a store of these values with the baseline."""
    return lambda now, floor=None, **more: compare(old, make("now", now, **more), floor=floor)


def verdicts(found: Comparison) -> dict[tuple[str, int], str]:
    return {(row.metric, row.budget): row.verdict.value for row in found.rows}


def test_the_same_results_are_the_same_to_the_last_digit(compared: Compared) -> None:
    found = compared({"drmi": OLD})
    assert {row.difference for row in found.rows} == {0.0}
    assert (found.failed, found.counts) == (False, {Verdict.SAME: 3})
    assert summary(found) == "green: 3 metrics of suite 'trial': 3 same"


@pytest.mark.parametrize(
    ("by", "floor", "accuracy", "success"),
    [
        (-0.05, None, "worse", "worse"),
        (0.05, None, "better", "better"),
        (-0.015, None, "worse", "same"),  # beyond a point, within the two of attack success
        (-0.005, None, "same", "same"),
        (-0.015, 0.03, "same", "same"),
        (-0.005, 0.0, "worse", "worse"),
    ],
)
def test_a_steady_change_counts_from_its_floor(
    compared: Compared, by: float, floor: float | None, accuracy: str, success: str
) -> None:
    found = compared({"drmi": shifted(by)}, floor)
    assert verdicts(found) == {
        ("accuracy", 50): accuracy,
        ("accuracy", 100): accuracy,
        ("asr_untargeted", 100): success,
    }
    assert found.failed == ("worse" in (accuracy, success))


def test_a_large_but_noisy_change_is_no_alarm(compared: Compared) -> None:
    noisy = [value + by for value, by in zip(OLD, [-0.18, 0.1, -0.12, 0.07, -0.06, 0.0], strict=True)]
    found = compared({"drmi": noisy})
    assert {row.verdict for row in found.rows} == {Verdict.SAME}
    assert all(abs(row.difference) > 0.02 and 0.1 < row.band < 0.2 for row in found.rows)


def test_a_band_wider_than_twenty_points_is_no_green(compared: Compared) -> None:
    noisy = [value + by for value, by in zip(OLD, [-0.3, 0.2, -0.2, 0.15, -0.1, 0.0], strict=True)]
    found = compared({"drmi": noisy})
    assert {(row.verdict.value, row.reason) for row in found.rows} == {
        ("cannot judge", "its noise band is wider than 20 points; more seeds narrow it")
    }
    assert found.failed
    assert summary(found) == "red: 3 metrics of suite 'trial': 3 cannot judge"
    assert "- cannot judge: 3 metrics of drmi on digits, real data: its noise band" in markdown(found, "nightly")


def test_two_seeds_do_not_call_a_change_of_33_points_the_same(make: Make) -> None:
    frozen = freeze(make("two", {"drmi": [0.6, 0.7]}), "trial")
    found = compare(frozen, make("now", {"drmi": [0.22, 0.42]}))
    assert {row.verdict for row in found.rows} == {Verdict.UNJUDGED}
    assert found.rows[0].difference == pytest.approx(-0.33)
    assert found.failed


def test_what_is_beyond_even_a_wide_band_is_told(make: Make) -> None:
    values = {"drmi": [0.99, 0.95, 0.99]}
    found = compare(freeze(make("high", values), "trial"), make("now", {"drmi": [0.16, 0.18, 0.28]}))
    assert all(row.band > 0.2 for row in found.rows)
    assert {row.verdict for row in found.rows} == {Verdict.WORSE}


@pytest.mark.parametrize("floor", [math.inf, math.nan, -0.01, 0.21])
def test_a_floor_that_lets_anything_pass_is_refused(compared: Compared, floor: float) -> None:
    with pytest.raises(BenchboxError, match=r"a floor of .* points judges nothing: give one from 0 to 20"):
        compared({"drmi": OLD}, floor)


def test_nothing_compared_is_red(make: Make, old: Baseline) -> None:
    found = compare(old.model_copy(update={"groups": ()}), make("now", {"drmi": OLD}))
    assert found.failed
    assert summary(found) == "red: nothing of suite 'trial' was compared"


def test_values_beyond_their_range_are_not_judged(compared: Compared) -> None:
    with pytest.raises(StoreError, match=r"value is 6\.9, not between 0 and 1"):
        compared({"drmi": [7.0, *OLD[1:]]})


@pytest.mark.parametrize("value", [math.nan, 7.0])
def test_a_baseline_in_memory_with_foreign_values_is_not_judged(make: Make, old: Baseline, value: float) -> None:
    group = old.groups[0]
    figure = group.figures[0].model_copy(update={"values": (value, *OLD[1:])})
    frozen = old.model_copy(update={"groups": (group.model_copy(update={"figures": (figure,)}),)})
    (row,) = compare(frozen, make("now", {"drmi": OLD})).rows
    assert row.verdict is Verdict.UNJUDGED


def test_fewer_seeds_are_compared_with_their_own_baseline_values(compared: Compared) -> None:
    found = compared({"drmi": OLD[:3]})
    assert {(row.difference, row.pairs, row.before.n) for row in found.rows} == {(0.0, 3, 3)}


@pytest.mark.parametrize(
    ("now", "more", "reason"),
    [
        ({"random": OLD}, {}, "the store has no such cell of suite 'trial'"),
        ({"drmi": OLD}, {"fail": 4}, "seed 4: ValueError: no (failed)"),
        ({"drmi": [*OLD[:5], None]}, {}, "nothing counted in it at seed 5"),
        ({"drmi": [None] * 6}, {}, "nothing counted in it"),
    ],
)
def test_what_is_missing_is_red(compared: Compared, now: dict[str, Any], more: dict[str, Any], reason: str) -> None:
    found = compared(now, **more)
    assert {(row.verdict, row.reason) for row in found.rows} == {(Verdict.MISSING, reason)}
    assert found.failed
    assert len(red_lines(found)) == 3


def in_scenario(**changes: Any) -> Any:
    return lambda cell: cell.model_copy(update={"scenario": cell.scenario.model_copy(update=changes)})


def test_a_metric_that_this_benchbox_does_not_know_is_no_judge(make: Make, old: Baseline) -> None:
    (group,) = old.groups
    foreign = group.figures[0].model_copy(update={"metric": "lpips"})
    baseline = old.model_copy(update={"groups": (group.model_copy(update={"figures": (foreign,)}),)})
    (row,) = compare(baseline, make("now", {"drmi": OLD})).rows
    assert (row.verdict, row.reason) == (Verdict.MISSING, "this benchbox does not judge it")


def test_an_attack_that_is_no_longer_played_is_missing(make: Make, old: Baseline) -> None:
    group = old.groups[0]
    other = [figure.model_copy(update={"attack": "pgd untargeted"}) for figure in group.figures[2:]]
    frozen = old.model_copy(update={"groups": (group.model_copy(update={"figures": (*group.figures, *other)}),)})
    found = compare(frozen, make("now", {"drmi": OLD}))
    assert [(row.attack, row.reason) for row in found.rows if row.verdict.red] == [
        ("pgd untargeted", "it was not measured")
    ]


def in_seed_2(cell: Cell) -> Cell:
    other = TargetRef(name="digits-lenet5+seed=2", sha256="e" * 64)
    return in_scenario(target=other)(cell) if cell.seed == 2 else cell


def test_each_seed_is_held_against_the_target_that_it_had(make: Make, old: Baseline) -> None:
    now = make("now", {"drmi": OLD}, change=in_seed_2)
    assert {(row.verdict, row.reason) for row in compare(old, now).rows} == {
        (Verdict.RULES, "the target of seed 2 has other weights")
    }
    assert {row.verdict for row in compare(freeze(now, "trial"), now).rows} == {Verdict.SAME}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"budgets": (50, 100, 200)}, "another list of budgets"),
        ({"dataset_hash": "0" * 64}, "another data set"),
        ({"insider": True}, "another insider's view"),
        ({"access": Response("probabilities")}, "another access"),
        ({"pool": PoolRule(size=20)}, "another pool"),
        ({"public": "kmnist", "public_hash": "0" * 64}, "another public data set"),
        ({"target": TargetRef(name="digits-dnn5", sha256="f" * 64)}, "another target"),
        ({"defence": ref("defence", "rounding")}, "another defence (rounding, was none)"),
        ({"search": SearchPlan(threat=Threat("inf", 0.3), goal="untargeted")}, "another threat, goal"),
    ],
)
def test_other_rules_are_red_whatever_the_numbers(compared: Compared, changes: dict[str, Any], words: str) -> None:
    found = compared({"drmi": OLD}, change=in_scenario(**changes))
    assert {(row.verdict, row.reason) for row in found.rows} == {(Verdict.RULES, words)}
    assert found.failed


def test_another_option_of_a_defence_is_another_question_and_a_new_one_is_told(make: Make) -> None:
    frozen = freeze(
        make("then", {"drmi": OLD}, change=in_scenario(defence=ref("defence", "rounding", digits=1))), "trial"
    )

    def now(name: str, **options: Any) -> Comparison:
        return compare(
            frozen, make(name, {"drmi": OLD}, change=in_scenario(defence=ref("defence", "rounding", **options)))
        )

    assert {row.reason for row in now("other", digits=2).rows} == {"another rounding (digits is 2, was 1)"}
    newer = now("newer", digits=1, width=3)
    assert {row.verdict for row in newer.rows} == {Verdict.SAME}
    assert "digits, real data: defence.options.width was absent, is 3" in newer.notes


def test_who_made_what_a_query_attack_starts_from_is_fixed_and_its_version_is_not(make: Make) -> None:
    def started(budget: int = 50, version: int = 1) -> Any:
        prior = PriorPlan(method=ref("selector", "random", version), trainer=ref("trainer", "standard"), budget=budget)
        return in_scenario(search=SearchPlan(threat=Threat("inf", 0.3), goal="untargeted", prior=prior))

    frozen = freeze(make("then", {"drmi": OLD}, change=started()), "trial")
    more = compare(frozen, make("more", {"drmi": OLD}, change=started(budget=100)))
    assert {row.reason for row in more.rows} == {"another substitute to start from"}
    newer = compare(frozen, make("newer", {"drmi": OLD}, change=started(version=2)))
    assert {row.verdict for row in newer.rows} == {Verdict.SAME}


def held(cell: Cell) -> Cell:
    plan = cell.scenario.attacks[0]
    return in_scenario(attacks=(plan.model_copy(update={"threat": Threat("inf", 0.3)}),))(cell)


def test_an_attack_that_another_ball_holds_is_another_question(compared: Compared) -> None:
    found = compared({"drmi": OLD}, change=held)
    assert {(row.verdict, row.reason) for row in found.rows} == {(Verdict.RULES, "another threat of fgsm")}


def with_one_attack_more(cell: Cell) -> Cell:
    (plan,) = cell.scenario.attacks
    more = plan.model_copy(update={"goal": "class:1", "threat": Threat("inf", 0.3)})
    return in_scenario(attacks=(plan, more))(cell)


def test_one_attack_more_is_no_other_question(compared: Compared) -> None:
    found = compared({"drmi": OLD}, change=with_one_attack_more)
    assert {row.verdict for row in found.rows} == {Verdict.SAME}


def test_another_scoring_is_another_question(compared: Compared) -> None:
    found = compared(
        {"drmi": OLD}, change=lambda cell: cell.model_copy(update={"scoring_version": SCORING_VERSION + 1})
    )
    assert {(row.verdict, row.reason) for row in found.rows} == {(Verdict.RULES, "another scoring version")}


def newer(cell: Cell) -> Cell:
    plan = cell.scenario.attacks[0]
    attack = plan.attack.model_copy(update={"version": 2, "options": {"eps": 0.2}})
    return in_scenario(attacks=(plan.model_copy(update={"attack": attack}),))(
        cell.model_copy(update={"method": cell.method.model_copy(update={"version": 3})})
    )


def test_other_versions_and_options_are_told_and_the_numbers_compared(compared: Compared) -> None:
    found = compared({"drmi": shifted(-0.05)}, change=newer)
    assert {row.verdict for row in found.rows} == {Verdict.WORSE}
    assert found.notes[:3] == (
        "digits, real data: attacks.0.attack.options.eps was absent, is 0.2",
        "digits, real data: attacks.0.attack.version was 1, is 2",
        "digits, real data, drmi: version was 1, is 3",
    )


def trained_by(trainer: PluginRef | None) -> Any:
    return lambda cell: cell.model_copy(update={"trainer": trainer})


def test_another_trainer_is_another_question(make: Make, old: Baseline) -> None:
    poisson = trained_by(ref("trainer", "poisson"))
    found = compare(old, make("now", {"drmi": OLD}, change=poisson))
    assert {(row.verdict, row.reason) for row in found.rows} == {
        (Verdict.RULES, "another trainer (poisson, was standard)")
    }
    back = compare(freeze(make("then", {"drmi": OLD}, change=poisson), "trial"), make("back", {"drmi": OLD}))
    assert {row.reason for row in back.rows} == {"another trainer (standard, was poisson)"}


def test_another_version_or_option_of_the_trainer_is_told_and_the_numbers_compared(compared: Compared) -> None:
    found = compared({"drmi": OLD}, change=trained_by(ref("trainer", "standard", 3, updates=100)))
    assert {row.verdict for row in found.rows} == {Verdict.SAME}
    assert found.notes[:2] == (
        "digits, real data, drmi: trainer.options.updates was absent, is 100",
        "digits, real data, drmi: trainer.version was 2, is 3",
    )


def test_a_baseline_of_before_trainers_were_plugins_is_of_the_first_version(make: Make) -> None:
    frozen = freeze(make("then", {"drmi": OLD}, change=trained_by(None)), "trial")
    assert frozen.groups[0].trainer is None
    found = compare(frozen, make("now", {"drmi": OLD}))
    assert {row.verdict for row in found.rows} == {Verdict.SAME}
    assert found.notes[0] == "digits, real data, drmi: trainer.version was 1, is 2"
    same = compare(frozen, make("same", {"drmi": OLD}, change=trained_by(None)))
    assert not [note for note in same.notes if "trainer" in note]


def test_seeds_by_several_trainers_cannot_be_compared(make: Make, old: Baseline) -> None:
    def mixed(cell: Cell) -> Cell:
        return cell if cell.seed else cell.model_copy(update={"trainer": ref("trainer", "standard", 3)})

    store = make("mixed", {"drmi": OLD}, change=mixed)
    reason = "its seeds were played by different rules, versions or trainers"
    assert {(row.verdict, row.reason) for row in compare(old, store).rows} == {(Verdict.RULES, reason)}
    with pytest.raises(BenchboxError, match="were played by different rules, versions or trainers"):
        freeze(store, "trial")


def test_old_results_are_pointed_out(make: Make) -> None:
    store = make("old", {"drmi": OLD})
    assert "run the suite into a fresh store" in compare(freeze(store, "trial"), store).notes[0]


def test_json_has_null_for_what_is_not_there(compared: Compared) -> None:
    data = as_data(compared({"random": OLD}))
    assert (data["failed"], data["counts"]["missing"]) == (True, 3)
    row = data["metrics"][0]
    assert (row["now"], row["difference"], row["verdict"], row["before"]["n"]) == (None, None, "missing", 6)


def test_markdown_shows_what_changed_and_folds_the_rest(compared: Compared) -> None:
    text = markdown(compared({"drmi": shifted(-0.015)}), "nightly")
    assert "compared with baseline `nightly`" in text
    shown, _, folded = text.partition("<details>")
    assert "**red: 3 metrics of suite 'trial': 2 worse, 1 same**" in shown
    assert (shown.count("| worse |"), shown.count("| same |"), folded.count("| same |")) == (2, 0, 1)
    assert f"asr_untargeted, {ATTACK}" in folded
