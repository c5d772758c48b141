"""The lazy search makes the plain search's choice, from bounds that hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from benchbox_plugins.selectors import _lazy, drmi
from benchbox_plugins.selectors._bounds import at_least, at_most, cells, value
from benchbox_plugins.selectors._greedy import greedy
from benchbox_plugins.selectors._mutual_information_torch import TorchMutualInformation
from benchbox_plugins.selectors._similarity import Similarity
from benchbox_plugins.selectors._sketch import sketch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from test_drmi import SEARCHES, strokes
from test_selector_contract import choose

Levels = NDArray[np.uint8]


@st.composite
def pools(draw: st.DrawFn) -> Levels:
    """Up to 90 small images of few or many levels, among them strokes, copies, inversions and constant ones."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size, pixels, levels = (
        draw(st.integers(2, 90)),
        draw(st.integers(1, 150)),
        draw(st.sampled_from([2, 3, 5, 17, 256])),
    )
    inked = rng.random((size, pixels)) < rng.random((size, 1)) * draw(st.sampled_from([0.3, 1.0, 2.0]))
    pool = (rng.integers(0, levels, (size, pixels)) * inked).astype(np.uint8)
    for _ in range(draw(st.integers(0, 3))):
        source, target = rng.integers(0, size, (2, size // 2 + 1))
        pool[target] = draw(st.sampled_from([pool[source], levels - 1 - pool[source], pool[source[:1]] * 0]))
    return pool


def both_ways(
    levels: Levels, k: int, start: int, search: Any, alpha: int, normalise: Any = "none"
) -> tuple[list[int], list[int]]:
    similarity = Similarity(torch.tensor(levels)[:, None, None] / 255, 256, normalise=normalise)
    every = np.arange(len(levels))

    def cost(image: int, among: NDArray[np.int64]) -> NDArray[np.float64]:
        row = similarity.row(image, among) ** alpha
        row[among == image] = 0
        return row

    plain = greedy(lambda image: cost(image, every), len(levels), k, start, search)
    sketched = similarity.sketched()
    if sketched is None:  # a blank image, and entropies to divide by
        return plain.tolist(), plain.tolist()
    return _lazy.lazy_greedy(*sketched, alpha, cost, k, start, search).tolist(), plain.tolist()


@settings(max_examples=150, deadline=None)
@given(pools(), st.sampled_from(SEARCHES), st.sampled_from([1, 2, 4, 64]), st.booleans(), st.data())
def test_choice_is_that_of_the_plain_search(
    levels: Levels, search: Any, alpha: int, normalise: bool, data: st.DataObject
) -> None:
    k, start = data.draw(st.integers(1, len(levels))), data.draw(st.integers(0, len(levels) - 1))
    lazy, plain = both_ways(levels, k, start, search, alpha, "sqrt-entropy" if normalise else "none")
    assert lazy == plain


@pytest.mark.parametrize("search", SEARCHES)
def test_choice_from_a_pool_larger_than_a_glance(search: Any) -> None:
    levels = np.concatenate([strokes(300, 200, seed) for seed in range(3)])
    lazy, plain = both_ways(levels, 120, 7, search, 4)
    assert lazy == plain


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("distinct", [3, 30])
def test_costs_beyond_32_bit_floats(search: Any, distinct: int) -> None:
    """Copies of noise share more than 4 nats; to the power 64 that is infinite to ``min-max-sum``."""
    noise = np.random.default_rng(0).permuted(np.tile(np.arange(250, dtype=np.uint8), (distinct, 1)), axis=1)
    lazy, plain = both_ways(np.concatenate([noise, noise, noise]), 3 * distinct - 2, 1, search, 64)
    assert lazy == plain


@pytest.mark.parametrize("search", SEARCHES)
def test_costs_that_vanish(search: Any) -> None:
    levels = (np.random.default_rng(1).random((9, 31)) < 0.12).astype(np.uint8)
    lazy, plain = both_ways(levels, 9, 3, search, 64)
    assert lazy == plain


@settings(max_examples=60, deadline=None)
@given(pools())
def test_bounds_hold_and_values_agree(levels: Levels) -> None:
    of, size, pixels = sketch(levels), len(levels), levels.shape[1]
    similarity = Similarity(torch.tensor(levels)[:, None, None] / 255, 256)
    both, table = np.empty(pixels + 1, np.uint16), np.zeros(258 << 8, np.uint16)
    for i in range(0, size, 7):
        wanted = similarity.row(i, np.arange(size))
        for j in range(size):
            m, v = np.uint64(i), np.uint64(j)
            margins = of.nlogn[-1] - of.margin[i] - of.margin[j]
            worth, *shared = cells(of.planes, of.planes, of.facts, of.facts, of.nlogn, m, v)
            seen = worth, *map(np.uint64, shared)  # Python's integers have a sign
            low = at_least(seen, of.facts, of.facts, of.least, of.nlogn, m, v)
            high = at_most(seen, of.facts, of.facts, of.most, m, v)
            counted = of.facts, of.facts, of.counts, of.counts, of.places, of.there, of.nlogn, of.step
            known = value(of.ranks, *counted, both, table, m, v)
            assert (low + margins) / pixels - 1e-6 <= wanted[j] <= (high + margins) / pixels + 1e-6
            assert max(0.0, (known + margins) / pixels) == pytest.approx(wanted[j], abs=1e-12)
    assert not table.any()


@pytest.mark.parametrize(
    "options",
    [
        "search=min-sum",
        "search=min-sum,alpha=1,bins=16",
        "search=min-max-sum",
        "search=min-max-pair,stratify=label",
        "search=min-max-pair,stratify=cluster,normalise=sqrt-entropy",
        "search=min-sum,start=random,swaps=3",
        "search=min-sum,colour=channels",
    ],
)
def test_options_choose_alike_with_bounds_and_without(options: str, game: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = choose(f"drmi[{options}]", game, 60)
    monkeypatch.setattr(drmi, "LAZY_FROM", 0)
    assert choose(f"drmi[{options}]", game, 60) == plain


def test_only_what_bounds_were_made_for_is_sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    images = torch.tensor(strokes(6, 48, seed=1)).reshape(6, 3, 4, 4) / 255
    assert Similarity(images[3:], 256).sketched() is not None
    assert Similarity(images, 256, colour="channels").sketched() is None
    blank = torch.zeros(2, 1, 4, 4)
    assert Similarity(blank, 256).sketched() is not None
    assert Similarity(blank, 256, normalise="sqrt-entropy").sketched() is None
    assert Similarity(torch.zeros(1, 1, 256, 256), 256).sketched() is None
    monkeypatch.setattr("benchbox_plugins.selectors._similarity._rows", TorchMutualInformation)
    assert Similarity(images, 256).sketched() is None


def test_settles_by_the_plain_search_s_own_figures() -> None:
    """Copies tie: the lowest row wins, whatever the rounding of sums in another order says."""
    levels = strokes(40, 100, seed=3)
    levels[20:] = levels[:20]
    for search in SEARCHES:
        lazy, plain = both_ways(levels, 30, 5, search, 4)
        assert lazy == plain


@pytest.mark.parametrize("search", SEARCHES)
def test_spares_most_pairs_and_asks_the_plain_search_for_none(search: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    levels = np.concatenate([strokes(300, 400, seed)[3:] // 16 for seed in range(3)])
    levels = levels[(levels > 0).sum(1) > 60]  # images of few pixels, or of as many levels, tie
    searches: list[Any] = []
    prepare = _lazy._Lazy.__init__

    def kept(self: Any, *arguments: Any) -> None:
        prepare(self, *arguments)
        searches.append(self)

    monkeypatch.setattr(_lazy._Lazy, "__init__", kept)
    monkeypatch.setattr(_lazy, "greedy", None)
    similarity = Similarity(torch.tensor(levels)[:, None, None] / 255, 256)
    sketched = similarity.sketched()
    assert sketched is not None
    asked: list[int] = []

    def cost(image: int, among: NDArray[np.int64]) -> NDArray[np.float64]:
        asked.append(len(among))
        return similarity.row(image, among) ** 4

    _lazy.lazy_greedy(*sketched, 4, cost, 20, 0, search)
    assert search == "min-max-sum" or not asked
    assert searches[0]._valued.clip(min=0).sum() < 0.25 * len(levels) * 20
