"""Success definitions against hand-counted examples."""

from __future__ import annotations

import numpy as np
import pytest

from benchbox.errors import SuiteError, UnknownNameError
from benchbox.scoring.success import Outcome, check_success, rate


def classes(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


UNTARGETED = Outcome(
    true=classes(0, 1, 2, 3),
    goal=None,
    clean=classes(0, 1, 2, 0),  # the target is wrong about the last one
    target=classes(5, 1, 3, 3),
    substitute=classes(9, 9, 9, 9),
)
TARGETED = Outcome(
    true=classes(0, 2, 3, 4, 1),
    goal=classes(1, 1, 1, 1, 1),
    clean=classes(0, 2, 1, 4, 1),  # the third and fifth already are class 1
    target=classes(1, 7, 1, 4, 1),
    substitute=classes(1, 1, 1, 4, 1),  # the fourth does not fool the substitute
)


@pytest.mark.parametrize(
    ("name", "outcome", "value", "n"),
    [
        ("asr_untargeted", UNTARGETED, 2 / 3, 3),
        (
            "nsuc_over_nall",
            UNTARGETED,
            3 / 4,
            4,
        ),  # the last one's answer changes, from one wrong class to the right one
        ("error_untargeted", UNTARGETED, 2 / 4, 4),
        ("asr_targeted", TARGETED, 1 / 3, 3),
        ("nsuc_over_nall", TARGETED, 3 / 5, 5),
        ("drmi_nondiag", TARGETED, 3 / 4, 4),
        ("drmi_hit", TARGETED, 3 / 4, 4),
    ],
)
def test_each_definition_counts_what_its_source_counts(name: str, outcome: Outcome, value: float, n: int) -> None:
    assert rate(name, outcome) == (pytest.approx(value), n)


def test_the_two_drmi_rules_differ_where_the_target_says_a_third_class() -> None:
    third = Outcome(classes(0, 2), classes(1, 1), classes(0, 2), classes(1, 7), classes(1, 1))
    assert rate("drmi_nondiag", third)[0] == 1.0
    assert rate("drmi_hit", third)[0] == 0.5


def test_an_image_that_the_target_gets_wrong_anyway_is_no_success_of_an_attack() -> None:
    wrong_all_along = Outcome(classes(1, 1), None, classes(2, 1), classes(2, 1), classes(2, 1))
    assert rate("nsuc_over_nall", wrong_all_along) == (0.0, 2)
    assert rate("error_untargeted", wrong_all_along) == (0.5, 2)


def test_the_drmi_rates_are_one_share_of_all_examples_not_a_mean_over_classes() -> None:
    uneven = Outcome(
        classes(0, 0, 0, 2), classes(1, 1, 1, 1), classes(0, 0, 0, 2), classes(1, 1, 0, 2), classes(1, 1, 1, 1)
    )
    assert rate("drmi_nondiag", uneven) == (0.5, 4)  # the mean over classes would be a third


def test_nothing_to_count_is_no_number() -> None:
    none = Outcome(classes(1), None, classes(2), classes(2), classes(2))
    assert rate("asr_untargeted", none) == (None, 0)


def test_a_definition_for_the_other_kind_of_attack_is_refused() -> None:
    with pytest.raises(SuiteError, match="does not fit the goal 'untargeted'"):
        check_success("drmi_hit", "untargeted", "suite 'x'")
    with pytest.raises(UnknownNameError, match="did you mean 'asr_targeted'"):
        check_success("asr_targetd", "class:1", "suite 'x'")
