"""Scenarios for query attacks: what they state, what is granted, what is refused with which sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from plan_samples import FakeSources

from benchbox.contracts import Grant
from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue
from benchbox.suites import Planned, Selection, expand, load_suite, select

THREAT = 'threat = { norm = "inf", radius = 0.3 }'
PRIOR = 'prior = { method = "random", budget = 15 }'
SUITE = f"""
title = "Mine"
datasets = ["digits"]
seeds = 1
attacks = [{{ use = "pgd" }}]

[[scenario]]
name = "queries"
plays = "query-attack"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "probabilities"
pool = {{ size = 30 }}
{THREAT}
{PRIOR}
images = 10
budgets = [10, 20]
methods = ["square", "p-rgf", "one-way"]

[[scenario]]
name = "real data"
plays = "selector"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "label"
pool = {{ size = 30 }}
budgets = [10]
methods = ["random"]
"""
ONE_WAY = """
from benchbox.contracts import QueryAttack

class OneWay(QueryAttack):
    'Leads away from the true class.'
    name = "one-way"
    def search(self, game, images, labels):
        game.ask(game.goals, images)
"""
Make = Callable[..., list[Planned]]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    file = tmp_path_factory.mktemp("one") / "one_way.py"
    file.write_text(ONE_WAY)
    return Catalogue.discover([file])


@pytest.fixture
def planned(catalogue: Catalogue, tmp_path: Path) -> Make:
    """Return a function: (what stands in the file, what stands there instead, selection) -> cells by scenario and label."""

    def make(old: str = "", new: str = "", selection: Selection | None = None) -> list[Planned]:
        assert old in SUITE
        (tmp_path / "mine.toml").write_text(SUITE.replace(old, new, 1) if old else SUITE)
        suite = load_suite(str(tmp_path / "mine.toml"), catalogue)
        return expand(select(suite, selection or Selection(), catalogue), catalogue, FakeSources())

    return make


def named(cells: list[Planned]) -> dict[str, Planned]:
    return {cell.label: cell for cell in cells}


def test_a_substitute_is_used_by_those_who_say_so_and_names_its_makers(planned: Make) -> None:
    cells = named(planned())
    assert cells["square"].cell is not None
    assert cells["p-rgf"].cell is not None
    assert cells["square"].cell.uses == ()
    assert cells["p-rgf"].cell.uses == (Grant.SUBSTITUTE,)
    assert [ref.key for ref in cells["p-rgf"].cell.contestants] == [
        "query-attack p-rgf",
        "selector random",
        "trainer standard",
    ]
    assert [ref.key for ref in cells["square"].cell.contestants] == ["query-attack square"]


def test_where_the_makers_of_a_substitute_lie_does_not_change_the_identity(planned: Make) -> None:
    cell = named(planned())["p-rgf"].cell
    assert cell is not None and cell.scenario.search is not None and cell.scenario.search.prior is not None
    search = cell.scenario.search
    prior = cell.scenario.search.prior
    assert prior.trainer is not None

    def made_by(**change: object) -> str:
        makers = {"method": prior.method.model_copy(update=change), "trainer": prior.trainer.model_copy(update=change)}
        given = search.model_copy(update={"prior": prior.model_copy(update=makers)})
        return cell.model_copy(update={"scenario": cell.scenario.model_copy(update={"search": given})}).id

    assert made_by(source="0" * 64, builtin=False, target="x:X", file="x.py") == made_by() != made_by(version=9)


def test_ready_surrogates_are_pinned_and_privilege_who_uses_them(planned: Make) -> None:
    cells = named(planned(PRIOR, 'surrogates = ["conv4", { model = "lenet5", seed = 3 }]'))
    square, helped = cells["square"], cells["p-rgf"]
    assert square.cell is not None
    assert helped.cell is not None
    assert helped.setting is not None
    assert square.setting is not None
    assert [record.name for record in helped.setting.surrogates] == ["digits/conv4", "digits/lenet5+seed=3"]
    assert square.setting.surrogates == ()
    assert (helped.cell.privileged, square.cell.privileged) == (True, False)
    assert helped.cell.contestants == (helped.cell.method,)
    pinned = helped.cell.identity["scenario"]["search"]["surrogates"]
    assert [(each["model"]["name"], each["target"]) for each in pinned] == [("conv4", "a" * 64), ("lenet5", "a" * 64)]
    bare = named(planned())["p-rgf"].cell
    assert bare is not None
    assert "surrogates" not in bare.identity["scenario"]["search"]


def test_surrogates_that_cannot_take_the_images_keep_nobody_else_from_playing(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text(SUITE.replace(PRIOR, 'surrogates = ["conv4", "dnn5"]'))
    suite = load_suite(str(tmp_path / "mine.toml"), catalogue)
    cells = named(expand(suite, catalogue, FakeSources(refused="dnn5")))
    assert cells["p-rgf"].reason == "model 'dnn5' takes none of these"
    assert not cells["square"].reason


def test_attacks_of_the_whole_suite_are_for_substitutes(planned: Make) -> None:
    cells = named(planned())
    assert cells["random"].cell is not None
    assert cells["square"].cell is not None
    assert len(cells["random"].cell.scenario.attacks) == 1
    assert cells["square"].cell.scenario.attacks == ()


def test_what_is_searched_is_in_a_cells_identity_and_in_no_other_cells(planned: Make) -> None:
    def identity(cells: list[Planned], label: str) -> str:
        cell = named(cells)[label].cell
        assert cell is not None
        return cell.id

    usual = planned()
    for old, new in (
        (THREAT, THREAT.replace("0.3", "0.2")),
        ("images = 10", "images = 11"),
        (PRIOR, PRIOR.replace("15", "16")),
    ):
        changed = planned(old, new)
        assert identity(usual, "square") != identity(changed, "square")
        assert identity(usual, "random") == identity(changed, "random")
    cell = named(usual)["random"].cell
    assert cell is not None
    assert "search" not in cell.identity["scenario"]


def test_fewer_images_may_be_asked_for(planned: Make) -> None:
    cells = named(planned(selection=Selection(images=5)))
    assert cells["square"].cell is not None
    assert cells["square"].cell.scenario.search is not None
    assert cells["square"].cell.scenario.search.images == 5


@pytest.mark.parametrize(
    ("old", "new", "label", "reason"),
    [
        (PRIOR, "", "p-rgf", "p-rgf starts from a substitute; the scenario grants none"),
        (
            "images = 10",
            'goal = "class:3"',
            "one-way",
            "one-way searches any other class than the true one; the scenario's goal",
        ),
        ('access = "probabilities"', 'access = "label"', "square", "square needs probabilities"),
    ],
)
def test_who_cannot_play_says_why(planned: Make, old: str, new: str, label: str, reason: str) -> None:
    cells = named(planned(old, new))
    assert cells[label].reason.startswith(reason)
    assert not cells["random"].reason


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (THREAT, "", "a scenario that plays 'query-attack' needs a threat: threat = "),
        (THREAT, 'threat = { norm = "inf" }', "the key 'scenario.0.threat.radius' is missing"),
        (THREAT, 'threat = { norm = "inf", radius = 0.0 }', "'scenario.0.threat.radius' should be greater than 0"),
        ("images = 10", 'attacks = [{ use = "pgd" }]', "has no substitute to make 'attacks' with"),
        ("images = 10", 'goal = "class:10"', "the goal 'class:10' names a class beyond the 10"),
        ("images = 10", "images = 30", "query attacks are to be played on 30 images, more than the 20 test images"),
        (
            PRIOR,
            f'{PRIOR}\nsurrogates = ["conv4"]',
            "a substitute that is made for it, 'prior', or 'surrogates', not both",
        ),
        (PRIOR, 'surrogates = ["conv4", "lenet5"]', "the surrogate 'digits/lenet5' is the target itself"),
        (PRIOR, 'surrogates = ["conv4", "conv4"]', "'surrogates' must be distinct"),
        (
            PRIOR,
            'surrogates = ["conv5"]',
            "no model 'conv5' in suite 'mine', scenario 'queries', surrogates; did you mean 'conv4'?",
        ),
        (
            PRIOR,
            'prior = { method = "square", budget = 15 }',
            "query-attack 'square' makes no substitute; expected one of",
        ),
        (
            PRIOR,
            'prior = { method = "random", budget = 31 }',
            "a budget of 31 queries is larger than the pool of 30 images",
        ),
        (
            PRIOR,
            'prior = { method = "random-stratified", budget = 15 }',
            "random-stratified uses the attacker's own labels",
        ),
        (PRIOR, 'prior = { method = "mega", trainer = "standard", budget = 15 }', "mega' makes its own substitutes"),
        ('access = "label"', f'access = "label"\n{THREAT}', "'threat' is for scenarios that play 'query-attack'"),
        ('methods = ["random"]', 'methods = ["square"]', "is for selectors; 'square' is a query-attack"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(planned: Make, old: str, new: str, said: str) -> None:
    with pytest.raises(BenchboxError) as error:
        planned(old, new)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
