from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from benchbox_plugins.selectors._facility import facility
from benchbox_plugins.selectors._greedy import Search, greedy, objective, refine
from benchbox_plugins.selectors._mutual_information import MutualInformation
from benchbox_plugins.selectors._mutual_information_torch import TorchMutualInformation
from benchbox_plugins.selectors._similarity import Similarity, grey_levels
from benchbox_plugins.selectors._thumbnails import thumbnails
from numpy.typing import NDArray
from sklearn.metrics import mutual_info_score
from test_selector_contract import choose, selector

from benchbox.errors import OptionError, UnknownNameError

SEARCHES: tuple[Search, ...] = ("min-sum", "min-max-sum", "min-max-pair")


def strokes(count: int, pixels: int, seed: int) -> NDArray[np.uint8]:
    """Images that are mostly background, like digits, with a blank, a full and a noisy one among them."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, pixels)) * (rng.random((count, pixels)) < rng.random((count, 1)) * 0.5)
    images[0], images[1], images[2] = 0, 255, rng.integers(0, 256, pixels)
    return images.astype(np.uint8)


def pair_costs(count: int, seed: int) -> NDArray[np.float64]:
    costs = np.random.default_rng(seed).random((count, count))
    costs = costs + costs.T
    np.fill_diagonal(costs, 0)
    return costs


@pytest.mark.parametrize("bins", [256, 16, 4, 2])
@pytest.mark.parametrize("kind", ["numba", "torch"])
def test_mutual_information_agrees_with_scikit_learn(bins: int, kind: str) -> None:
    levels = strokes(20, 150, seed=bins) // (256 // bins)
    rows: Any = MutualInformation(levels) if kind == "numba" else TorchMutualInformation(torch.tensor(levels), bins)
    for i in (0, 1, 2, 11):
        wanted = [mutual_info_score(levels[i], other) for other in levels]
        np.testing.assert_allclose(rows.row(i, np.arange(20)), wanted, atol=1e-9)
        assert rows.entropy[i] == pytest.approx(mutual_info_score(levels[i], levels[i]), abs=1e-9)


def test_large_images_count_without_overflow() -> None:
    levels = strokes(4, 300 * 300, seed=0) // 128
    got = MutualInformation(levels).row(1, np.arange(4))
    np.testing.assert_allclose(got, [mutual_info_score(levels[1], other) for other in levels], atol=1e-9)


def test_torch_path_does_not_depend_on_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = torch.tensor(strokes(23, 60, seed=1))
    among = np.array([5, 0, 22, 3, 9, 9])
    whole = TorchMutualInformation(levels, 256).row(4, among)
    monkeypatch.setattr("benchbox_plugins.selectors._mutual_information_torch._TABLE_BYTES", 4 * 256 * 256 * 4)
    np.testing.assert_array_equal(TorchMutualInformation(levels, 256).row(4, among), whole)


@pytest.mark.parametrize("search", SEARCHES)
def test_torch_path_chooses_the_same_images(search: Search, game: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = choose(f"drmi[search={search}]", game, 50)
    monkeypatch.setattr("benchbox_plugins.selectors._similarity._rows", TorchMutualInformation)
    assert choose(f"drmi[search={search}]", game, 50) == ours


def test_grey_levels_round_to_the_byte_that_was_read() -> None:
    image = torch.arange(256, dtype=torch.float32).reshape(1, 1, 16, 16) / 255
    assert grey_levels(image, 256).flatten().tolist() == list(range(256))
    assert grey_levels(image, 16).flatten().tolist() == [level // 16 for level in range(256)]


def test_colour_is_luma_or_the_mean_over_channels() -> None:
    images = torch.tensor(strokes(6, 3 * 64, seed=4)).reshape(6, 3, 8, 8) / 255
    channels = [Similarity(images[:, c : c + 1], 16).row(3, np.arange(6)) for c in range(3)]
    np.testing.assert_allclose(Similarity(images, 16, "channels").row(3, np.arange(6)), np.mean(channels, 0))
    grey = images[:, :1].expand(-1, 3, -1, -1)
    np.testing.assert_allclose(
        Similarity(grey, 16).row(3, np.arange(6)), Similarity(grey[:, :1], 16).row(3, np.arange(6))
    )


def test_normalised_similarity_of_an_image_with_itself_is_one_and_of_a_blank_none() -> None:
    images = torch.tensor(strokes(8, 64, seed=4)).reshape(8, 1, 8, 8) / 255
    similarity = Similarity(images, 256, normalise="sqrt-entropy")
    assert similarity.row(5, np.arange(8))[[0, 5]] == pytest.approx([0, 1])


@pytest.mark.parametrize("search", SEARCHES)
def test_each_greedy_step_is_the_best_by_brute_force(search: Search) -> None:
    costs = pair_costs(14, seed=2)
    chosen = greedy(costs.__getitem__, 14, 9, 6, search).tolist()
    assert chosen[0] == 6
    for i in range(1, 9):
        rest = [x for x in range(14) if x not in chosen[:i]]
        worth = [objective(costs[np.ix_([*chosen[:i], x], [*chosen[:i], x])], search) for x in rest]
        assert chosen[i] == rest[int(np.argmin(worth))]


@pytest.mark.parametrize("search", SEARCHES)
def test_swaps_lower_the_objective_and_never_beat_the_optimum(search: Search) -> None:
    improved = 0
    for seed in range(12):
        costs = pair_costs(10, seed)
        before = greedy(costs.__getitem__, 10, 4, 0, search)
        after = refine(costs.__getitem__, before, search, 20)
        assert len(set(after.tolist())) == 4
        worth = [objective(costs[np.ix_(rows, rows)], search) for rows in (before, after)]
        best = min(objective(costs[np.ix_(s, s)], search) for s in itertools.combinations(range(10), 4))
        assert best - 1e-6 <= worth[1] <= worth[0] + 1e-6
        improved += worth[1] < worth[0] - 1e-6
    assert improved


def test_alpha_changes_sums_and_not_the_largest_pair(game: Any) -> None:
    assert choose("drmi[alpha=1]", game, 40) != choose("drmi[alpha=4]", game, 40)
    pairs = [choose(f"drmi[search=min-max-pair,alpha={alpha}]", game, 40) for alpha in (1, 4)]
    assert pairs[0] == pairs[1]


def test_literal_choice_is_brute_force_over_scikit_learns_numbers(game: Any) -> None:
    made = game(size=25, budget=6)
    levels = (made.pool.images.flatten(1) * 255).round().int().numpy()
    costs = np.array([[mutual_info_score(u, v) for v in levels] for u in levels])
    chosen = [int(costs.diagonal().argmin())]
    for _ in range(5):
        total = (costs[chosen] ** 4).sum(0)
        total[chosen] = np.inf
        chosen.append(int(total.argmin()))
    assert choose("drmi", game, 6, size=25) == chosen


@pytest.mark.parametrize("text", ["random-stratified", "drmi[stratify=label]"])
def test_strata_take_equally_from_each_class(text: str, game: Any, digits: Any) -> None:
    assert set(torch.bincount(digits[1][choose(text, game, 60)]).tolist()) == {6}
    assert set(torch.bincount(digits[1][choose(text, game, 63)], minlength=10).tolist()) == {6, 7}


def test_a_class_that_runs_out_is_passed_over(game: Any) -> None:
    labels = torch.tensor([0] * 3 + [1] * 37)
    for text in ("random-stratified", "drmi[stratify=label]"):
        chosen = choose(text, game, 20, size=40, labels=labels)
        assert torch.bincount(labels[chosen]).tolist() == [3, 17]


def test_profiles_name_the_literal_and_the_best_reading() -> None:
    assert selector("drmi[profile=paper]").options == selector("drmi").options
    best = selector("drmi[profile=best]").options
    assert (best.search, best.bins, best.stratify) == ("min-max-pair", 256, "label")


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("drmi[bins=100]", OptionError, "should be 256, 128"),
        ("drmi[search=minsum]", OptionError, "min-sum"),
        ("drmi[alpha=0]", OptionError, "alpha"),
        ("drmi[serch=min-sum]", UnknownNameError, "did you mean 'search'"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        selector(text)


def test_facility_location_takes_what_most_raises_the_likeness_to_the_likest_member() -> None:
    like = 1 - pair_costs(40, seed=3) / 2
    best, expected = np.zeros(40), []
    for _ in range(9):
        worth = np.maximum(like, best[:, None]).sum(0)
        worth[expected] = 0
        expected.append(int(worth.argmax()))
        best = np.maximum(best, like[expected[-1]])
    assert facility(lambda image, among: like[image, among].copy(), 40, 9).tolist() == expected
    assert len(set(facility(lambda image, among: like[image, among] * 0, 5, 5).tolist())) == 5, (
        "all alike, all chosen once"
    )


def test_thumbnails_are_compared_where_a_side_is_given(game: Any) -> None:
    blocks = torch.rand((12, 3, 4, 4), generator=torch.Generator().manual_seed(0))
    photographs, labels = blocks.repeat_interleave(8, 2).repeat_interleave(8, 3), torch.arange(12) % 2
    small = torch.einsum("nchw,c->nhw", blocks, torch.tensor([0.299, 0.587, 0.114]))[:, None]
    torch.testing.assert_close(thumbnails(photographs, 4, grey=True), small)
    torch.testing.assert_close(thumbnails(photographs, 4, grey=False), blocks)
    chosen = choose("drmi[side=4]", game, 6, images=photographs, labels=labels)
    assert chosen == choose("drmi", game, 6, images=small, labels=labels)


def test_without_a_side_a_cell_is_what_it_was_before_there_was_one() -> None:
    assert "side" not in selector("drmi").options.model_dump(mode="json")
    options = selector("drmi[side=32]").options
    assert type(options).model_validate(options.model_dump(mode="json")) == options
    assert options.side == 32


def test_facility_takes_no_swaps_and_no_start() -> None:
    for option in ("swaps=3", "start=random"):
        with pytest.raises(OptionError, match="search=facility takes no swaps and no start"):
            selector(f"drmi[search=facility,{option}]")
