"""Defences against thieves: what is held against what, and how it is shown."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
import report_samples
from click.testing import CliRunner
from report_samples import Place, done, ref

from benchbox.cli import main
from benchbox.registry import Catalogue
from benchbox.report.html.heat import heat_map
from benchbox.report.leaderboard import render
from benchbox.report.page import PageView
from benchbox.report.tables.defences import matrix_tables
from benchbox.report.tables.defences import reached as sentence
from benchbox.report.tables.sentences import taken
from benchbox.report.views.defences import DefenceMatrix, defence_matrices, rung_matrices, without_bare
from benchbox.store import Store

DEFENCE = {"kind": "defence", "name": "fog", "options": {}, "version": 1}
COLUMNS = (
    "cell",
    "suite",
    "scenario",
    "dataset",
    "label",
    "position",
    "seed",
    "metric",
    "attack",
    "budget",
    "value",
    "n",
)


def found(scenario: str, seed: int, label: str, reached: float, **costs: float) -> list[tuple[Any, ...]]:
    """Return a cell's measurements at two budgets."""
    cell, position = f"{scenario} {label} {seed}", ("random", "<b>mega</b>").index(label)
    place = (cell, "defences", scenario, "mnist", label, position, seed)
    rows = [(*place, "fidelity", "", budget, value, 10_000) for budget, value in ((500, 0.2), (2000, reached))]
    return rows + [(*place, metric, "", 2000, value, 1000) for metric, value in costs.items()]


@pytest.fixture
def matrix() -> DefenceMatrix:
    rows: list[tuple[Any, ...]] = []
    for seed in (0, 1):
        for label, bare, held in (("random", 0.97, 0.60), ("<b>mega</b>", 0.90, 0.92)):
            rows += found("real data, bare", seed, label, bare + seed / 100)
            costs = {"honest_accuracy": 0.98 + seed / 100, "bare_accuracy": 0.99, "false_alarms": 0.0}
            alarm = {"first_alarm": 130.0} if seed == 0 else {"first_alarm": math.nan}
            rows += found("real data, fog", seed, label, held + seed / 100, **costs, **alarm)
    rows += found("elsewhere", 0, "random", 0.5)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    rules: dict[str, dict[str, Any]] = {}
    for cell, scenario, seed in zip(frame.cell, frame.scenario, frame.seed, strict=True):
        own = {"defence": DEFENCE, "blocked": "ends"} if "fog" in scenario else {}
        drawn = {"target": f"of seed {seed}", "pool": {"size": 20, **({"draw": seed} if seed else {})}}
        rules[cell] = {**drawn, "access": "label" if scenario == "elsewhere" else "topk:3", **own}
    (one,) = defence_matrices(frame, rules, {})
    assert without_bare([one], frame, rules) == []
    assert without_bare([], frame, rules) == [("defences", "mnist")]
    return one


def test_scenarios_that_differ_in_the_defence_alone_stand_in_one_matrix(matrix: DefenceMatrix) -> None:
    assert (matrix.game, matrix.metric, matrix.attackers) == ("real data", "fidelity", ("random", "<b>mega</b>"))
    bare, fog = matrix.rows
    assert (bare.name, fog.name) == ("", "fog")
    assert [fog.reached[who].mean for who in matrix.attackers] == pytest.approx([0.605, 0.925])
    assert [matrix.lost(fog, who) for who in matrix.attackers] == pytest.approx([0.37, -0.02])
    assert math.isnan(matrix.lost(fog, "nobody"))


@pytest.mark.parametrize(("of", "stands"), [("drawn", False), ("version", False), ("nothing", True)])
def test_what_was_taken_is_said_where_the_same_replicates_played_both(of: str, stands: bool) -> None:
    rows: list[tuple[Any, ...]] = []
    rules: dict[str, dict[str, Any]] = {}
    versions: dict[str, Hashable] = {}
    for scenario, access, reached in (("data, label", "label", 0.80), ("data, probabilities", "probabilities", 0.90)):
        for seed in (0, 1, 2):
            rows += found(scenario, seed, "random", reached + (seed / 50 if access == "label" else 0))
            other = access == "label" and seed == 2
            rules[rows[-1][0]] = {"access": access, "target": f"of {0 if other and of == 'drawn' else seed}"}
            versions[rows[-1][0]] = (2 if other and of == "version" else 1, 1)
    (one,) = rung_matrices(pd.DataFrame(rows, columns=list(COLUMNS)), rules, versions)
    taken = one.lost_in_the_mean(one.rows[1])
    assert math.isnan(one.lost(one.rows[1], "random")) != stands
    assert (taken is not None) == stands
    if taken is not None:  # 10, 8 and 6 points of three replicates: t of 2 degrees is 4.30
        assert (taken.attackers, taken.replicates) == (("random",), 3)
        assert (taken.points.mean, taken.points.half) == (
            pytest.approx(0.08),
            pytest.approx(4.3027 * 0.02 / math.sqrt(3), rel=1e-4),
        )


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (
            {
                "a": {"random": (0.5, 0.7), "<b>mega</b>": (0.5, 0.5)},
                "b": {"random": (0.4, 0.8), "<b>mega</b>": (0.5, 0.5)},
            },
            "a takes 35.0 (-92.3 to 100.0) and b 35.0 (-100.0 to 100.0) points of fidelity over 2 attackers, most of 2 "
            "defences, none of them told from nothing",
        ),
        (
            {"a": {"random": (0.20, 0.21), "<b>mega</b>": (0.20, 0.21)}, "b": {"random": (0.0, 0.0)}},
            "a takes 69.5 (56.8 to 82.2) points of fidelity over 2 attackers",
        ),
        ({"a": {"random": (0.9, 0.9)}, "b": {"random": (0.95, 1.0)}}, "none of 2 defences takes anything"),
        ({"a": {"random": (1.0, 1.0)}}, "nothing is taken"),
        ({"a": {"random": (0.6,)}}, "a takes 30.0 points of fidelity from random, not told from nothing"),
    ],
)
def test_a_finding_says_what_was_taken_most_of_what_can_be_held_against_each_other(
    held: dict[str, dict[str, tuple[float, ...]]], says: str
) -> None:
    rows: list[tuple[Any, ...]] = []
    rules: dict[str, dict[str, Any]] = {}
    played = {name: values for thieves in held.values() for name, values in thieves.items()}
    bare = {"bare": {name: (0.9,) * len(values) for name, values in played.items()}}
    for name, thieves in (bare | held).items():
        for label, values in thieves.items():
            for seed, value in enumerate(values):
                rows += found(f"game, {name}", seed, label, value)
                own = {} if name == "bare" else {"defence": {**DEFENCE, "name": name}}
                rules[rows[-1][0]] = {"target": f"of {seed}", "access": "label", **own}
    matrices = tuple(defence_matrices(pd.DataFrame(rows, columns=list(COLUMNS)), rules, {}))
    (said,) = taken(cast(PageView, SimpleNamespace(dataset="mnist", rungs=(), defences=matrices)))
    assert "".join(said) == f"mnist, game: {says}"


def test_an_honest_client_counts_once_a_replicate_and_an_alarm_where_there_was_one(matrix: DefenceMatrix) -> None:
    bare, fog = matrix.rows
    assert (fog.costs["honest_accuracy"].mean, fog.costs["honest_accuracy"].n) == (pytest.approx(0.985), 2)
    assert bare.costs["honest_accuracy"].mean == pytest.approx(0.99)
    assert (fog.first_alarm["random"].mean, fog.first_alarm["random"].n) == (130, 1)


def test_poorer_answers_are_held_against_whole_probabilities() -> None:
    rows: list[tuple[Any, ...]] = []
    rules: dict[str, dict[str, Any]] = {}
    for scenario, access, reached in (
        ("data, label", "label", 0.80),
        ("data, probabilities", "probabilities", 0.90),
        ("more queries", "label", 0.99),
    ):
        for seed in (0, 1):
            rows += found(scenario, seed, "random", reached)
            rules[rows[-1][0]] = {"access": access, "budgets": scenario == "more queries", "target": f"of {seed}"}
    (one,) = rung_matrices(pd.DataFrame(rows, columns=list(COLUMNS)), rules, {})
    assert (one.game, [row.name for row in one.rows]) == ("data", ["probabilities", "label"])
    assert one.lost(one.rows[1], "random") == pytest.approx(0.1)
    (table,) = matrix_tables(one)
    assert table.rows[1][1].endswith("(-10.0)")


def test_the_sentence_above_a_query_attacks_table_says_its_budget_once(matrix: DefenceMatrix) -> None:
    said = "share of the examples that a query attack has solved within 2,000 queries an example, in per cent"
    assert sentence(replace(matrix, metric="query_success")) == said


def test_tables_have_the_loss_behind_each_figure(matrix: DefenceMatrix) -> None:
    table, costs, alarms = matrix_tables(matrix)
    assert [of.head[0] for of in (table, costs, alarms)] == ["defence"] * 3, "'behind' would be read as a rank"
    assert [row[0] for row in table.rows] == ["no defence", "fog"]
    assert table.rows[1][1].startswith("60.5")
    assert table.rows[1][1].endswith("(-37.0)")
    assert table.rows[1][2].endswith("(+2.0)")
    assert costs.rows[0][1].startswith("99.0")
    assert alarms.rows == [["fog", "random", "130 (1 seed)"], ["fog", "<b>mega</b>", "130 (1 seed)"]]


def test_no_table_is_wider_than_a_page_and_every_attacker_stands_in_one(matrix: DefenceMatrix) -> None:
    many = replace(matrix, attackers=tuple(f"thief {i}" for i in range(15)))
    tables = list(matrix_tables(many))
    assert max(len(table.head) for table in tables) <= 7
    assert [who for table in tables[:3] for who in table.head[1:]] == list(many.attackers)


def test_the_page_has_a_number_in_every_cell_and_escapes_what_plugins_brought(matrix: DefenceMatrix) -> None:
    page = heat_map([matrix])
    assert "<b>mega</b>" not in page
    assert "&lt;b&gt;mega&lt;/b&gt;" in page
    assert re.findall(r'<td class="(h\d)">([^<]*)', page) == [("h7", next(matrix_tables(matrix)).rows[1][1])]
    assert "(+2.0)" in page


def played_behind(
    fogged: tuple[float, ...], tmp_path: Path, methods: tuple[str, ...] = ("random",), seeds: int = 2
) -> dict[str, bytes]:
    """Return the pages of a game that was played bare and behind ``fog``."""
    defence = ref("defence", "fog")
    with Store.open(tmp_path / "defended.db") as store:
        for scenario, curve, standing in (
            ("game, bare", (0.6, 0.7, 0.8), None),
            ("game, fog", fogged, defence),
        ):
            for position, (name, seed) in enumerate(product(methods, range(seeds))):
                played = report_samples.cell(name, seed)
                played = played.model_copy(
                    update={"scenario": played.scenario.model_copy(update={"defence": standing})}
                )
                store.enrol("defences", [Place(played, scenario, name, position)])
                store.record(played, done(played, curve))
        return render(store, Catalogue())


def test_a_suite_whose_methods_are_ranked_still_finds_what_defences_take(tmp_path: Path) -> None:
    found = played_behind((0.4, 0.5, 0.6), tmp_path, methods=("random", "drmi"), seeds=5)["defences/README.md"].decode()
    assert "digits, game: `fog` takes 20.0 (20.0 to 20.0) points of fidelity over 2 attackers." in found
    assert re.search(r" A method leads at \d of 6 budgets\.", found)


def test_the_pages_show_the_map_deeper_the_more_a_defence_takes(tmp_path: Path) -> None:
    files = played_behind((0.4, 0.5, 0.6), tmp_path)
    markdown, page = (files[name].decode() for name in ("defences/digits.md", "index.html"))
    assert 0 < markdown.find("## Defences: game") < markdown.find("## Scenario"), "what defends comes first"
    assert "(-20.0)" in markdown and "(-20.0)" in page
    assert all("the difference of two means, untested" in re.sub(r"\s+", " ", text) for text in (markdown, page))
    assert "share of test images" in markdown and "by 600 queries, in per cent" in markdown, "what the figures are"
    found = files["defences/README.md"].decode()
    assert "digits, game: `fog` takes 20.0 (20.0 to 20.0) points of fidelity from random." in found
    assert re.search(r'<td class="h4">61[^<]*\(-20.0\)', page), "of half of all or more the ninth colour"


def test_the_command_names_the_nearest_suite(tmp_path: Path) -> None:
    played_behind((0.4, 0.5, 0.6), tmp_path)
    result = CliRunner().invoke(main, ["defences", "--db", str(tmp_path / "defended.db"), "--suite", "defnces"])
    assert (result.exit_code, "did you mean 'defences'?" in result.stderr) == (2, True)


def test_the_commands_page_is_written_where_users_say_before_any_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played_behind((0.4, 0.5, 0.6), tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    command = ["defences", "--db", str(tmp_path / "defended.db")]
    assert CliRunner().invoke(main, [*command, "--html=~/map.html"]).exit_code == 0
    assert (tmp_path / "map.html").is_file()
    for place, said in (("", "the path is empty"), (str(tmp_path), "is a directory"), ("no/map.html", "'no/map.html'")):
        result = CliRunner().invoke(main, [*command, "--html", place])
        assert (result.exit_code, result.stdout, said in result.stderr) == (2, "", True), result.stderr
