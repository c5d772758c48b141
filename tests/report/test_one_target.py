"""Five seeds that attacked one target rank nobody, unless their suite gives them one."""

from __future__ import annotations

import pytest
from report_samples import put

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.leaderboard import render
from benchbox.report.text import render_pages
from benchbox.store import Store

SUITE = """
title = "Any"
datasets = ["digits"]
seeds = 5

[[scenario]]
name = "real data"
plays = "selector"
target = {target}
substitute = "lenet5"
access = "label"
pool = {{}}
budgets = [50, 150, 600]
methods = ["random", "drmi"]
"""
OWN, ONE = '{ model = "lenet5" }', '{ model = "lenet5", seed = 0 }'
SAID = "All seeds attacked one target"


def played(empty: Store, target: str) -> Store:
    """Two methods of five seeds, far apart; ``{}`` in the target's name is the seed."""
    for seed in range(5):
        for position, (method, height) in enumerate({"random": 0.6, "drmi": 0.8}.items()):
            at = {"seeds": (seed,), "wanted": (seed,), "position": position, "target": target.format(seed)}
            put(empty, method, (height,) * 3, **at)
    return empty


def told(store: Store, catalogue: Catalogue, target: str) -> dict[str, str]:
    """Return what each form says of a store whose suite writes its target so."""
    (catalogue.suite_folders[0] / "label-only.toml").write_text(SUITE.format(target=target), encoding="utf-8")
    files = render(store, catalogue)
    names = ("README.md", "label-only/README.md", "label-only/digits.md", "index.html", "data/methods.csv")
    return {"terminal": render_pages(read_pages(store, catalogue)), **{name: files[name].decode() for name in names}}


def test_seeds_that_attacked_one_target_rank_nobody_and_the_page_says_why(empty: Store, catalogue: Catalogue) -> None:
    forms = told(played(empty, "digits/lenet5"), catalogue, OWN)
    for form in ("terminal", "label-only/digits.md", "index.html"):
        assert SAID in forms[form]
        assert "benchbox run --suite label-only --dataset digits" in forms[form]
    page = forms["label-only/digits.md"]
    assert page.index(SAID) < page.index("| rank ")
    for form in ("terminal", "README.md", "label-only/README.md", "label-only/digits.md"):
        assert "behind by" not in forms[form]
        assert "leads" not in forms[form].replace("*leads*: told from all others", "")
        assert "**" not in forms[form]
    assert "5 replicates against one target" in forms["README.md"]
    head, *rows = (line.split(",") for line in forms["data/methods.csv"].splitlines())
    assert {row[head.index(name)] for row in rows for name in ("rank", "behind", "over_plainest")} == {""}


@pytest.mark.parametrize(
    ("target", "of_the_suite"),
    [
        ("digits/lenet5", ONE),
        ("digits/lenet5+seed={}", OWN),
        ("mine", OWN),
    ],
    ids=["the suite gives one", "one for each seed", "a target that was given"],
)
def test_others_are_ranked(empty: Store, catalogue: Catalogue, target: str, of_the_suite: str) -> None:
    forms = told(played(empty, target), catalogue, of_the_suite)
    assert not any(SAID in text for text in forms.values())
    assert "| leads " in forms["label-only/digits.md"]


def test_one_method_that_was_played_anew_does_not_rank_the_others(empty: Store, catalogue: Catalogue) -> None:
    played(empty, "digits/lenet5")
    for seed in range(5):
        put(empty, "trace", (0.9,) * 3, seeds=(seed,), wanted=(seed,), position=2, target=f"digits/lenet5+seed={seed}")
    assert SAID in told(empty, catalogue, OWN)["terminal"]
