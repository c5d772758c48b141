"""Suite -> cells: selection, rules, and what a cell's identity depends on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_samples import EVERYTHING, SUITE, FakeSources, ids

import benchbox
from benchbox.errors import BenchboxError, BudgetError, SuiteError
from benchbox.suites import PluginRef, Selection
from benchbox.target.zoo import TargetRecord, TargetSpec


class TrainsNothing(FakeSources):
    """A target that takes hours to train: whoever asks for it before all else is checked fails the test."""

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        pytest.fail("the target was asked for before the file was checked")


def test_a_target_that_cannot_take_the_images_leaves_its_own_scenario_unplayed(planned: Any) -> None:
    cells = planned(sources=FakeSources(refused="conv4"))
    assert {p.scenario: p.reason for p in cells} == {"real data": "", "no data": "model 'conv4' takes none of these"}
    assert len(set(ids(cells))) == len(cells)
    playable = [p.cell.id for p in planned() if p.scenario == "real data"]
    assert [p.cell.id for p in cells if p.scenario == "real data"] == playable


def test_every_method_meets_every_seed_of_its_own_scenario(planned: Any) -> None:
    cells = planned()
    assert [(p.scenario, p.label, p.seed) for p in cells] == [
        ("real data", "random", 0),
        ("real data", "random", 1),
        ("real data", "flat", 0),
        ("real data", "flat", 1),
        ("no data", "mega", 0),
        ("no data", "mega", 1),
    ]
    assert len(set(ids(cells))) == 6


@pytest.mark.parametrize(
    ("change", "sources"),
    [
        (("budgets = [10, 20]", "budgets = [10, 30]"), FakeSources()),
        (('access = "label"', 'access = "probabilities"'), FakeSources()),
        (('use = "pgd"', 'use = "pgd[steps=9]"'), FakeSources()),
        (('use = "pgd"', 'use = "pgd", images = 5'), FakeSources()),
        (('use = "pgd"', 'use = "pgd", threat = { norm = "inf", radius = 0.3 }'), FakeSources()),
        (("pool = {}", "pool = { size = 40 }"), FakeSources()),
        (("pool = {}", 'pool = {}\ntrainer = "standard[rate=0.01]"'), FakeSources()),
        (('"random",', '{ use = "random", trainer = "standard[batch=20]" },'), FakeSources()),
        (('substitute = "lenet5"', 'substitute = "dnn5"'), FakeSources()),
        (("", ""), FakeSources(digest="e" * 64)),
        (("", ""), FakeSources(target="b" * 64)),
    ],
)
def test_whatever_can_change_a_result_changes_the_identity(
    change: tuple[str, str], sources: FakeSources, planned: Any
) -> None:
    before = planned()[0].cell
    after = planned(change, sources=sources)[0].cell
    assert before.id != after.id


FOG = PluginRef(kind="defence", name="fog", version=1, spec="fog", options={})


@pytest.mark.parametrize(
    ("rules", "others"),
    [
        ({}, {"precision": "bf16"}),
        ({}, {"insider": True}),
        ({}, {"pool_hash": "e" * 64}),
        ({"pool_hash": "e" * 64}, {"pool_hash": "f" * 64}),
        ({}, {"public": "kmnist", "public_hash": "e" * 64}),
        ({"public": "kmnist", "public_hash": "e" * 64}, {"public": "kmnist", "public_hash": "f" * 64}),
        ({}, {"defence": FOG}),
        ({"defence": FOG}, {"defence": FOG.model_copy(update={"version": 2})}),
        ({"defence": FOG}, {"defence": FOG, "blocked": "costs"}),
    ],
)
def test_every_rule_of_the_game_is_in_the_identity(rules: dict[str, Any], others: dict[str, Any], planned: Any) -> None:
    cell = planned()[0].cell
    one, another = (
        cell.model_copy(update={"scenario": cell.scenario.model_copy(update=given)}) for given in (rules, others)
    )
    assert one.id != another.id


@pytest.mark.parametrize(
    "change", [{"goal": "class:1"}, {"at": "last"}, {"success": ("error_untargeted",)}, {"images": 5}]
)
def test_all_that_an_attack_is_played_by_is_in_the_identity(change: dict[str, Any], planned: Any) -> None:
    cell = planned()[0].cell
    known = cell.id
    attacks = tuple(plan.model_copy(update=change) for plan in cell.scenario.attacks)
    other = cell.model_copy(update={"scenario": cell.scenario.model_copy(update={"attacks": attacks})})
    assert other.id != known


def test_names_paths_and_notation_do_not_change_the_identity(planned: Any) -> None:
    before = ids(planned())
    assert ids(planned(('title = "Mine"', 'title = "Other"'))) == before
    assert ids(planned(('name = "real data"', 'name = "photos"'))) == before
    assert ids(planned(('label = "flat"', 'label = "even"'))) == before
    assert ids(planned(('"drmi[alpha=1]"', '"drmi[alpha=1.0,search=min-sum]"'))) == before


def test_a_selection_narrows_and_widens(planned: Any) -> None:
    def labels(**selection: Any) -> list[tuple[str, str, int]]:
        change = (
            ('label = "flat"', 'label = "flat (ours)"') if "flat (ours)" in selection.get("methods", ()) else ("", "")
        )
        return [(p.scenario, p.label, p.seed) for p in planned(change, Selection(**selection))]

    assert labels(methods=["flat"], seeds=[7]) == [("real data", "flat", 7)]
    assert labels(scenarios=["no data"], seeds=[7]) == [("no data", "mega", 7)]
    assert labels(methods=["flat (ours)"], seeds=[7]) == [("real data", "flat (ours)", 7)]
    assert labels(methods=["drmi"], seeds=[0]) == [("real data", "flat", 0)]
    assert labels(methods=["drmi[alpha=1.0]"], seeds=[0]) == [("real data", "flat", 0)]
    assert labels(methods=["k-centre", "mega"], seeds=[0]) == [("real data", "k-centre", 0), ("no data", "mega", 0)]


def test_a_method_keeps_its_place_where_it_is_played_alone(planned: Any) -> None:
    whole = {p.label: p.position for p in planned()}
    assert whole == {"random": 0, "flat": 1, "mega": 0}
    assert {p.position for p in planned(selection=Selection(methods=("flat",)))} == {1}
    both = planned(selection=Selection(methods=("k-centre", "random"), scenarios=("real data",)))
    assert next(p.label for p in sorted(both, key=lambda p: p.position)) == "random"


def test_an_attack_that_is_asked_for_twice_is_played_once(planned: Any) -> None:
    (plan,) = planned(selection=Selection(attacks=["pgd", "pgd"]))[0].cell.scenario.attacks
    assert plan.label == "pgd untargeted"


def test_other_rules_go_into_tables_of_their_own(planned: Any) -> None:
    cells = planned(selection=Selection(budgets=[20, 10, 5], attacks=["fgsm"]))
    assert cells[0].suite == "mine[attacks=fgsm,budgets=5+10+20]"
    assert cells[0].cell.scenario.budgets == (5, 10, 20)
    assert [plan.attack.name for plan in cells[0].cell.scenario.attacks] == ["fgsm"]
    cells = planned(selection=Selection(images=7))
    assert cells[0].suite == "mine[images=7]"
    assert [plan.images for plan in cells[0].cell.scenario.attacks] == [7]
    usual, mixed = planned(), planned(selection=Selection(precision="bf16"))
    assert mixed[0].suite == "mine[precision=bf16]"
    assert mixed[0].cell.identity["scenario"]["precision"] == "bf16"
    assert mixed[0].cell.id != usual[0].cell.id
    assert planned(selection=Selection(precision="float32")) == usual
    mixed_file = ('access = "label"', 'access = "label"\nprecision = "bf16"')
    assert planned(mixed_file, Selection(precision="float32"))[0].suite == "mine[precision=float32]"
    assert planned(selection=Selection(methods=["random"], seeds=[0]))[0].suite == "mine"


@pytest.mark.parametrize(
    ("change", "selection", "kind", "said"),
    [
        (("[10, 20]", "[10, 61]"), EVERYTHING, BudgetError, "budget of 61 queries is larger than the pool of 60"),
        (("pool = {}", "pool = { size = 99 }"), EVERYTHING, BudgetError, "a pool of 99 images is larger"),
        (("pool = {}", ""), EVERYTHING, SuiteError, "plays selectors and has no pool"),
        (('"random"', '"mega"'), EVERYTHING, SuiteError, "'mega' is a generator"),
        (('"random"', '"randm"'), EVERYTHING, BenchboxError, "did you mean 'random'"),
        (('substitute = "lenet5"', 'substitute = "lenet"'), EVERYTHING, BenchboxError, "did you mean 'lenet5'"),
        (('use = "pgd"', 'use = "pdg"'), EVERYTHING, BenchboxError, "no attack 'pdg'"),
        (('use = "pgd"', 'use = "pgd", goal = "class:10"'), EVERYTHING, SuiteError, "beyond the 10"),
        (('use = "pgd"', 'use = "pgd", success = ["drmi_hit"]'), EVERYTHING, SuiteError, "does not fit"),
        (
            ('{ use = "pgd" }', '{ use = "pgd" }, { use = "pgd[eps=0.25]" }'),
            EVERYTHING,
            SuiteError,
            "'pgd untargeted' twice",
        ),
        (('use = "pgd"', 'use = "pgd", threat = { norm = "1", radius = 1 }'), EVERYTHING, SuiteError, "threat.norm"),
        (('use = "pgd"', 'use = "pgd", threat = { norm = "2", radius = 0 }'), EVERYTHING, SuiteError, "threat.radius"),
        (("", ""), Selection(methods=["drmi[alpa=1]"]), BenchboxError, "did you mean 'alpha'"),
        (("", ""), Selection(methods=["nothing"]), BenchboxError, "no method 'nothing'"),
        (("", ""), Selection(methods=["flatt"]), BenchboxError, "did you mean 'flat'"),
        (("", ""), Selection(attacks=["pgdd"]), BenchboxError, "did you mean 'pgd'"),
        (('attacks = [{ use = "pgd" }]', ""), Selection(images=9), SuiteError, "makes no adversarial examples"),
        (("", ""), Selection(scenarios=["real date"]), BenchboxError, "did you mean 'real data'"),
        (("", ""), Selection(attacks=["fgsm"], images=21), SuiteError, "more than the 20 test images of digits"),
        (('use = "pgd"', 'use = "pgd", images = 21'), EVERYTHING, SuiteError, "--images 20 asks for all of them"),
        (
            ('{ use = "pgd" }', '{ use = "pgd", images = 21 }, { use = "pgd", goal = "class:1", images = 5 }'),
            EVERYTHING,
            SuiteError,
            "--images 20 asks for all of them",
        ),
        (
            ("pool = {}", "pool = { size = 60, disjoint = true }"),
            EVERYTHING,
            SuiteError,
            "a disjoint pool of all 60 training images of digits leaves its target none",
        ),
        (('label = "flat"', 'label = "random"'), EVERYTHING, SuiteError, "are both called 'random' in tables"),
        (('"random",', '"drmi[alpha=1.0]", "drmi[alpha=1]",'), EVERYTHING, SuiteError, "both called 'drmi[alpha=1]'"),
        (("[10, 20]", "{ default = [10], digts = [20] }"), EVERYTHING, BenchboxError, "did you mean 'digits'"),
        (('["mega"]', '["mega[rate=1]"]'), EVERYTHING, BenchboxError, "no option 'rate'"),
        (('["mega"]', '["mega"]\nattacks = [{ use = "fgsm[eps=8]" }]'), EVERYTHING, BenchboxError, "eps=8/255"),
        (("pool = {}", 'pool = {}\ntrainer = "standrd"'), EVERYTHING, BenchboxError, "did you mean 'standard'"),
        (('substitute = "conv3"', 'substitute = "conv3"\ntrainer = "standrd"'), EVERYTHING, BenchboxError, "'standrd'"),
        (
            ("pool = {}", 'pool = {}\ntrainer = "random"'),
            EVERYTHING,
            BenchboxError,
            "no trainer 'random' in suite 'mine', scenario 'real data'; 'random' is a selector: write --method random",
        ),
        (
            ('"random",', '"standard",'),
            EVERYTHING,
            BenchboxError,
            "no method 'standard' in suite 'mine', scenario 'real data'; 'standard' is a trainer: write --trainer standard "
            "beside a method",
        ),
        (
            ('"mega"', '{ use = "mega", trainer = "standard" }'),
            EVERYTHING,
            SuiteError,
            "scenario 'no data': generator 'mega' makes its own substitutes, so no trainer can be paired with it",
        ),
        (
            ('"random",', '"random", { use = "random", trainer = "standard[epochs=30]" },'),
            EVERYTHING,
            SuiteError,
            "'random' and 'random + standard[epochs=30]' are both called 'random' in tables",
        ),
        (
            ('"random",', '{ use = "random", trainer = "standard[updates=9]", label = "flat" },'),
            EVERYTHING,
            SuiteError,
            "'random + standard[updates=9]' and 'drmi[alpha=1]' are both called 'flat'",
        ),
        (
            ('use = "drmi[alpha=1]"', 'use = "drmi[alpha=1]", trainer = "standrd"'),
            EVERYTHING,
            BenchboxError,
            "'standard'",
        ),
        (("", ""), Selection(trainers=["standrd"]), BenchboxError, "did you mean 'standard'"),
        (("", ""), Selection(trainers=["random"]), BenchboxError, "'random' is a selector: write --method random"),
        (("", ""), Selection(trainers=["standard[epoch=1]"]), BenchboxError, "did you mean 'epochs'"),
        (("", ""), Selection(methods=["standard"]), BenchboxError, "'standard' is a trainer: write --trainer standard"),
        (("", ""), Selection(methods=["fgsm"]), BenchboxError, "'fgsm' is an attack: write --attack fgsm"),
        (
            ("", ""),
            Selection(methods=["mega"], trainers=["standard"]),
            SuiteError,
            "no method here has its substitutes made by a trainer, so --trainer has none to pair",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence_before_a_target_is_trained(
    change: tuple[str, str], selection: Selection, kind: type[Exception], said: str, planned: Any
) -> None:
    with pytest.raises(kind) as error:
        planned(change, selection, TrainsNothing())
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_number_of_attacked_images_is_the_most_where_a_file_is_meant_for_several_data_sets(planned: Any) -> None:
    change = ('use = "pgd"', 'use = "pgd", images = 21')
    for_several = SUITE.replace('datasets = ["digits"]', 'datasets = ["digits", "mnist"]').replace(*change)
    assert len(planned((SUITE, for_several))) == 6
    with pytest.raises(SuiteError, match="made on 22 images"):
        planned((SUITE, for_several), Selection(images=22))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"seeds": 2}, Selection(seeds=[0, 1])),
        ({"seeds": "3,"}, Selection(seeds=[3])),
        ({"seeds": "2..4"}, Selection(seeds=[2, 3, 4])),
        ({"seeds": range(2)}, Selection(seeds=[0, 1])),
        ({"budgets": 20}, Selection(budgets=[20])),
        ({"methods": "random"}, Selection(methods=["random"])),
        ({"attacks": "pgd[eps=0.1,steps=5]"}, Selection(attacks=["pgd[eps=0.1,steps=5]"])),
        ({"datasets": Path("digits")}, Selection(datasets=["digits"])),
    ],
)
def test_one_alone_is_as_good_as_a_list_of_one(asked: dict[str, Any], expected: Selection) -> None:
    assert Selection(**asked) == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": [-1]}, "seeds: seed -1 is negative"),
        ({"seeds": 2**63}, "seeds: 9223372036854775808 is not how many seeds to play"),
        ({"seeds": [10**5000]}, "seeds: seed a number of about 5000 digits is larger than"),
        ({"seeds": True}, "seeds: True should be a whole number"),
        ({"seeds": 1.5}, "seeds: 1.5 should be a whole number"),
        ({"budgets": ["20"]}, "budgets: '20' should be a whole number"),
        ({"budgets": "20"}, "budgets: '20' should be a whole number"),
        ({"budgets": [2**53 + 1]}, "at most 9,007,199,254,740,992"),
        ({"budgets": [10, -1]}, "a budget of -1 queries is not possible"),
        ({"methods": ""}, "methods: an empty value names nothing"),
        ({"methods": [3]}, "methods: 3 should be text"),
        ({"trainers": ""}, "trainers: an empty value names nothing"),
        ({"images": 0}, "images: 0 should be a whole number from 1"),
        ({"images": "7"}, "images: '7' should be a whole number"),
        ({"precision": "fp16"}, "there is no precision 'fp16'; did you mean 'bf16'?"),
    ],
)
def test_what_python_asks_for_is_checked_in_one_short_sentence(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(BenchboxError) as error:
        Selection(**asked)
    assert said in str(error.value)
    assert len(str(error.value)) < 250


def test_a_method_that_needs_more_than_the_scenario_grants_is_planned_with_the_reason(planned: Any) -> None:
    dfme = planned(selection=Selection(methods=["dfme"]))
    assert {p.reason for p in dfme} == {"dfme needs probabilities; the scenario answers with the label only"}
    assert planned(('access = "label"\nbudgets', 'access = "probabilities"\nbudgets'))[-1].reason == ""


def test_a_dry_run_plans_cells_whose_target_is_not_trained(planned: Any) -> None:
    cells = planned(sources=FakeSources(trained=False))
    assert len(cells) == 6
    assert {p.cell for p in cells} == {None}


def test_where_a_plugin_lies_does_not_change_the_identity(planned: Any) -> None:
    cell = planned()[0].cell
    assert cell.method.source and cell.method.builtin and cell.method.target.endswith(":Random")
    moved = cell.method.model_copy(update={"source": "0" * 64, "builtin": False, "target": "x:X", "file": "x.py"})
    assert cell.model_copy(update={"method": moved}).id == cell.id


def test_the_line_up_is_planned_with_its_sources(planned: Any) -> None:
    cell = planned()[0]
    assert {ref.key for ref in cell.cell.contestants} == {"selector random", "trainer standard", "attack pgd"}
    assert all(len(ref.source) == 64 for ref in cell.cell.contestants)


def test_ids_of_cells_that_are_stored_stay_what_they_are() -> None:
    """Some of label-only on digits, as results.db has held them since they were first played."""
    cells = {(p.scenario, p.label, p.seed): p.cell for p in benchbox.plan("label-only", train=False).cells}
    known = {
        ("no data", "noise", 0): "3cd98b25e2bd27d8",
    }
    assert {key: cells[key].id for key in known} == known
