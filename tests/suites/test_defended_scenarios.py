"""Scenarios with a defence: what they state, how one table stands for several, what makes another cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_samples import FakeSources

from benchbox.contracts import Access
from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue
from benchbox.suites import Planned, Selection, Suite, expand, load_suite, select

SUITE = """
title = "Mine"
datasets = ["digits"]
seeds = 1

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "label"
pool = { size = 30 }
budgets = [10]
methods = ["random"]
"""


def loaded(folder: Path, catalogue: Catalogue, *lines: str, without: str = "") -> Suite:
    (folder / "mine.toml").write_text(SUITE.replace(without, "") + "\n".join(lines))
    return load_suite(folder / "mine.toml", catalogue)


def cells(suite: Suite, catalogue: Catalogue, **asked: list[str]) -> list[Planned]:
    return expand(select(suite, Selection(**asked), catalogue), catalogue, FakeSources())


def test_one_table_stands_for_a_scenario_a_defence(tmp_path: Path, catalogue: Catalogue) -> None:
    suite = loaded(tmp_path, catalogue, 'defences = ["none", "rounding", "top-k[k=3]"]', 'blocked = "costs"')
    assert [(s.name, s.defence, s.blocked) for s in suite.scenario] == [
        ("real data, bare", None, "ends"),
        ("real data, rounding", "rounding", "costs"),
        ("real data, top-k[k=3]", "top-k[k=3]", "costs"),
    ]
    found = [item.cell for item in cells(suite, catalogue)]
    assert len({cell.id for cell in found if cell}) == 3
    assert [cell.scenario.defence and cell.scenario.defence.options for cell in found if cell] == [
        None,
        {"decimals": 1},
        {"k": 3},
    ]


def test_one_table_stands_for_a_scenario_a_rung(tmp_path: Path, catalogue: Catalogue) -> None:
    suite = loaded(tmp_path, catalogue, 'ladder = ["label", "topk:3"]', without='access = "label"\n')
    assert [(s.name, s.access, s.access.form) for s in suite.scenario] == [
        ("real data, label", "label", Access.LABEL),
        ("real data, topk:3", "topk:3", Access.PROBABILITIES),
    ]


def test_what_a_file_says_for_all_its_scenarios_leaves_those_alone_that_say_it_themselves(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    own = SUITE[SUITE.index("[[scenario]]") :].replace("real data", "other") + 'defence = "mad"\n'
    both = SUITE.replace('access = "label"\n', 'ladder = ["label", "topk:2"]\n')
    text = both.replace("seeds = 1", 'seeds = 1\ndefences = ["none", "rounding"]\nblocked = "costs"') + own
    (tmp_path / "mine.toml").write_text(text)
    suite = load_suite(tmp_path / "mine.toml", catalogue)
    assert [(s.name, s.defence, s.blocked) for s in suite.scenario] == [
        ("real data, bare, label", None, "ends"),
        ("real data, bare, topk:2", None, "ends"),
        ("real data, rounding, label", "rounding", "costs"),
        ("real data, rounding, topk:2", "rounding", "costs"),
        ("other", "mad", "costs"),
    ]


def test_a_bare_cell_is_what_it_was_before_there_were_defences(tmp_path: Path, catalogue: Catalogue) -> None:
    (item,) = cells(loaded(tmp_path, catalogue), catalogue)
    assert item.cell is not None
    assert {"defence", "blocked"}.isdisjoint(item.cell.identity["scenario"])
    (asked,) = cells(loaded(tmp_path, catalogue), catalogue, defences=["rounding"])
    assert asked.cell is not None
    assert (asked.scenario, asked.suite) == ("real data, rounding", "mine[defences=rounding]")
    assert asked.cell.identity["scenario"]["defence"]["name"] == "rounding"
    assert "target" not in asked.cell.identity["scenario"]["defence"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('defence = "roundin"', "did you mean 'rounding'"),
        ('blocked = "costs"', "this scenario names no 'defence'"),
        ('defence = "rounding"\nblocked = "cost"', "'ends' or 'costs'"),
        ('defence = "rounding"\ndefences = ["prada-detector"]', "'defences' or 'defence', not both"),
        ('defences = ["rounding", "rounding"]', "two scenarios have one"),
        ('defence = "random"', "no defence 'random'"),
    ],
)
def test_what_is_wrong_with_a_defence_is_one_sentence(
    line: str, said: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    with pytest.raises(BenchboxError) as error:
        cells(loaded(tmp_path, catalogue, line), catalogue)
    assert said in str(error.value)
