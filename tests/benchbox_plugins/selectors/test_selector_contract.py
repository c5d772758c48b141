"""What every selector must hold, whatever it chooses by."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import torch
from benchbox_plugins.selectors import PLUGINS
from torch import Tensor

from benchbox.contracts import Access, Game, Grant, PluginError, Selector
from benchbox.errors import BudgetError
from benchbox.registry import Catalogue, Spec, create, load

ROWS = {row.name: row for row in Catalogue.discover().entries("selector")}

SPECS = [
    "random",
    "random-stratified",
    "drmi",
    "drmi[search=min-max-sum]",
    "drmi[search=min-max-pair,bins=4]",
    "drmi[profile=best]",
    "drmi[stratify=cluster,start=random]",
    "drmi[normalise=sqrt-entropy,start=highest-entropy]",
    "drmi[swaps=5]",
    "cmal",
    "cmal[rule=decorrelate]",
    "cpb[rule=hcp,answers=granted]",
    "cpb[rule=lcp,answers=granted]",
    "cpb[answers=granted]",
    "cpb[rule=pca-kmeans,answers=granted]",
    "cpb[space=pixel]",
    "cpb",
    "cpb[rule=lcp,keep=0.2]",
    "medoids[space=pixel]",
    "trace",
    "trace[neurons=target]",
    "trace[neurons=target,rule=k-centre]",
    "trace[neurons=target,rule=most-active]",
    "k-centre",
    "k-centre[space=substitute]",
    "uncertainty",
    "uncertainty[measure=margin,rounds=3]",
    "activethief[epochs=3]",
    "activethief[epochs=3,strategy=uncertainty]",
    "activethief[epochs=3,strategy=adversarial,rounds=3]",
    "activethief[epochs=3,strategy=adversarial+k-centre,rounds=3]",
    "activethief[epochs=3,strategy=random,validation=0]",
]


def selector(text: str) -> Selector:
    spec = Spec.parse(text)
    made = create(ROWS[spec.name], spec)
    assert isinstance(made, Selector)
    return made


def choose(text: str, make: Any, k: int, **rules: Any) -> list[int]:
    method = selector(text)
    rules = {"budget": k, "access": Access.PROBABILITIES, "insider": Grant.INSIDER in method.wants(), **rules}
    rows = method.select(make(**rules), k)
    assert rows.shape == (k,)
    return [int(row) for row in rows]


@pytest.mark.parametrize("text", SPECS)
def test_chooses_distinct_rows_and_the_same_ones_again(text: str, game: Any) -> None:
    rows = choose(text, game, 37, seed=3)
    assert len(set(rows)) == 37
    assert 0 <= min(rows) <= max(rows) < 300
    assert choose(text, game, 37, seed=3) == rows


@pytest.mark.parametrize("text", [text for text in SPECS if selector(text).nested])
def test_first_rows_of_a_nested_choice_are_the_smaller_choice(text: str, game: Any) -> None:
    large = choose(text, game, 60, seed=1)
    assert [choose(text, game, k, seed=1) for k in (1, 7, 30)] == [large[:1], large[:7], large[:30]]


def test_options_decide_whether_a_choice_is_nested() -> None:
    assert [selector(text).nested for text in ("drmi", "drmi[swaps=5]", "drmi", "cpb")] == [True, False, True, False]


@pytest.mark.parametrize("text", SPECS)
@pytest.mark.parametrize("size", [1, 45])
def test_can_choose_one_and_all(text: str, size: int, game: Any) -> None:
    assert len(choose(text, game, 1, size=size)) == 1
    assert sorted(choose(text, game, size, size=size)) == list(range(size))


@pytest.mark.parametrize("text", SPECS)
def test_plays_every_budget_within_it(text: str, match: Any) -> None:
    method = selector(text)
    played = match(method, 12, 25)
    sizes = [method.choice_size(12), method.choice_size(25)]
    assert played.spent() == [sum(played.phases(budget).values()) for budget in (12, 25)] == [12, 25]
    assert played.noted("chosen") == sizes
    assert sum(sum(played.noted(f"class_{c}")) for c in range(10)) == sum(sizes)
    assert played.trained[-1] == sizes[-1]


def test_refuses_more_than_the_pool_holds(match: Any) -> None:
    with pytest.raises(BudgetError, match="'random' was asked for 46 rows of a pool of 45 images"):
        match(selector("random"), 46, size=45)


class Thrifty(Selector):
    """Says what ``says`` is set to."""

    name = "thrifty"
    says = 0

    def select(self, game: Game, k: int) -> Tensor:
        return torch.arange(k)

    def choice_size(self, budget: int) -> int:
        return self.says


@pytest.mark.parametrize(
    ("nested", "says", "words"),
    [
        (True, 5, "chooses 5 rows at a budget of 20 and that it is nested; expected nested = False"),
        (False, 21, "chooses 21 rows at a budget of 20; expected 1 to 20"),
        (False, 0, "chooses 0 rows"),
    ],
)
def test_a_choice_smaller_than_the_budget_is_declared_as_it_can_be_held(
    nested: bool, says: int, words: str, match: Any
) -> None:
    mine = Thrifty()
    mine.nested, mine.says = nested, says
    with pytest.raises(PluginError, match=words):
        match(mine, 20)


def test_listing_and_building_import_neither_torch_nor_numba() -> None:
    code = (
        "import sys, importlib, json\n"
        "from benchbox_plugins.selectors import PLUGINS\n"
        "for row in PLUGINS: importlib.import_module(row.target.partition(':')[0])\n"
        "print(json.dumps([m for m in ('torch', 'sklearn', 'numba', 'art') if m in sys.modules]))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert json.loads(out.stdout) == []


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_every_option_is_described() -> None:
    for row in PLUGINS:
        for name, field in load(ROWS[row.name]).Options.model_fields.items():
            assert field.description, f"{row.name}: {name}"
