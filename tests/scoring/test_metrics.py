"""The one table of metrics, which reports, the gate and merging ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchbox.scoring.metrics import DISTANCES, METRICS, SHARE, VOLATILE, distance_text, metric
from benchbox.scoring.success import DEFINITIONS


def test_every_success_definition_is_a_share_that_the_gate_judges_more_leniently_than_accuracy() -> None:
    accuracy = metric("accuracy").floor
    assert accuracy is not None
    for name, definition in DEFINITIONS.items():
        found = metric(name)
        assert (found.unit, found.better, found.summary) == (SHARE, "higher", definition.summary)
        assert found.floor is not None
        assert found.floor > accuracy


def test_only_times_differ_from_run_to_run() -> None:
    assert {"seconds_per_example", "attack_seconds"} == VOLATILE


def test_the_gate_judges_no_time_loss_or_distance() -> None:
    judged = {m.name for m in METRICS.values() if m.floor is not None}
    assert judged == {"accuracy", "top5_accuracy", "fidelity", "query_success", *DEFINITIONS}


@pytest.mark.parametrize(
    ("name", "value", "shown", "stored"),
    [
        ("accuracy", 0.95678, "95.7", "0.9568"),
        ("test_loss", 0.12345, "0.123", "0.1235"),
        ("seconds_per_example", 0.0012345, "0.0012", "0.00123"),
        ("linf_max", 0.3000001, "0.3", "0.3000"),
        ("l0_mean", 410.25, "410", "410.2"),
    ],
)
def test_a_value_is_written_as_its_unit_is(name: str, value: float, shown: str, stored: str) -> None:
    assert metric(name).unit.text(value) == shown
    assert metric(name).stored(value) == stored


def test_no_value_is_a_dash() -> None:
    assert metric("accuracy").unit.text(float("nan")) == "–"
    assert metric("accuracy").stored(float("nan")) == "-"


def test_a_name_of_another_benchbox_is_shown_and_never_judged() -> None:
    found = metric("lpips_of_tomorrow")
    assert (found.better, found.floor, found.deterministic) == ("neither", None, True)
    assert found.unit is not SHARE
    assert found.unit.text(0.5) == "0.5"


def test_distances_are_one_line() -> None:
    found = {"linf_mean": 0.26, "linf_max": 0.26, "l2_mean": 5.1, "l2_max": 5.33, "l0_mean": 410.4, "l0_max": 784.0}
    assert distance_text(found) == "L-inf 0.26 (largest 0.26), L2 5.1 (largest 5.33), L0 410 (largest 784) values"
    assert set(found) == DISTANCES
    assert distance_text({"accuracy": 1.0}) == ""


def test_the_table_needs_no_torch() -> None:
    code = "import sys; import benchbox.scoring.metrics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
