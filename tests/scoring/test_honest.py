"""What a defence costs: shares of a thief's queries, and what an honest client is told beside the bare target's answers."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from benchbox.contracts import Access, Defence, Told
from benchbox.records import Measurement
from benchbox.scoring.defended import calibration, honest, watched
from benchbox.target.guard import Guard
from benchbox.target.meter import MeteredOracle

SHAPE = (1, 1, 2)
IMAGES = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])[:, None, None]
LABELS = torch.tensor([0, 1, 1, 0])  # the target is wrong about the second


def bare(images: Tensor, access: Access) -> Tensor:
    """Say an image's two values."""
    said = images.flatten(1)
    return said.argmax(1) if access is Access.LABEL else said


class Shift(Defence):
    """Moves a tenth to the second class, and blocks and raises alarms at chosen places."""

    name = "shift"

    def __init__(self, alarms: tuple[int, ...] = (), blocks: tuple[int, ...] = (), by: float = 0.1) -> None:
        super().__init__()
        self.asked, self.by, self._alarms, self._blocks = 0, by, torch.tensor(alarms), torch.tensor(blocks)

    def answer(self, images: Tensor, probabilities: Tensor, rng: torch.Generator) -> Told:
        places = self.asked + torch.arange(1, len(images) + 1)
        self.asked += len(images)
        moved = probabilities + torch.tensor([-self.by, self.by])
        return Told(moved, torch.isin(places, self._alarms), torch.isin(places, self._blocks))


def told(
    defence: Defence, access: str = "probabilities", *, ends: bool = False, copies: int = 1
) -> dict[str, tuple[float | None, int]]:
    images, labels = IMAGES.repeat(copies, 1, 1, 1), LABELS.repeat(copies)
    meter = MeteredOracle(bare, access, len(images), SHAPE, "an honest client", Guard(defence, 0, ends=ends))
    found = honest(meter, bare, images, labels, 20)
    assert {(m.attack, m.budget, m.spent) for m in found} == {("", 20, 0)}
    return {m.metric: (m.value, m.n) for m in found}


def test_a_thiefs_alarms_and_blocks_are_shares_of_its_own_queries() -> None:
    counts = {"asked": 40, "alarms": 10, "first": 7, "blocked": 4}
    assert watched(counts, 50, 40) == [
        Measurement("alarms", "", 50, 40, 0.25, 40),
        Measurement("blocked", "", 50, 40, 0.1, 40),
        Measurement("first_alarm", "", 50, 40, 7.0, 1),
    ]
    assert watched({**counts, "alarms": 0, "first": 0}, 50, 40)[2].value is None
    assert watched({}, 50, 40) == watched(dict.fromkeys(counts, 0), 50, 0) == []


def test_an_honest_client_loses_what_is_moved_and_what_is_blocked() -> None:
    found = told(Shift(alarms=(2, 4), blocks=(1,), by=0.15))
    assert found["bare_accuracy"] == (0.75, 4)
    assert found["honest_accuracy"] == (0.25, 4)  # the first is blocked, the last is told the other class
    assert found["honest_changed"] == (0.5, 4)
    assert found["honest_distance"] == (pytest.approx(0.15), 3)
    assert found["false_alarms"] == (0.5, 4)
    assert found["false_first_alarm"] == (2.0, 1)


def test_where_the_label_alone_is_told_nothing_is_said_of_confidence() -> None:
    found = told(Shift(by=0.15), "label")
    assert (found["honest_accuracy"], found["honest_changed"]) == ((0.5, 4), (0.25, 4))
    assert not found.keys() & {"honest_calibration", "bare_calibration", "honest_distance"}


def test_what_is_blocked_in_a_later_request_is_counted_there() -> None:
    found = told(Shift(blocks=(102, 103), by=0.0), copies=50)  # a request holds a hundred
    assert found["honest_changed"] == (pytest.approx(2 / 200), 200)
    assert found["honest_accuracy"] == (pytest.approx((150 - 1) / 200), 200)  # of the two, one was right
    assert found["honest_distance"] == (0.0, 198)


def test_a_client_that_is_banned_is_answered_nothing_more() -> None:
    found = told(Shift(alarms=(102,), blocks=(102,), by=0.0), ends=True, copies=75)
    assert found["honest_changed"] == (pytest.approx(1 - 101 / 300), 300)
    assert found["false_alarms"] == (pytest.approx(1 / 102), 102)
    nobody = told(Shift(blocks=(1,)), ends=True)
    assert nobody["honest_accuracy"] == (0.0, 4)
    assert nobody["honest_calibration"] == nobody["honest_distance"] == (None, 0)


def test_calibration_is_the_gap_between_confidence_and_accuracy_bin_by_bin() -> None:
    sure = torch.tensor([0.95, 0.95, 0.95, 0.95, 0.6, 0.6, 1.0])
    probabilities, labels = torch.stack([sure, 1 - sure], 1), torch.tensor([0, 0, 0, 1, 0, 1, 0])
    # three of four right at 0.95, which share the last bin with one at 1, and one of two at 0.6
    expected = (abs(4 * 0.95 + 1 - 4) + abs(2 * 0.6 - 1)) / 7
    assert calibration(probabilities, labels) == pytest.approx(expected)
