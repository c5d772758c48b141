"""Methods with their trainers, and what of the scenario's grants they use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_samples import SUITE, FakeSources, ids

from benchbox.contracts import Grant
from benchbox.errors import BenchboxError
from benchbox.registry import Catalogue
from benchbox.suites import Selection, expand, load_suite
from benchbox.suites.cell import Cell
from benchbox.suites.selection import select

LEARNS = """
from benchbox.contracts import Grant, Trainer

class Learns(Trainer):
    'Learns from unlabelled images.'
    name = "learns"
    def wants(self):
        return {Grant.UNLABELLED}
    def fit(self, game, network, images, answers):
        return network
"""
SAYS = """
from benchbox.contracts import Options, Selector

class SaysOptions(Options):
    word: str = ""

class Says(Selector):
    'Takes a word.'
    name = "says"
    Options = SaysOptions
    def select(self, game, k):
        return list(range(k))
"""
PAIRED = '["random", "random-stratified", { use = "random", trainer = "learns" },'


def test_the_trainer_belongs_to_the_identity_of_whom_it_trains_for(planned: Any) -> None:
    cell = planned()[0].cell
    data = cell.model_dump()
    longer = data["trainer"] | {"options": data["trainer"]["options"] | {"updates": 5}}
    assert Cell(**data | {"trainer": longer}).id != cell.id
    assert set(cell.identity["trainer"]) == {"kind", "name", "version", "options"}
    assert "trainer" not in Cell(**data | {"trainer": None}).identity


def test_a_method_is_paired_with_a_trainer_that_its_label_names(planned: Any) -> None:
    pair = '{ use = "random", trainer = "standard[updates=9]" }'
    cells = {p.label: p.cell for p in planned(('"random",', f'"random", {pair},'))}
    assert list(cells) == ["random", "random + standard[updates=9]", "flat", "mega"]
    paired = cells["random + standard[updates=9]"]
    assert (paired.method, paired.trainer.options["updates"]) == (cells["random"].method, 9)
    assert cells["random"].trainer == cells["flat"].trainer != paired.trainer
    assert cells["mega"].trainer is None

    whole = planned(("pool = {}", 'pool = {}\ntrainer = "standard[updates=9]"'))
    assert [p.label for p in whole if p.seed == 0] == ["random", "flat", "mega"]
    assert whole[1].cell.id == paired.id, "whoever names the trainer, it is the same game"


def test_trainers_that_are_asked_for_are_paired_with_every_method_that_has_its_substitutes_made(planned: Any) -> None:
    def labels(change: tuple[str, str] = ("", ""), **selection: Any) -> list[str]:
        return [p.label for p in planned(change, Selection(**selection, seeds=[0]))]

    assert labels(trainers=["standard[updates=9]"]) == ["random + standard[updates=9]", "flat + standard[updates=9]"]
    assert labels(trainers=["standard[updates=9]", "standard"], methods=["random"]) == [
        "random + standard[updates=9]",
        "random",
    ]
    assert labels(methods=["k-centre"], trainers=["standard[updates=9]"]) == ["k-centre + standard[updates=9]"]
    assert labels(trainers=["standard[epochs=30]"]) == ["random", "flat"]

    listed = ('"random",', '"random", { use = "random", trainer = "standard[updates=9]", label = "brief" },')
    assert labels(listed, trainers=["standard[updates=9]"]) == ["brief", "flat + standard[updates=9]"]
    assert labels(listed, methods=["brief"]) == ["brief"]
    unnamed = (listed[0], listed[1].replace(', label = "brief"', ""))
    assert labels(unnamed, methods=["random + standard[updates=9]"]) == ["random + standard[updates=9]"]
    assert planned(selection=Selection(trainers=["standard[updates=9]"]))[0].suite == "mine"


def test_a_pair_as_tables_write_it_is_a_method_to_ask_for(planned: Any) -> None:
    def labels(*methods: str, change: tuple[str, str] = ("", "")) -> list[str]:
        return [p.label for p in planned(change, Selection(methods=methods, seeds=[0]))]

    for written in ("random + standard[updates=9]", "random+standard[updates=9]", "random  +  standard[updates=9] "):
        assert labels(written) == ["random + standard[updates=9]"]
    assert labels("k-centre + standard[updates=9]", "flat") == ["k-centre + standard[updates=9]", "flat"]
    listed = ('"random",', '"random", { use = "random", trainer = "standard[updates=9]" },')
    assert labels("random", change=listed) == ["random", "random + standard[updates=9]"]
    assert labels("random + standard", change=listed) == ["random"], "with the scenario's own trainer, it is no other"
    for wrong, said in (
        ("random + standrd", "there is no trainer 'standrd' in --method; did you mean 'standard'"),
        ("randm + standard", "there is no method 'randm' in --method; did you mean 'random'"),
        ("drmi-best", r"in --method; suites call drmi\[profile=best\] so"),
        ("random +", "in --method"),
        ("mega + standard", "'mega' has no substitutes made by a trainer, so none can be paired with it"),
        ("random + standard + distil", "names 2 trainers; a pair is METHOD \\+ TRAINER"),
    ):
        with pytest.raises(BenchboxError, match=said):
            labels(wrong)
    with pytest.raises(BenchboxError, match="names its trainer"):
        Selection(methods=["flat", "random + standard"], trainers=["distil"])


def test_a_plus_in_an_options_value_makes_no_pair(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SAYS)
    catalogue = Catalogue.discover([tmp_path / "mine.py"])
    (tmp_path / "mine.toml").write_text(SUITE)
    suite = load_suite(str(tmp_path / "mine.toml"), catalogue)
    for text in ("says[word=a + b]", "says[word=a+b] + standard[updates=9]"):
        chosen = select(suite, Selection(methods=[text]), catalogue)
        assert [entry.written for scenario in chosen.scenario for entry in scenario.methods] == [text]


def test_who_uses_what_the_scenario_does_not_grant_is_planned_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "learns.py").write_text(LEARNS)
    catalogue = Catalogue.discover([tmp_path / "learns.py"])

    def uses(pool: str) -> dict[str, tuple[str, tuple[Grant, ...]]]:
        text = SUITE.replace("pool = {}", f"pool = {pool}").replace('["random",', PAIRED)
        (tmp_path / "mine.toml").write_text(text)
        cells = expand(load_suite(str(tmp_path / "mine.toml"), catalogue), catalogue, FakeSources())
        return {p.label: (p.reason, p.cell.uses) for p in cells[:6] if p.cell is not None}

    assert uses("{}") == {
        "random": ("", ()),
        "random-stratified": (
            "random-stratified uses the attacker's own labels; the scenario grants none (pool = { labels = true } would)",
            (),
        ),
        "random + learns": (
            "learns learns from unlabelled images; the scenario grants none (pool = { unlabelled = true } would)",
            (),
        ),
    }
    assert uses("{ labels = true, unlabelled = true }") == {
        "random": ("", ()),
        "random-stratified": ("", (Grant.LABELS,)),
        "random + learns": ("", (Grant.UNLABELLED,)),
    }


def test_what_a_scenario_grants_matters_to_those_alone_who_use_it(planned: Any) -> None:
    assert ids(planned(("pool = {}", "pool = { labels = true, unlabelled = true }"))) == ids(planned())
