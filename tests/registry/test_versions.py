"""Plugins of version 1 of the contract are refused with what to change, before anything of them is played."""

from __future__ import annotations

from pathlib import Path

import pytest
from strangers import SELECTOR, Install, hooked, plugin_file

from benchbox.contracts import CONTRACT_VERSION
from benchbox.errors import PluginError
from benchbox.registry import Catalogue

ATTACK = """
from benchbox.contracts import Attack

class Mine(Attack):
    '''Returns what it is given.'''
    name = "mine"

    def perturb(self, substitute, images, labels, *, classes, targeted):
        return images
"""

GENERATOR = """
from benchbox.contracts import Generator

class Mine(Generator):
    '''Asks nothing.'''
    name = "mine"

    def setup(self, game):
        self.substitute = game.new_substitute()

    def round(self, game):
        return False
"""

DATASET = """
from benchbox.contracts import Dataset

class Mine(Dataset):
    '''Nothing.'''
    name = "mine"

    def load(self, root, *, download):
        raise NotImplementedError
"""

THREAT = """
    def threat(self):
        from benchbox.contracts import Threat
        return Threat("inf", 0.1)
"""


def method(name: str) -> str:
    return f"\n    def {name}(self, *arguments):\n        return None\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (ATTACK, r"attack 'mine' does not state its threat; expected .*def threat\(self\) -> Threat"),
        (
            GENERATOR.replace("round", "rounds"),
            r"generator 'mine' does not write round\(\), which its contract asks for",
        ),
        (SELECTOR + method("known"), r"selector 'mine' has a method known\(\) of version 1 .* referee keeps"),
        (GENERATOR + method("state_dict"), r"generator 'mine' has a method state_dict\(\) .* on self"),
        (GENERATOR + method("load_state_dict"), r"load_state_dict\(\) .* put back after setup"),
        (GENERATOR + method("play"), r"generator 'mine' has a method play\(\) .* the referee says when"),
        (SELECTOR + method("play"), r"selector 'mine' has a method play\(\)"),
        (SELECTOR + method("wants_insider"), r"has a method wants_insider\(\) .* wants\(\) names Grant.INSIDER"),
        (DATASET + method("content"), r"dataset 'mine' has a method content\(\) .* hashes the arrays"),
        (
            "from benchbox.contracts import Offer\n" + SELECTOR,
            "no Offer since version 2 of the contract: a generator sets",
        ),
        (SELECTOR + "benchbox_contract = 1\n", "needs version 1 .* or change it: an attack states threat"),
    ],
)
def test_what_version_1_had_is_refused_with_what_to_write_instead(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=said) as refused:
        Catalogue.discover([plugin_file(tmp_path, body)])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("body", [ATTACK + THREAT, SELECTOR, GENERATOR, DATASET])
def test_without_it_they_are_taken(body: str, tmp_path: Path) -> None:
    path = plugin_file(tmp_path, body + f"benchbox_contract = {CONTRACT_VERSION}\n")
    assert [row.package for row in Catalogue.discover([path]).named("mine")] == [str(path)]


def test_a_base_class_without_a_name_is_no_plugin(tmp_path: Path) -> None:
    base = "class Base(Selector):\n    step = 2\n\nclass Mine(Base"
    path = plugin_file(tmp_path, SELECTOR.replace("class Mine(Selector", base))
    assert [row.target for row in Catalogue.discover([path]).named("mine")] == ["Mine"]


def test_an_installed_package_of_version_1_costs_its_own_row_alone(install: Install) -> None:
    install("stranger", hooked(SELECTOR + method("known")))
    catalogue = Catalogue.discover()
    assert ["known() of version 1" in row.error for row in catalogue.broken] == [True]
    assert catalogue.get("selector", "random").builtin


def test_other_names_that_are_not_there_are_said_as_python_says_them() -> None:
    import benchbox.contracts

    assert not hasattr(benchbox.contracts, "Ofer")
