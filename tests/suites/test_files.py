"""Suite files: what is read, and what is said about those that cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.contracts import Trainer
from benchbox.errors import SuiteError, UnknownNameError
from benchbox.registry import Catalogue, create_spec
from benchbox.suites import load_suite, suite_files, suite_names

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


def test_a_file_called_as_an_installed_suite_is_refused_unless_it_is_the_same(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    own, installed = tmp_path / "smoke.toml", suite_files(catalogue)["smoke"]
    own.write_text(installed.read_text())
    assert load_suite(own, catalogue).name == "smoke"
    own.write_text(GOOD)
    with pytest.raises(SuiteError, match=r"smoke\.toml' is called as the installed suite 'smoke'.*another name"):
        load_suite(own, catalogue)


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
        (('access = "label"', 'access = "lable"'), "did you mean 'label'"),
        (('access = "label"', 'access = "topk"'), "access' should be label, topk:K, rounded:D or probabilities"),
        (('goal = "class:1"', 'goal = "klass"'), "goal' should be 'untargeted', 'others' or 'class:N'"),
        (('goal = "class:1"', 'goal = "class:01"'), "goal' should be"),
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


LONG = "x" * 100_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seeds = 2", "seeds = true"), "'seeds' should be a list, not true"),
        (("seeds = 2", "seeds = 0"), "'seeds' should be from 1 to 10,000, or a list of seeds, not 0"),
        (("seeds = 2", "seeds = 20000000000"), "'seeds' should be from 1 to 10,000"),
        (("seeds = 2", "seeds = [-1]"), "'seeds.0' should be greater than or equal to 0, not -1"),
        (("seeds = 2", "seeds = [9223372036854775808]"), "less than or equal to 9223372036854775807"),
        (("seeds = 2", f"seeds = {'9' * 5000}"), "it holds a number of too many digits"),
        (("seeds = 2", f"seeds = [{'9' * 4000}]"), "not a number of about 4000 digits"),
        (("seeds = 2", "seeds = []"), "'seeds' should hold at least 1 value"),
        (("seeds = 2", 'seeds = ["0"]'), "'seeds.0' should be a whole number, not '0'"),
        (("[10, 20]", '["20"]'), "budgets.default.0' should be a whole number, not '20'"),
        (("[10, 20]", "[20.0]"), "budgets.default.0' should be a whole number, not 20.0"),
        (("[10, 20]", "20"), "budgets.default' should be a list, not 20"),
        (("{ default = [10, 20]", "20 #"), "budgets' should be a list, or a table of lists by data set, not 20"),
        (("[10, 20]", "[]"), "budgets.default' should hold at least 1 value"),
        (("[10, 20]", "[9007199254740993]"), "less than or equal to 9007199254740992"),
        (("pool = {}", 'pool = {}\ninsider = "yes"'), "'scenario.0.insider' should be true or false, not 'yes'"),
        (("pool = {}", "pool = {}\ninsider = 1"), "'scenario.0.insider' should be true or false, not 1"),
        (("pool = {}", 'pool = { size = "9" }'), "'scenario.0.pool.size' should be a whole number, not '9'"),
        (("pool = {}", "pool = { disjoint = 1 }"), "'scenario.0.pool.disjoint' should be true or false, not 1"),
        (("pool = {}", 'pool = { labels = "yes" }'), "'scenario.0.pool.labels' should be true or false, not 'yes'"),
        (("pool = {}", "pool = { unlabelled = 1 }"), "'scenario.0.pool.unlabelled' should be true or false, not 1"),
        (("pool = {}", "pool = { labls = true }"), "no key 'scenario.0.pool.labls'; did you mean 'labels'?"),
        (("pool = {}", "pool = {}\ntrainer = true"), "'scenario.0.trainer' should be text in quotes, not true"),
        (("pool = {}", 'pool = {}\ntrainer = ""'), "'scenario.0.trainer' should not be empty"),
        (("pool = {}", 'pool = {}\ntrainers = "standard"'), "'scenario.0.trainers'; did you mean 'trainer'?"),
        (("pool = {}", "pool = { siez = 1 }"), "no key 'scenario.0.pool.siez'; did you mean 'size'?"),
        (("pool = {}", "pool = 3"), "'scenario.0.pool' should be a table, not 3"),
        (("seeds = 2", "seeds = 2\ntime_limit = inf"), "'time_limit' should be a number"),
        (("seeds = 2", "seeds = 2\ntime_limit = nan"), "'time_limit' should be"),
        (("seeds = 2", "seeds = 2\ntime_limit = 1e300"), "less than or equal to 31622400"),
        (("seeds = 2", 'seeds = 2\ntime_limit = "60"'), "'time_limit' should be a number, not '60'"),
        (("seeds = 2", "seeds = 2\nsealed = true"), "'sealed' should be 'no', 'process' or 'sandbox', not true"),
        (('"digits"]', '"digits", "digits"]'), "'datasets' must be distinct"),
        (('"digits"]', '""]'), "'datasets.0' should not be empty"),
        (('"Mine"', '""'), "'title' should not be empty"),
        (('"Mine"', '"a\\nb"'), "'title' should be one line without control characters, not 'a\\nb'"),
        (('"Mine"', '"\\u001b[2J"'), "'title' should be one line without control characters, not '\\x1b[2J'"),
        (('"Mine"', "2020-01-01"), "'title' should be text in quotes, not 2020-01-01"),
        (('"Mine"', f'"{LONG}"'), "'title' should have at most 300 characters"),
        (('"real data"', f'"{LONG}"'), "'scenario.0.name' should have at most 100 characters"),
        (('"real data"', '" "'), "'scenario.0.name' should not be empty"),
        (('"drmi, flat"', '"a\\tb"'), "methods.1.label' should be one line"),
        (("pool = {}", f"pool = {{}}\n{LONG} = 1"), "there is no key 'scenario.0.xxx"),
        (
            ('{ model = "lenet5" }', '{ model = "lenet5", seed = -1 }'),
            "'scenario.0.target.seed' should be greater than",
        ),
        (
            ('{ model = "lenet5" }', '{ model = "lenet5", seed = 100000000000000000000000 }'),
            "target.seed' should be less",
        ),
        (("class:1", "class:" + "9" * 5000), "goal"),
        (("seeds = 2", "seeds = 2\nat_most = true"), "'at_most' is not written in the file"),
        (("seeds = 2", "seeds = " + "[" * 50_000), "its values nest too deeply"),
        (("seeds = 2", "#" + "x" * 2**20), "more than 1,048,576 bytes"),
    ],
)
def test_values_are_of_their_keys_own_type_and_range(
    change: tuple[str, str], said: str, tmp_path: Path, catalogue: Catalogue
) -> None:
    assert change[0] in GOOD
    path = written(tmp_path, GOOD.replace(*change, 1))
    with pytest.raises(SuiteError) as error:
        load_suite(path, catalogue)
    message = str(error.value)
    assert said in message
    assert path in message
    assert message.isprintable()
    assert len(message) - len(path) < 325


def test_methods_are_at_least_one(tmp_path: Path, catalogue: Catalogue) -> None:
    text = "\n".join("methods = []" if line.startswith("methods") else line for line in GOOD.splitlines())
    with pytest.raises(SuiteError, match=r"'scenario\.0\.methods' should hold at least 1 value"):
        load_suite(written(tmp_path, text), catalogue)


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path, catalogue: Catalogue) -> None:
    path = tmp_path / "marked.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_suite(path, catalogue).title == "Mine"
    path.write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(SuiteError, match="not UTF-8 text"):
        load_suite(path, catalogue)


def test_mega_attacks_plays_the_very_cells_of_mega_accuracy(catalogue: Catalogue) -> None:
    one, other = (load_suite(name, catalogue) for name in ("mega-accuracy", "mega-attacks"))
    assert (one.scenario, one.datasets, one.seeds) == (other.scenario, other.datasets, other.seeds)


def test_mega_cifar10_plays_dfme_with_the_rates_of_that_data_set(catalogue: Catalogue) -> None:
    used = [entry for scenario in load_suite("mega-cifar10", catalogue).scenario for entry in scenario.methods]
    dfme = {(entry.use, entry.label) for entry in used if entry.use.startswith("dfme")}
    assert dfme == {("dfme[profile=cifar10]", "dfme")}


def test_who_chooses_in_an_encoder_s_features_is_paired_with_a_trainer_that_prepares_them(catalogue: Catalogue) -> None:
    choosers = 0
    for scenario in (scenario for name in suite_names(catalogue) for scenario in load_suite(name, catalogue).scenario):
        for entry in scenario.methods:
            if catalogue.resolve("method", entry.use).options.get("space") != "encoder":
                continue
            trainer = type(create_spec(catalogue, "trainer", entry.trainer or scenario.trainer))
            assert trainer.prepare is not Trainer.prepare, (scenario.name, entry.use)  # type: ignore[attr-defined]
            choosers += 1
    assert choosers


def test_an_unknown_suite_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'label-only'"):
        load_suite("label-onyl", catalogue)
    with pytest.raises(SuiteError, match="cannot be read"):
        load_suite("nowhere.toml", catalogue)


def test_every_suite_that_ships_is_read(catalogue: Catalogue) -> None:
    assert {"label-only", "probability", "smoke"} <= set(suite_names(catalogue))
    for name in suite_names(catalogue):
        assert load_suite(name, catalogue).title
