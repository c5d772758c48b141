"""IDEAL, QEDG, DisGUIDE, SwiftThief and sieve: what each of them asks, and what its rule spares."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from benchbox_plugins import _viewed
from benchbox_plugins._features import reading_features
from benchbox_plugins._viewed import viewed
from benchbox_plugins.generators import _networks, qedg
from benchbox_plugins.generators._black_box import squash
from benchbox_plugins.generators._contrast import Projected, answered_alike
from benchbox_plugins.generators._public import PublicAsker
from benchbox_plugins.generators._views import contrasted
from generator_games import MakeGame, Spy, sharper
from test_generators import Make


def asked_by(spec: str, make: Make, game: MakeGame, *budgets: int) -> list[torch.Tensor]:
    """Play, and return what was asked, a tensor a round."""
    asked: list[torch.Tensor] = []
    table = game(budgets)
    table.play(make(spec), replace(table.game, oracle=Spy(table.game.oracle, asked)))
    return asked


@pytest.mark.parametrize(
    "spec",
    [
        "ideal[width=8,batch=32,steps=3]",
        "qedg[width=8,batch=32,steps=3,epochs=1,last=0]",
        "disguide[width=8]",
        "sieve[size=32]",
    ],
)
def test_what_is_asked_has_256_grey_levels_and_no_image_twice(spec: str, make: Make, game: MakeGame) -> None:
    images = torch.cat(asked_by(spec, make, game, 96))
    assert torch.equal(images, images.mul(255).round().div(255))
    assert len(images.flatten(1).unique(dim=0)) > 90


@pytest.mark.parametrize(
    "spec",
    [
        "mega[width=8,plan=anytime,horizon=50]",
        "sieve[size=50]",
        "qedg[width=8,batch=32,steps=3,epochs=1,last=0,sure=1]",
    ],
)
def test_what_is_planned_for_no_budget_has_one_curve_for_all(spec: str, make: Make, game: MakeGame) -> None:
    short, long = make(spec), make(spec)
    one, two = game((100, 300)), game((100, 300, 600))
    one.play(short)
    two.play(long)
    there = next(offer for offer in two.offers if offer.spent == 300)
    assert all(torch.equal(weight, there.weights[name]) for name, weight in one.offers[-1].weights.items())


def test_mega_planned_for_a_budget_depends_on_it(make: Make, game: MakeGame) -> None:
    first = [len(asked_by("mega[width=8]", make, game, 500, last)[0]) for last in (600, 3000)]
    assert first[0] < first[1]


def test_qedg_asks_only_what_its_substitute_is_unsure_of(make: Make, game: MakeGame) -> None:
    method, table = make("qedg[width=8,batch=64,steps=3,epochs=1,last=0,sure=0.3]"), game((60,))
    method.setup(table.game)
    while table.meter.remaining:
        images = method._worth_asking(table.game)  # type: ignore[attr-defined]
        with torch.no_grad():
            sure = method.substitute(images).softmax(1).amax(1)
        assert len(images) == 1 or sure.max() <= 0.3
        method.round(table.game)


def test_qedgs_likeness_is_the_sum_over_all_pairs_of_a_class() -> None:
    rng = torch.Generator().manual_seed(0)
    images, classes = torch.rand((20, 1, 4, 4), generator=rng), torch.randint(3, (20,), generator=rng)
    pairs = [
        torch.nn.functional.cosine_similarity(images[i].flatten(), images[j].flatten(), dim=0)
        for j in range(20)
        for i in range(j)
        if classes[i] == classes[j]
    ]
    torch.testing.assert_close(qedg._alike(images, classes, 5), sum(pairs) / torch.tensor(20.0))


def test_qedg_compares_views_and_views_those_of_its_best_step_again(
    make: Make, game: MakeGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    views: list[tuple[torch.Tensor, torch.Tensor]] = []
    compared: list[torch.Tensor] = []
    likeness = qedg._alike

    def noted(images: torch.Tensor, *rest: Any) -> torch.Tensor:
        views.append((images.detach(), viewed(images, *rest)))
        return views[-1][1]

    monkeypatch.setattr(_viewed, "viewed", noted)
    monkeypatch.setattr(qedg, "_alike", lambda images, *rest: compared.append(images) or likeness(images, *rest))
    method, table = make("qedg[width=8,batch=32,steps=4,lr_g=0.05]"), game((60,))
    method.setup(table.game)
    made = method._made(table.game)  # type: ignore[attr-defined]
    assert len(views) == 5
    assert all(torch.equal(images, seen) for images, (_, seen) in zip(compared, views[:4], strict=True))
    last, again = views[4]
    assert any(torch.equal(last, seen) for _, seen in views[:4])
    assert torch.equal(made, again.mul(255).round().div(255))


@pytest.mark.parametrize("spec", ["ideal[width=8,batch=32,steps=2]", "qedg[width=8,batch=32,steps=2]"])
def test_ideals_and_qedgs_generators_end_in_a_convolution_of_small_weights(
    spec: str, make: Make, game: MakeGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[Any] = []
    real = _networks.normal

    def noted(*args: Any) -> Any:
        network: Any = real(*args)
        ends.append(network.maps[-1])
        assert ends[-1].weight.detach().abs().max() < 0.1
        return network

    monkeypatch.setattr(_networks, "normal", noted)
    method, table = make(spec), game((60,))
    method.setup(table.game)
    method._made(table.game, *[32] * ("ideal" in spec))  # type: ignore[attr-defined]
    assert isinstance(ends[0], torch.nn.Conv2d)


def test_ideals_entropy_is_that_of_each_image_over_images_and_classes(make: Make, game: MakeGame) -> None:
    losses, logits = [], []
    for even in (0, 5):
        method: Any = make(f"ideal[width=8,batch=32,steps=1,even={even}]")
        table = game((60,))
        method.setup(table.game)
        hook = method.substitute.register_forward_hook(lambda _, __, out: logits.append(out.detach()))
        losses.append(method._made(table.game, 32)[1])
        hook.remove()
    assert torch.equal(*logits)
    answers = logits[0].softmax(1)
    assert losses[1] - losses[0] == pytest.approx(5 * float((answers * answers.log()).mean()), rel=1e-4)


def test_ideal_cuts_what_a_budget_point_leaves_into_rounds_of_one_size(make: Make, game: MakeGame) -> None:
    asked = asked_by("ideal[width=8,batch=40,steps=2]", make, game, 100, 130)
    assert [len(images) for images in asked] == [34, 33, 33, 30]


def test_disguides_clones_start_apart_and_its_generator_is_moved_without_a_query(make: Make, game: MakeGame) -> None:
    method: Any = make("disguide[width=8,batch=32,lr_g=0.01]")
    table = game((320,))
    method.setup(table.game)
    assert not torch.equal(method.substitute[1].weight, method.second[1].weight)
    before = [weight.clone() for weight in method.generator.parameters()]
    spread = [method._disagree(table.game, 64) for _ in range(40)]
    assert table.meter.spent == 0
    assert not all(map(torch.equal, before, method.generator.parameters()))
    assert sum(spread[-5:]) > 1.2 * sum(spread[:5])


def test_disguide_makes_every_eighth_image_of_a_batch_grey_from_one_channel(make: Make, game: MakeGame) -> None:
    method, table = make("disguide[width=8]"), game((60,))
    images = torch.rand((20, 3, 4, 4), generator=torch.Generator().manual_seed(0), requires_grad=True)
    channels = set()
    for _ in range(20):
        toned = method._toned(images, table.game)  # type: ignore[attr-defined]
        grey = (toned == toned[:, :1]).flatten(1).all(1)
        assert grey.nonzero().flatten().tolist() == [0, 8, 16]
        assert torch.equal(toned[~grey], images[~grey])
        (channel,) = (c for c in range(3) if torch.equal(toned[grey][:, c], images[grey][:, c]))
        channels.add(channel)
        (gradient,) = torch.autograd.grad(toned.sum(), images)
        assert bool((gradient[~grey] == 1).all())
        assert [float(g) for g in gradient[grey].amax((0, 2, 3))] == [float(c == channel) for c in range(3)]
    assert channels == {0, 1, 2}
    assert make("disguide[width=8,grey=0]")._toned(images, table.game) is images  # type: ignore[attr-defined]


def test_what_disguide_asks_does_not_depend_on_the_rest_of_its_batch(make: Make, game: MakeGame) -> None:
    method: Any = make("disguide[width=8,batch=32]")
    asked: list[torch.Tensor] = []
    table = game((96,))
    played = replace(table.game, oracle=Spy(table.game.oracle, asked))
    method.setup(played)
    noise: list[torch.Tensor] = []
    real = method._noise
    method._noise = lambda *args: noise.append(real(*args)) or noise[-1]
    method.round(played)
    with torch.no_grad():
        alone = squash(method.generator(noise[-1][:1]))
    torch.testing.assert_close(asked[0][:1], alone, atol=1 / 255, rtol=0)


def test_disguide_learns_probabilities_and_not_their_labels_alone(make: Make, game: MakeGame) -> None:
    offered = []
    for network in (None, sharper()):
        table = game((100,), "probabilities", network)
        table.play(make("disguide[width=8,batch=32]"))
        offered.append(table.offers[-1].weights["1.weight"])
    assert not torch.equal(*offered)


def test_copycat_learns_labels_alone_and_asks_what_knockoff_asks(make: Make, game: MakeGame) -> None:
    offered = []
    for network in (None, sharper()):
        table = game((100,), "probabilities", network)
        table.play(make("copycat[lr=0.1]"))
        offered.append(table.offers[-1].weights["1.weight"])
    assert torch.equal(*offered)
    assert torch.equal(asked_by("copycat", make, game, 100)[0], asked_by("knockoff[epochs=1]", make, game, 100)[0])


def answered(make: Make, game: MakeGame, budget: int) -> tuple[Any, Any]:
    """SwiftThief behind 40 answers: twenty of class 0, nineteen of class 1, the last of class 2."""
    method, table = make("swiftthief[width=8]"), game((budget,))
    method.setup(table.game)
    PublicAsker.ask(method, table.game, 40)  # type: ignore[arg-type]
    method.answers = torch.tensor([0] * 20 + [1] * 19 + [2])  # type: ignore[attr-defined]
    return method, table


@pytest.mark.parametrize(("budget", "due"), [(71, True), (72, False)])
def test_swiftthief_turns_to_rare_classes_when_the_rest_just_lifts_them_to_the_mean(
    budget: int, due: bool, make: Make, game: MakeGame
) -> None:
    method, table = answered(make, game, budget)  # four answers a class; seven lack all, one lacks three
    assert method._rare_due(table.game) is due


def test_swiftthief_asks_what_lies_near_the_rarest_class_or_what_it_is_least_sure_of(
    make: Make, game: MakeGame
) -> None:
    method, table = answered(make, game, 71)
    with torch.no_grad(), reading_features(method.substitute.eval()) as read:
        features = read(table.game.public)
        doubt = torch.special.entr(method.substitute(table.game.public).softmax(1)).sum(1)
    distance = torch.cdist(features, features[method.order[39]][None])[:, 0]
    for rare, worth in ((True, -distance), (False, doubt)):
        method._bring_forward(table.game, rare)
        rest = worth[method.order[40:]]
        assert rest[0] == rest.max()
        assert (rest.diff() <= 1e-4).all()
        assert len(method.order.unique()) == len(table.game.public)


def test_swiftthief_draws_images_of_like_and_sure_answers_together() -> None:
    one = torch.eye(2)[[0, 0, 1, 1]]
    seen = Projected(one, one)
    alike, mixed = torch.eye(2)[[0, 0, 1, 1]], torch.eye(2)[[0, 1, 0, 1]]
    assert answered_alike(seen, seen, alike) < answered_alike(seen, seen, mixed)
    assert answered_alike(seen, seen, torch.full((4, 2), 0.5)) == 0, "answers that say nothing weigh nothing"


def test_sieve_takes_turns_between_classes_and_begins_with_what_is_least_sure(make: Make, game: MakeGame) -> None:
    method: Any = make("sieve[size=50,draws=6]")
    table = game((200,))
    method.setup(table.game)
    method.round(table.game)
    images = torch.rand((300, 1, 8, 8), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        sure = method.substitute(images).softmax(1)
    gap = sure.topk(2).values[:, 0] - sure.topk(2).values[:, 1]
    said, order = sure.argmax(1), method._order(images)
    classes = len(said.unique())
    assert sorted(order.tolist()) == list(range(300))
    assert len(said[order[:classes]].unique()) == classes
    for c in said.unique():
        mine = order[said[order] == c]
        assert (gap[mine].diff() >= -1e-6).all()


def test_sieve_offers_the_mean_of_the_weights_in_training(make: Make, game: MakeGame) -> None:
    method: Any = make("sieve[size=50,mean=1]")
    game((100,)).play(method)
    followed = method.substitute.state_dict()
    assert all(torch.allclose(weight, followed[name]) for name, weight in method.learner.state_dict().items())


def test_views_are_moved_each_by_its_own_and_pass_gradients_on() -> None:
    image = torch.rand((1, 2, 9, 9), generator=torch.Generator().manual_seed(0), requires_grad=True)
    seen = viewed(image.expand(40, -1, -1, -1), 2, False, torch.Generator().manual_seed(1))
    padded = torch.nn.functional.pad(image.detach(), (2,) * 4)[0]
    windows = [padded[:, top : top + 9, left : left + 9] for top in range(5) for left in range(5)]
    found = {next(i for i, window in enumerate(windows) if torch.equal(view, window)) for view in seen.detach()}
    assert len(found) > 12
    seen.sum().backward()  # type: ignore[no-untyped-call]
    assert image.grad is not None and bool((image.grad[0, :, 4, 4] == 40).all())
    mirrored = viewed(image.detach().expand(40, -1, -1, -1), 0, True, torch.Generator().manual_seed(1))
    assert {torch.equal(view, image[0]) for view in mirrored} == {True, False}
    assert all(torch.equal(view, image[0]) or torch.equal(view, image[0].flip(2)) for view in mirrored)


def test_contrasted_views_are_images_and_keep_grey_ones_grey() -> None:
    images = torch.rand((64, 3, 16, 16), generator=torch.Generator().manual_seed(0))
    seen = contrasted(images, True, torch.Generator().manual_seed(1))
    assert seen.shape == images.shape
    assert 0 <= float(seen.min()) <= float(seen.max()) <= 1
    colourless = (seen.amax(1) - seen.amin(1)).flatten(1).amax(1) < 1e-5
    assert 3 <= int(colourless.sum()) <= 26, "a fifth of them"
    grey = contrasted(images[:, :1].expand(-1, 3, -1, -1), True, torch.Generator().manual_seed(1))
    assert float((grey.amax(1) - grey.amin(1)).max()) < 1e-5
