"""Suite files: what is read, and what is said about those that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.errors import SuiteError, UnknownNameError
from benchbox.registry import Catalogue
from benchbox.suites import load_suite, suite_names

GOOD = """
title = "Mine"
datasets = ["digits"]
seeds = 2

[[scenario]]
name = "real data"
plays = "selector"
target = { model = "lenet5" }
substitute = "lenet5"
access = "label"
pool = {}
budgets = { default = [10, 20], mnist = [100] }
methods = ["random", { use = "drmi[alpha=1]", label = "drmi, flat" }]
attacks = [{ use = "pgd", goal = "class:1" }]
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.discover()


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


def test_a_suite_is_read_with_what_it_leaves_out_filled_in(tmp_path: Path, catalogue: Catalogue) -> None:
    suite = load_suite(written(tmp_path, GOOD), catalogue)
    scenario = suite.scenario[0]
    assert (suite.name, suite.seeds) == ("mine", (0, 1))
    assert (scenario.budgets_for("digits"), scenario.budgets_for("mnist")) == ((10, 20), (100,))
    assert [(entry.use, entry.label) for entry in scenario.methods] == [("random", ""), ("drmi[alpha=1]", "drmi, flat")]
    assert scenario.attacks[0].definitions == ("asr_targeted",)
    assert scenario.target.recipe == "standard"


def test_attacks_above_the_scenarios_are_those_of_each_that_lists_none(tmp_path: Path, catalogue: Catalogue) -> None:
    own = GOOD[GOOD.index("[[scenario]]") :]
    other = own.replace("real data", "other").replace('attacks = [{ use = "pgd", goal = "class:1" }]\n', "")
    text = GOOD.replace("seeds = 2", 'seeds = 2\nattacks = [{ use = "fgsm" }, { use = "bim" }]') + other
    suite = load_suite(written(tmp_path, text), catalogue)
    assert [[attack.use for attack in scenario.attacks] for scenario in suite.scenario] == [["pgd"], ["fgsm", "bim"]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("title", "titel"), "no key 'titel'; did you mean 'title'"),
        (('substitute = "lenet5"', 'substitut = "lenet5"'), "no key 'scenario.0.substitut'; did you mean 'substitute'"),
        (("{ model =", "{ modell ="), "did you mean 'model'"),
        (('goal = "class:1"', 'gaol = "class:1"'), "did you mean 'goal'"),
        (("[10, 20]", "[10, -5]"), "budgets.default.1' should be greater than or equal to 1"),
        (("[10, 20]", "[20, 10]"), "must ascend"),
        (("default =", "usps ="), "need a 'default'"),
        (("seeds = 2", "seeds = [1, 1]"), "must be distinct"),
        (('access = "label"', 'access = "lable"'), "'label' or 'probabilities'"),
        (('goal = "class:1"', 'goal = "klass"'), "goal"),
        (('plays = "selector"', ""), "'scenario.0.plays' is missing"),
        (("title = ", "title = ["), "is not TOML"),
        (("[[scenario]]", "[[scenario]"), "is not TOML"),
        (("seeds = 2", 'seeds = 2\nname = "x"'), "'name' is not written in the file"),
        (
            ("seeds = 2", 'seeds = 2\nattacks = [{ ues = "pgd" }]'),
            "there is no key 'attacks.0.ues'; did you mean 'use'",
        ),
    ],
)
def test_a_wrong_file_gets_one_sentence_with_file_and_key(
    change: tuple[str, str], said: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    assert change[0] in GOOD
    path = written(tmp_path, GOOD.replace(*change, 1))
    with pytest.raises(SuiteError) as error:
        load_suite(path, catalogue)
    assert said in str(error.value)
    assert path in str(error.value)
    assert "\n" not in str(error.value)


def test_mega_attacks_plays_the_very_cells_of_mega_accuracy(catalogue: Catalogue) -> None:
    one, other = (load_suite(name, catalogue) for name in ("mega-accuracy", "mega-attacks"))
    assert (one.scenario, one.datasets, one.seeds) == (other.scenario, other.datasets, other.seeds)


def test_an_unknown_suite_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'label-only'"):
        load_suite("label-onyl", catalogue)
    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite("nowhere.toml", catalogue)


def test_every_suite_that_ships_is_read(catalogue: Catalogue) -> None:
    assert {"label-only", "probability", "smoke"} <= set(suite_names(catalogue))
    for name in suite_names(catalogue):
        assert load_suite(name, catalogue).title
