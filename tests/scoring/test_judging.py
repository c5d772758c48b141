"""An example succeeds at its first image within the threat that fools the target, whoever notices."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from benchbox.contracts import Threat
from benchbox.records import Searches
from benchbox.scoring.judging import Judge
from benchbox.scoring.searches import measured

CLEAN = torch.full((3, 1, 2, 2), 0.5)
LABELS = torch.tensor([0, 1, 2])
NEAR, FAR = 0.1, 0.4
USUAL = Threat("inf", 0.2)


def moved(*by: float) -> Tensor:
    return torch.stack([CLEAN[0] + each for each in by])


def judge(threat: Threat = USUAL, goals: Tensor | None = None) -> Judge:
    return Judge(CLEAN, LABELS, goals, threat, 2)


def see(judged: Judge, rows: Tensor, images: Tensor, answers: Tensor, places: Tensor) -> Tensor:
    """Show images that a bare target answered."""
    return judged.see(rows, images, answers, answers.argmax(1) if answers.ndim == 2 else answers, places)


def test_where_a_defence_says_otherwise_the_target_decides_and_the_attack_believes_what_it_is_told() -> None:
    judged = judge()
    told, own = torch.tensor([1, 0]), torch.tensor([0, 2])
    solved = judged.see(torch.tensor([0, 0]), moved(NEAR, NEAR), told, own, torch.tensor([1, 2]))
    assert solved.tolist() == [True, False]
    assert judged.first.tolist() == [2, 0, 0]


def test_the_first_image_that_fools_within_the_threat_counts() -> None:
    judged = judge()
    rows, places = torch.tensor([0, 0, 1, 0]), torch.tensor([1, 2, 1, 3])
    solved = see(judged, rows, moved(FAR, NEAR, NEAR, 0.0), torch.tensor([1, 1, 1, 2]), places)
    assert solved.tolist() == [False, True, False, True]
    assert judged.first.tolist() == [2, 0, 0]
    assert float(judged.linf[0]) == pytest.approx(NEAR)
    assert judged.late == 0
    see(judged, torch.tensor([0]), moved(NEAR), torch.tensor([2]), torch.tensor([4]))
    assert judged.first.tolist() == [2, 0, 0]
    assert judged.late == 1
    assert torch.equal(judged.examples[1], CLEAN[1])


def test_distance_is_in_the_threats_norm_and_of_what_the_target_sees() -> None:
    by = 0.3  # of four values: an L2 distance of 0.6
    seen = torch.tensor([0]), moved(by), torch.tensor([1]), torch.tensor([1])
    assert see(judge(Threat("2", 0.61)), *seen).tolist() == [True]
    assert see(judge(Threat("2", 0.59)), *seen).tolist() == [False]
    beyond = torch.tensor([0]), moved(7.0), torch.tensor([1]), torch.tensor([1])
    assert see(judge(Threat("inf", 0.5)), *beyond).tolist() == [True]


def test_with_goals_the_goal_alone_counts() -> None:
    judged = judge(goals=torch.tensor([2, 2, 0]))
    probabilities = torch.tensor([[0.1, 0.6, 0.3], [0.1, 0.3, 0.6]])
    assert see(judged, torch.tensor([0, 0]), moved(NEAR, NEAR), probabilities, torch.tensor([1, 2])).tolist() == [
        False,
        True,
    ]
    assert judged.first.tolist() == [2, 0, 0]


def test_the_unsolved_count_as_the_budget_and_a_substitute_in_all() -> None:
    found = Searches(
        [7, 8, 9, 4], [-1] * 4, [3, 20, 12, 20], [3, 0, 12, 20], [0.1, None, 0.2, 0.2], [0.2, None, 0.3, 0.3]
    )
    rows = measured(found, [2.0, float("nan"), 3.0, 3.0], (10, 20), 150, 8.0)
    values = {(m.metric, m.budget): (m.value, m.n, m.spent) for m in rows}
    assert values["query_success", 10] == (0.25, 4, 150 + 3 + 10 + 10 + 10)
    assert values["query_success", 20] == (0.75, 4, 150 + 55)
    assert values["queries_in_all", 20][0] == 205
    assert values["queries_mean", 10][0] == (3 + 10 + 10 + 10) / 4
    assert values["queries_mean", 20][0] == (3 + 20 + 12 + 20) / 4
    assert values["queries_median", 20][0] == 16
    assert values["queries_solved_mean", 20][:2] == ((3 + 12 + 20) / 3, 3)
    assert values["queries_solved_median", 10][:2] == (3, 1)
    assert values["linf_max", 20][:2] == (0.2, 3)
    assert values["seconds_per_example", 20][:2] == (2.0, 4)
    assert found.histogram((10, 20)) == [1, 2]


def test_where_nothing_is_solved_there_is_no_mean_over_the_solved() -> None:
    rows = measured(Searches([0], [-1], [5], [0], [None], [None]), [float("nan")], (5,), 0, 1.0)
    assert {m.metric: m.value for m in rows if m.metric.startswith("quer")} == {
        "query_success": 0.0,
        "queries_mean": 5.0,
        "queries_median": 5.0,
        "queries_in_all": 5.0,
    }
