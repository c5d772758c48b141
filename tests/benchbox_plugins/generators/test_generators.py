"""Every generator: what it learns, what it pays, how it resumes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

import pytest
import torch
from benchbox_plugins.generators import _training
from generator_games import MakeGame, Quadrants, Spy, Table, accuracy, fidelity, sharper

from benchbox.contracts import Access, Generator, NotApplicable
from benchbox.devices import computing
from benchbox.errors import BenchboxError
from benchbox.match.players.lasting import state_of
from benchbox.match.resume import packed, unpacked

Make = Callable[[str], Generator]

DAST = "dast[width=4,batch=16,beta=0.1,lr_s=0.003,lr_g=0.001,alpha=1]"  # the authors' rates take millions of queries
SWIFTTHIEF = "swiftthief[steps=5,batch=32,answered=32,width=16,epochs=10,lr=0.1,flip=false]"

METHODS = {
    "mega": ("mega[width=16]", "label", (500, 1500, 3000), "digits"),
    "mega, probabilities": ("mega[width=16]", "probabilities", (500, 1500, 3000), "digits"),
    "mega, no balance": ("mega[width=16,balance=0,output=sigmoid,stop=0.01]", "label", (500, 2000), "quadrants"),
    "mega, rmsprop": ("mega[width=16,optimiser=rmsprop,output=relu]", "label", (500, 2000), "quadrants"),
    "mega, anytime": ("mega[width=16,plan=anytime,horizon=100]", "label", (500, 1500, 3000), "digits"),
    "ideal": ("ideal[width=8,batch=50,steps=10,lr_s=0.05,passes=3]", "label", (500, 1500), "quadrants"),
    "qedg": ("qedg[width=8,batch=50,steps=10,epochs=3,last=1,sure=1]", "label", (250, 1000), "quadrants"),
    "disguide": ("disguide[width=8,batch=50,lr_g=0.01]", "label", (500, 3000), "quadrants"),
    "disguide, probabilities": ("disguide[width=8,batch=50,lr_g=0.01]", "probabilities", (500, 3000), "quadrants"),
    "sieve": ("sieve[size=100,grain=3,shift=0]", "label", (500, 2000), "digits"),
    "noise": ("noise", "label", (500, 2000), "digits"),
    "noise, smooth": ("noise[kind=smooth,grain=3]", "label", (500, 2000), "digits"),
    "noise, lines": ("noise[kind=lines,grain=3]", "label", (500, 2000), "digits"),
    "noise, one network": ("noise[renew=0,cap=0]", "label", (500, 3000), "quadrants"),
    "noise, uniform": ("noise[kind=uniform]", "label", (500, 2000), "quadrants"),
    "noise, gaussian": ("noise[kind=gaussian]", "label", (500, 2000), "quadrants"),
    "dast": (DAST, "label", (500, 6000), "quadrants"),
    "dast, probabilities": (DAST, "probabilities", (500, 6000), "quadrants"),
    "dfme": ("dfme[width=16,batch=16,z=16,lr_g=0.01]", "probabilities", (500, 3000), "quadrants"),
    "maze": ("maze[width=16,batch=8,z=16,lr_g=0.03]", "probabilities", (500, 2000), "quadrants"),
    "jbda": ("jbda[seeds=40]", "label", (100, 500), "digits"),
    "jbda, probabilities": ("jbda[seeds=40]", "probabilities", (100, 500), "digits"),
    "prada": ("prada[seeds=40]", "label", (100, 500), "digits"),
    "knockoff": ("knockoff[optimiser=adam,epochs=10]", "label", (100, 500), "digits"),
    "copycat": ("copycat[epochs=20,lr=0.1]", "label", (100, 500), "digits"),
    "swiftthief": (SWIFTTHIEF, "label", (100, 500), "digits"),
    "swiftthief, probabilities": (SWIFTTHIEF, "probabilities", (100, 500), "digits"),
}


@pytest.mark.parametrize("case", METHODS)
def test_it_learns_within_its_budget_and_says_how_it_went(case: str, make: Make, game: MakeGame) -> None:
    spec, access, budgets, task = METHODS[case]
    method, table = make(spec), game(budgets, access, Quadrants() if task == "quadrants" else None)
    before = torch.get_rng_state()
    offers = table.play(method)
    score = fidelity if task == "quadrants" else accuracy
    assert score(method.substitute) > score(table.game.new_substitute()) + (0.15 if "dast" in case else 0.25)
    assert table.meter.spent == sum(table.phases().values()) > budgets[-1] - 35
    for budget in budgets:
        assert any(budget - 35 < offer.spent <= budget for offer in offers)
    assert torch.equal(before, torch.get_rng_state())
    for name in ("loss_s", "agreement", "confidence", "commonest", "share_3"):
        values = table.noted(name)
        assert values
        assert all(isfinite(value) for value in values)
    assert "images" in table.notes.pictures


@pytest.mark.parametrize("case", METHODS)
def test_a_resumed_run_equals_an_uninterrupted_one(case: str, make: Make, game: MakeGame) -> None:
    spec, access, *_ = METHODS[case]
    budgets = (50, 120, 200, 280, 350)
    whole, one = make(spec), game(budgets, access)
    one.play(whole)

    killed, two = make(spec), game(budgets, access)
    two.then = lambda: _kill(two)
    with pytest.raises(KeyboardInterrupt):
        two.play(killed)
    state = unpacked(packed({"player": state_of(killed, two.game), "meter": two.meter.state_dict()}))
    assert state is not None

    resumed, three = make(spec), game(budgets, access)
    three.resumes = state["player"], state["meter"]
    three.play(resumed)

    assert three.meter.ledger.rows(0) == one.meter.ledger.rows(0)
    for name, weight in one.offers[-1].weights.items():
        assert torch.equal(weight, three.offers[-1].weights[name])


def _kill(table: Table) -> None:
    if table.offers[-1].spent >= 150:
        raise KeyboardInterrupt


@pytest.mark.parametrize("case", [case for case in METHODS if METHODS[case][1] == "label"])
def test_under_labels_the_probabilities_behind_them_change_nothing(case: str, make: Make, game: MakeGame) -> None:
    spec, *_ = METHODS[case]
    ledgers = []
    for network in (None, sharper()):
        table = game((300,), "label", network)
        table.play(make(spec))
        ledgers.append(table.meter.ledger.rows(0))
    assert ledgers[0] == ledgers[1]


@pytest.mark.parametrize("case", [case for case in METHODS if "," not in case and case != "copycat"])
def test_it_plays_in_mixed_precision(case: str, make: Make, game: MakeGame) -> None:
    spec, access, *_ = METHODS[case]
    method, table = make(spec), game((50, 120, 350), access)
    with computing("bf16", table.game.device):
        table.play(method)
    assert table.meter.spent == sum(table.phases().values()) > 350 - 35
    assert all(isfinite(value) for value in table.noted("loss_s"))


@pytest.mark.parametrize(
    ("spec", "iteration"),
    [("dfme[width=8,batch=20,directions=2,steps_s=3]", (60, 60)), ("maze[width=8,batch=10]", (110, 40))],
)
def test_an_iteration_costs_what_the_papers_arithmetic_says(
    spec: str, iteration: tuple[int, int], make: Make, game: MakeGame
) -> None:
    table = game((5 * sum(iteration),), "probabilities")
    table.play(make(spec))
    assert table.phases() == {"generator": 5 * iteration[0], "substitute": 5 * iteration[1]}


@pytest.mark.parametrize("name", ["dfme", "maze"])
def test_differences_of_answers_need_probabilities(name: str, make: Make) -> None:
    assert make(name).needed_access() is Access.PROBABILITIES


@pytest.mark.parametrize("name", ["jbda", "prada", "knockoff", "copycat", "swiftthief"])
def test_a_scenario_without_images_is_no_place_for_it(name: str, make: Make, game: MakeGame) -> None:
    with pytest.raises(NotApplicable, match=name):
        make(name).applicable(game((100,), real=False).game)


@pytest.mark.parametrize(
    ("spec", "query"),
    [("dfme[width=8]", 7), ("maze[width=8]", 15), ("dast[width=4]", 10)],
    ids=["dfme", "maze", "dast"],
)
def test_below_twice_what_an_image_costs_it_is_untrained(spec: str, query: int, make: Make, game: MakeGame) -> None:
    for budget, trained in ((2 * query - 1, False), (2 * query, True)):
        method, table = make(spec), game((budget,), "probabilities")
        table.play(method)
        fresh = table.game.new_substitute().state_dict()
        same = all(torch.equal(weight, fresh[name]) for name, weight in method.substitute.state_dict().items())
        assert same is not trained
        assert table.meter.spent == (budget if trained else 0)


def test_dast_draws_the_tail_as_the_authors_do_and_leaves_the_branches_as_pytorch_makes_them(
    make: Make, game: MakeGame
) -> None:
    method = make("dast[width=32]")
    method.setup(game((100,)).game)
    generator: Any = method.generator  # type: ignore[attr-defined]
    assert float(generator.tail[3].weight.detach().std()) == pytest.approx(0.02, rel=0.05)
    assert float(generator.branches[0][0].weight.detach().std()) == pytest.approx(1 / (3 * 32 * 9) ** 0.5, rel=0.05)
    assert generator.tail[3].weight.is_contiguous()


def test_maze_takes_the_generator_with_the_affine_end(make: Make, game: MakeGame) -> None:
    for name, affine in (("maze", True), ("dfme", False)):
        method = make(f"{name}[width=8]")
        method.setup(game((100,), "probabilities").game)
        assert method.generator.maps[-1].affine is affine  # type: ignore[attr-defined]


def rates(name: str, spec: str, make: Make, table: Table) -> list[tuple[float, float]]:
    """Play, and return how much of the budget was spent at every change of the substitute's rate, with the new rate."""
    method = make(spec)
    found: list[tuple[float, float]] = []

    def look() -> None:
        rate = getattr(method, name).param_groups[0]["lr"]
        if not found or rate != found[-1][1]:
            found.append((table.meter.spent / table.game.budgets[-1], rate))

    table.then = look
    table.play(method)
    return found


@pytest.mark.parametrize(
    ("profile", "marks"), [("", [0.5, 0.8]), (",profile=cifar10", [0.1, 0.3, 0.5]), (",milestones=[0.25]", [0.25])]
)
def test_dfmes_rates_fall_where_the_authors_do(profile: str, marks: list[float], make: Make, game: MakeGame) -> None:
    table = game((7000,), "probabilities")
    falls = rates("optimiser_s", f"dfme[width=8,batch=10,iterations=1{profile}]", make, table)[1:]
    assert [rate for _, rate in falls] == pytest.approx([0.1 * 0.3 ** (i + 1) for i in range(len(marks))])
    assert [spent for spent, _ in falls] == pytest.approx(marks, abs=0.011)


def test_milestones_beyond_the_budget_are_refused(make: Make) -> None:
    with pytest.raises(BenchboxError, match="shares between 0 and 1"):
        make("dfme[milestones=[0.5,2]]")
    with pytest.raises(BenchboxError, match="milestones"):
        make("dfme[milestones=half]")


def test_maze_replays_the_last_batch_of_every_iteration_each_once_a_turn(
    make: Make, game: MakeGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, table = make("maze[width=8,batch=10,iterations=1]"), game((600,), "probabilities")
    asked: list[torch.Tensor] = []
    learnt: list[torch.Tensor] = []
    monkeypatch.setattr(
        method, "_learn", lambda images, answers, tally=None: learnt.append(images) or real(images, answers, tally)
    )
    real = type(method)._learn.__get__(method)
    table.play(method, replace(table.game, oracle=Spy(table.game.oracle, asked)))
    batches = asked[14::15]  # the last of the 15 that an iteration of 150 queries asks
    replayed = torch.cat(learnt[-10:])  # ten replays after the fourth iteration, of four batches
    for batch in batches:
        for image in batch:
            assert (replayed == image).flatten(1).all(1).sum() in (2, 3)
    assert len(replayed) == 100


def test_knockoff_as_published_drops_its_rate_behind_the_sixtieth_epoch_and_decays_no_weight(
    make: Make, game: MakeGame, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[tuple[float, int]] = []
    real = _training.fit

    def noted(substitute: Any, optimiser: Any, *rest: Any) -> Any:
        stages.append((optimiser.param_groups[0]["lr"], rest[2]))
        assert optimiser.param_groups[0]["weight_decay"] == 0
        return real(substitute, optimiser, *rest)

    monkeypatch.setattr(_training, "fit", noted)
    game((50,)).play(make("knockoff[profile=authors]"))
    assert stages == [(0.01, 60), (pytest.approx(0.001), 40)]


def test_knockoff_ends_when_the_public_images_do(make: Make, game: MakeGame) -> None:
    table = game((1000, 5000))
    table.play(make("knockoff[epochs=1]"))
    assert table.meter.spent == 1797


def test_doublings_make_each_new_image_from_the_one_at_its_place(make: Make, game: MakeGame) -> None:
    method, table = make("jbda[seeds=40,step=0.1]"), game((40, 80, 100, 160))
    table.play(method)
    assert table.phases() == {"seeds": 40, "main": 120}
    images = method.images  # type: ignore[attr-defined]
    assert (images[40:80] - images[:40]).abs().max() <= 0.1 + 1e-6
    assert (images[80:160] - images[:80]).abs().max() <= 0.1 + 1e-6
    assert not torch.equal(images[80:160], images[:80])


def test_noise_of_few_classes_trains_with_nearly_all_that_was_paid_for(make: Make, game: MakeGame) -> None:
    table = game((1000,), "label", Quadrants())
    table.play(make("noise[kind=uniform]"))
    assert table.noted("kept")[-1] > 900, "a tenth for each of four classes would be 400"
