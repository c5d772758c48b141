"""The tutorial on generators, attacks, data sets and models is executed."""

from __future__ import annotations

import pages
import pytest


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed, by command."""
    folder = tmp_path_factory.mktemp("kinds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCHBOX_HOME", str(folder / "home"))  # the page's target is trained there
        return pages.play("other-kinds.md", folder)


@pytest.mark.parametrize("name", ["clouds", "nudge", "stripes", "small"])
def test_each_plugin_of_the_page_keeps_its_contract(name: str, output: dict[str, str]) -> None:
    (said,) = [text for line, text in output.items() if line.startswith(f"benchbox check {name} ")]
    assert f"{name} keeps its contract" in said


def test_the_generator_is_scored_at_both_budgets(output: dict[str, str]) -> None:
    lines = [
        line for line in output["benchbox results --method clouds --metric accuracy"].splitlines() if "done" in line
    ]
    assert [(" 200 " in line, " 600 " in line) for line in lines] == [(True, False), (False, True)]


def test_a_longer_step_fools_the_target_more_often(output: dict[str, str]) -> None:
    (run,) = [text for line, text in output.items() if "--attack nudge --attack" in line]
    assert "1 cell done" in run
    results = output["benchbox results --metric asr_untargeted --db attacks.db"]
    assert all(attack in results for attack in ("nudge untargeted", "nudge[eps=2.5] untargeted"))


def test_the_suite_plays_the_data_set_the_model_and_the_attack(output: dict[str, str]) -> None:
    (run,) = [text for line, text in output.items() if "stripes.toml" in line]
    assert "1 cell done" in run
    assert "random" in output["benchbox leaderboard --print --db stripes.db"]
