"""The selectors beside ``drmi``, against independent references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from benchbox_plugins.models.resnet20 import ResNet20
from benchbox_plugins.selectors._correlation import mean_squared_products
from benchbox_plugins.selectors._coverage import covering_rows
from benchbox_plugins.selectors._farthest import farthest_first
from benchbox_plugins.selectors._kmeans import cluster_centres
from benchbox_plugins.selectors._networks import activations
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from test_selector_contract import choose, selector

from benchbox.contracts import Access, Grant, NotApplicable
from benchbox.errors import OptionError, TargetError
from benchbox.target.insider import TargetInsider


def mismatch(vectors: torch.Tensor, rows: list[int]) -> float:
    """Frobenius distance between the chosen rows' second moments and all rows', the dense formula."""
    chosen = vectors[rows].double()
    every = vectors.double()
    return float(torch.linalg.matrix_norm(chosen.T @ chosen / len(rows) - every.T @ every / len(every)))


@pytest.mark.parametrize("size", [40, 300])
def test_mean_squared_products_are_the_dense_formula(size: int, digits: Any) -> None:
    vectors = digits[0][:size].flatten(1)
    dense = (vectors.double() @ vectors.double().T).square().mean(1)
    torch.testing.assert_close(mean_squared_products(vectors), dense, rtol=1e-5, atol=0)


def test_cmal_takes_the_step_that_the_kernel_formula_says(digits: Any, game: Any) -> None:
    vectors = digits[0].flatten(1).double()
    kernel = (vectors @ vectors.T).square()
    chosen: list[int] = []
    for i in range(12):
        worth = kernel.mean(1) - kernel[:, chosen].sum(1) / (i + 1)
        worth[chosen] = -torch.inf
        chosen.append(int(worth.argmax()))
    assert choose("cmal", game, 12) == chosen


def test_cmal_matches_the_pools_moments_better_than_random_choice_does(digits: Any, game: Any) -> None:
    vectors = digits[0].flatten(1)
    ours = mismatch(vectors, choose("cmal", game, 60))
    random = [mismatch(vectors, choose("random", game, 60, seed=seed)) for seed in range(10)]
    assert ours < 0.7 * min(random)


def test_cmal_decorrelate_takes_the_smallest_sum_of_numpys_correlations(digits: Any, game: Any) -> None:
    images = torch.cat([digits[0][:60], torch.full((1, 1, 8, 8), 0.5)])
    labels = torch.cat([digits[1][:60], torch.tensor([0])])
    with np.errstate(invalid="ignore"):
        pearson = np.abs(np.nan_to_num(np.corrcoef(images.flatten(1).double().numpy())))
    rows = choose("cmal[rule=decorrelate]", game, 15, images=images, labels=labels)
    for i in range(1, 15):
        total = pearson[rows[:i]].sum(0)
        total[rows[:i]] = np.inf
        assert total[rows[i]] == pytest.approx(total.min(), abs=1e-5)


@pytest.mark.parametrize("rule", ["kmeans", "pca-kmeans"])
@pytest.mark.parametrize("space", ["pixel", "prob"])
def test_cpb_picks_what_is_nearest_to_scikit_learns_centres(rule: str, space: str, game: Any) -> None:
    made = game(access=Access.PROBABILITIES, insider=True, seed=4)
    points = made.pool.images.flatten(1) if space == "pixel" else made.insider.probabilities(made.pool.images)
    seed = int(torch.randint(2**31 - 1, (1,), generator=made.rng))
    points = points.numpy()
    if rule == "pca-kmeans":
        points = PCA(min(50, points.shape[1] - 1), random_state=seed).fit_transform(points)
    sample = np.random.default_rng(seed).permutation(300)
    start, _ = kmeans_plusplus(points[sample], 20, random_state=seed)
    means = KMeans(20, init=start, n_init=1, max_iter=20).fit(points)
    centres = means.cluster_centers_[np.argsort(-np.bincount(means.labels_), kind="stable")]
    distances = cdist(centres, points)
    rows = choose(f"cpb[rule={rule},space={space},answers=granted]", game, 20, seed=4)
    for i, row in enumerate(rows):
        distances[i, rows[:i]] = np.inf
        assert distances[i, row] == pytest.approx(distances[i].min(), abs=2e-3)


@pytest.mark.parametrize("k", [10, 40])
def test_centres_from_a_sample_are_as_good_as_scikit_learns(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchbox_plugins.selectors._kmeans._LEAST_SAMPLE", 0)
    points = load_digits().data.astype(np.float32)
    ours, theirs = (
        np.mean([cdist(centres(seed), points, "sqeuclidean").min(0).sum() for seed in range(3)])
        for centres in (
            lambda seed: cluster_centres(points, k, seed, 20),
            lambda seed: KMeans(k, n_init=1, max_iter=20, random_state=seed).fit(points).cluster_centers_,
        )
    )
    assert ours < 1.03 * theirs


def test_cpb_ranks_by_the_targets_confidence(game: Any) -> None:
    made = game(access=Access.PROBABILITIES, insider=True)
    confidence, answers = made.insider.probabilities(made.pool.images).max(1)
    high = choose("cpb[rule=hcp,answers=granted]", game, 25)
    assert set(high) == set(confidence.topk(25).indices.tolist())
    right = (answers == made.pool.labels).nonzero().flatten()
    low = choose("cpb[rule=lcp,answers=granted]", game, 25)
    assert low == right[confidence[right].argsort()][:25].tolist()


def test_cpb_takes_wrongly_answered_images_last(game: Any, digits: Any) -> None:
    wrong = (digits[1] + 1) % 10
    mixed = torch.where(torch.arange(300) < 40, digits[1], wrong)
    made = game(access=Access.PROBABILITIES, insider=True)
    right = made.insider.probabilities(made.pool.images).argmax(1) == mixed
    rows = choose("cpb[rule=lcp,answers=granted]", game, 60, labels=mixed)
    assert bool(right[rows[: int(right.sum())]].all())


def test_cpb_per_class_takes_equally_from_the_answered_classes(game: Any) -> None:
    made = game(access=Access.PROBABILITIES, insider=True)
    answers = made.insider.probabilities(made.pool.images).argmax(1)
    rows = choose("cpb[rule=hcp,answers=granted,per_class=true]", game, 50)
    assert torch.bincount(answers[rows]).tolist() == [5] * 10


@pytest.mark.parametrize(("budget", "keep", "trained"), [(45, 0.2, 9), (20, 0.5, 10), (1, 0.5, 1), (45, 1.0, 45)])
def test_cpb_pays_once_for_what_it_chooses_among(budget: int, keep: float, trained: int, match: Any) -> None:
    played = match(selector(f"cpb[rule=hcp,keep={keep}]"), budget, size=45)
    assert (played.spent(), played.phases(budget)) == ([budget], {"candidates": budget})
    assert played.trained == [trained]


def test_cpb_that_paid_for_the_whole_pool_chooses_as_one_that_is_granted_it(game: Any) -> None:
    for rule in ("hcp", "lcp"):
        paid = choose(f"cpb[rule={rule}]", game, 30, size=60, budget=60)
        assert paid == choose(f"cpb[rule={rule},answers=granted]", game, 30, size=60)


def test_cpb_chooses_by_rule_among_random_images_that_it_paid_for(game: Any) -> None:
    made = game(budget=50, access=Access.PROBABILITIES, seed=2)
    method = selector("cpb[rule=hcp,keep=0.2]")
    rows = method.select(made, 10)
    [asked] = made.oracle.asked
    confidence = made.oracle.probabilities(asked).max(1).values
    assert torch.equal(made.pool.images[rows], asked[confidence.argsort(descending=True)][:10])
    assert len(asked.flatten(1).unique(dim=0)) == 50


def test_cpb_granted_answers_cost_nothing_but_the_chosen(match: Any) -> None:
    played = match(selector("cpb[answers=granted]"), 20)
    assert (played.spent(), played.phases(20)) == ([20], {"chosen": 20})


@pytest.mark.parametrize(
    ("text", "rules", "reason"),
    [
        ("cpb[rule=hcp,answers=granted]", {"access": Access.LABEL, "insider": True}, "answers labels only"),
        ("cpb", {"access": Access.LABEL, "budget": 300}, "answers labels only"),
    ],
)
def test_cpb_says_why_it_is_not_applicable(text: str, rules: dict[str, Any], reason: str, game: Any) -> None:
    made = game(**rules)
    with pytest.raises(NotApplicable, match=reason):
        selector(text).applicable(made)
    assert made.oracle.spent == 0


def test_options_decide_what_a_selector_asks_to_be_granted() -> None:
    asked: dict[str, tuple[Access, set[Grant]]] = {
        "cpb": (Access.PROBABILITIES, set()),
        "cpb[answers=granted]": (Access.PROBABILITIES, {Grant.INSIDER}),
        "cpb[answers=granted,rule=lcp]": (Access.PROBABILITIES, {Grant.INSIDER, Grant.LABELS}),
        "cpb[space=pixel,answers=granted]": (Access.LABEL, set()),
        "trace": (Access.LABEL, {Grant.LABELS}),
        "trace[neurons=target]": (Access.LABEL, {Grant.INSIDER}),
        "drmi": (Access.LABEL, set()),
        "drmi[profile=best]": (Access.LABEL, {Grant.LABELS}),
        "random": (Access.LABEL, set()),
        "random-stratified": (Access.LABEL, {Grant.LABELS}),
        "k-centre[space=substitute]": (Access.LABEL, {Grant.LABELS}),
        "k-centre": (Access.LABEL, set()),
    }
    for text, wanted in asked.items():
        method = selector(text)
        assert (method.needed_access(), set(method.wants())) == wanted, text


@pytest.mark.parametrize("text", ["medoids", "k-centre[space=encoder]", "cpb[space=encoder]"])
def test_a_selector_may_choose_by_what_the_trainer_learnt(text: str, game: Any) -> None:
    with pytest.raises(NotApplicable, match="trainer prepares no features"):
        selector(text).select(game(), 10)
    made = game()
    made.features = made.pool.images.flatten(1)
    in_pixels = text.partition("[")[0] + "[space=pixel]"
    assert selector(text).select(made, 10).tolist() == selector(in_pixels).select(game(), 10).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "cpb[rule=hcp,space=pixel]",
        "cpb[rule=kmeans,per_class=true]",
        "cpb[answers=granted,keep=0.3]",
        "cpb[space=pixel,keep=0.3]",
    ],
)
def test_cpb_refuses_options_that_contradict_each_other(text: str) -> None:
    with pytest.raises(OptionError, match=r"does not go with|keep is the share"):
        selector(text)


def test_coverage_steps_are_greedy_and_start_over(game: Any) -> None:
    active = np.random.default_rng(0).random((50, 12)) < 0.2
    rows, uncovered = covering_rows(active, 50).tolist(), np.ones(12, bool)
    for i, row in enumerate(rows):
        rest = [x for x in range(50) if x not in rows[:i]]
        if not (active[rest] & uncovered).any():
            uncovered[:] = True
        gains = (active[rest] & uncovered).sum(1)
        assert (active[row] & uncovered).sum() == gains.max()
        assert row == rest[int(gains.argmax())]
        uncovered &= ~active[row]
    assert sorted(rows) == list(range(50))


def test_coverage_covers_more_of_the_targets_neurons_than_random(game: Any) -> None:
    made = game(insider=True)
    active = torch.cat(list(made.insider.activations(made.pool.images))) > 0
    ours = active[choose("trace[neurons=target]", game, 2, seed=1)].any(0).sum()
    random = [active[choose("random", game, 2, seed=seed)].any(0).sum() for seed in range(20)]
    assert ours >= max(random)
    assert ours > np.mean(random)


def test_most_active_takes_the_largest_traces(game: Any) -> None:
    made = game(insider=True)
    count = (torch.cat(list(made.insider.activations(made.pool.images))) > 0).sum(1)
    rows = choose("trace[neurons=target,rule=most-active]", game, 10)
    assert count[rows].tolist() == count.topk(10).values.tolist()


def test_proxy_learns_from_the_attackers_own_labels_without_a_query(game: Any) -> None:
    for text in ("trace[proxy_images=80]", "k-centre[space=substitute,proxy_images=80]"):
        made = game(budget=10)
        selector(text).select(made, 10)
        assert (made.trained, made.oracle.spent) == ([(80, "proxy")], 0)


def test_activations_are_one_value_per_channel_or_neuron() -> None:
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 3, 3),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(108, 5),
        torch.nn.ReLU(inplace=True),
    ).eval()
    images = torch.rand(7, 1, 8, 8)
    [rows] = activations(network, images)
    maps = network[:2](images)
    torch.testing.assert_close(rows, torch.cat([maps.amax((2, 3)), network(images)], 1))


def test_farthest_first_agrees_with_brute_force_and_survives_duplicates(digits: Any) -> None:
    vectors = torch.cat([digits[0][:30].flatten(1), digits[0][:30].flatten(1)])
    rows, distances = farthest_first(vectors, 60, 7).tolist(), cdist(vectors, vectors)
    for i in range(1, 30):
        nearest = distances[rows[:i]].min(0)
        assert nearest[rows[i]] == pytest.approx(nearest.max(), abs=1e-5)
    assert sorted(rows) == list(range(60))


@pytest.mark.parametrize("access", list(Access))
def test_uncertainty_spends_its_budget_in_rounds_and_pays_once(access: Access, match: Any) -> None:
    played = match(selector("uncertainty[rounds=4]"), 64, access=access)
    assert played.spent() == [64]
    assert played.phases(64) == {"seed": 10, "round 1": 13, "round 2": 14, "round 3": 13, "round 4": 14}
    assert played.trained == [10, 23, 37, 50, 64]


def test_uncertainty_asks_what_its_substitute_is_least_sure_of(game: Any) -> None:
    for measure in ("entropy", "margin"):
        made = game(budget=40)
        rows = selector(f"uncertainty[rounds=1,seed_share=0.5,measure={measure}]").select(made, 40)
        again = game(budget=40)
        known = rows[:20]
        answers = again.oracle.query(again.pool.images[known])
        p = again.train(again.pool.images[known], answers)(again.pool.images).softmax(1).detach()
        two = p.topk(2).values
        doubt = -(p * p.log()).sum(1) if measure == "entropy" else two[:, 1] - two[:, 0]
        doubt[known] = -torch.inf
        assert set(rows[20:].tolist()) == set(doubt.topk(20).indices.tolist())


def test_every_relu_of_a_shipped_network_is_traced() -> None:
    network = ResNet20().build((3, 32, 32), 10).eval()
    seen = TargetInsider(network, torch.device("cpu")).activations(torch.rand(2, 3, 32, 32))
    assert seen.shape == (2, 16 + 6 * (16 + 32 + 64)), "the first layer's, and two a block of each of nine blocks"


def test_a_target_without_neurons_to_trace_is_one_sentence() -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    with pytest.raises(TargetError, match="the target has no ReLU"):
        TargetInsider(network, torch.device("cpu")).activations(torch.rand(2, 1, 2, 2))
