"""Trainers at play: what they are given, what is taken of them, and that no lesson knows another's answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from match_sources import GENERATOR, SELECTOR, TRAINER
from match_watch import Silence, numbers
from test_resume import Memory

from benchbox.contracts import Grant
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.suites import Setting

Play = Callable[..., CellResult]
Make = Callable[..., Setting]

GRANTED = {"trainer": "Teach", "uses": (Grant.UNLABELLED,)}
PREPARE = """
        print("prepare", flush=True)
        return {"features": game.unlabelled.flatten(1), "drawn": torch.rand(3, generator=game.rng)}
""".strip()
FIT = """
        print("fit", len(images), flush=True)
        assert game.prepared["features"].shape == (len(game.unlabelled), images[0].numel())
        game.log(images=len(images), drawn=float(game.prepared["drawn"].sum()), noise=float(torch.rand(())))
        with torch.no_grad():
            for weights in network.parameters():
                weights += 0.01 * torch.randn(weights.shape, generator=game.rng)
        return network
""".strip()
SEES = """
        assert game.features.shape[0] == len(game.pool)
        return game.features.sum(1).argsort(stable=True)[:k]
""".strip()
WHOLE = TRAINER.format(prepare=PREPARE, fit=FIT) + SELECTOR.format(body=SEES)
ADAPTIVE = WHOLE + "    nested = False\n"


def notes(result: CellResult, name: str) -> dict[int, float]:
    return {d.spent: d.value for d in result.diagnostics if d.name == name}


@pytest.mark.parametrize("source", [WHOLE, ADAPTIVE], ids=["nested", "not nested"])
def test_a_trainer_prepares_once_shows_features_and_fits_every_budget_apart_as_here(
    source: str, play: Play, play_apart: Play, capfd: pytest.CaptureFixture[str]
) -> None:
    here = play(source, **GRANTED, budgets=(20, 60))
    assert here.status is Status.DONE, here.traceback
    assert capfd.readouterr().out.splitlines() == ["prepare", "fit 20", "fit 60"]
    assert notes(here, "images") == {20: 20, 60: 60}
    assert len(set(notes(here, "drawn").values())) == 1, "every fit finds what was prepared"
    assert set(here.sources) >= {"selector mine", "trainer teach"}
    assert numbers(play_apart(source, **GRANTED, budgets=(20, 60))) == numbers(here)


@pytest.mark.parametrize("source", [WHOLE, ADAPTIVE], ids=["nested", "not nested"])
def test_a_lesson_does_not_depend_on_the_smaller_ones_before_it(source: str, play: Play) -> None:
    both, alone = play(source, **GRANTED, budgets=(20, 60)), play(source, **GRANTED, budgets=(60,))
    last = [m for m in both.measurements if m.budget == 60 and m.metric in ("accuracy", "fidelity")]
    assert last and last == [m for m in alone.measurements if m.metric in ("accuracy", "fidelity")]
    assert notes(both, "noise")[60] == notes(alone, "noise")[60]


def test_answers_of_choices_that_are_not_nested_never_meet_in_one_process(play_apart: Play) -> None:
    count = "Teach.seen = getattr(Teach, 'seen', 0) + 1; game.log(seen=Teach.seen); return network"
    trainer = TRAINER.format(prepare="return {}", fit=count)
    body = "return torch.arange(k)"
    nested = play_apart(trainer + SELECTOR.format(body=body), **GRANTED, budgets=(20, 60))
    assert notes(nested, "seen") == {20: 1, 60: 2}
    afresh = play_apart(trainer + SELECTOR.format(body=body) + "    nested = False\n", **GRANTED, budgets=(20, 60))
    assert notes(afresh, "seen") == {20: 1, 60: 1}


def test_what_is_not_granted_is_not_there(play: Play) -> None:
    peeks = TRAINER.format(prepare="return {}", fit="game.unlabelled.mean(); return network")
    looks = play(peeks + SELECTOR.format(body="return torch.arange(k)"), trainer="Teach", budgets=(20,))
    assert looks.status is Status.FAILED
    assert "trainer 'teach' read game.unlabelled and does not say so; expected wants() to name" in looks.error
    reads = play(SELECTOR.format(body="return game.pool.labels.argsort()[:k]"), budgets=(20,))
    assert (reads.status, "selector 'mine'" in reads.error) == (Status.FAILED, True)
    assert "read game.pool.labels and does not say so; expected wants() to name Grant.LABELS" in reads.error
    granted = play(SELECTOR.format(body="return game.pool.labels.argsort()[:k]"), uses=(Grant.LABELS,), budgets=(20,))
    assert granted.status is Status.DONE, granted.traceback


@pytest.mark.parametrize(
    ("prepare", "fit", "said"),
    [
        ("return [1]", FIT, "trainer 'teach' prepared list; expected tensors by name"),
        ("return {'features': torch.ones(3, 2)}", FIT, "prepared features of torch.float32 and shape (3, 2); expected finite"),
        ("return {'features': game.unlabelled.flatten(1) / 0}", FIT, "expected finite float32, a row for each of"),
        ("return {}", "return 3", "trainer 'teach' returned int; expected the network that it was given, trained"),
        ("return {}", "return torch.nn.Linear(2, 2)", "weights that are not those of the scenario's network"),
        ("return {}", "network.requires_grad_(False); next(network.parameters()).fill_(float('nan')); return network",
         "with NaN or infinity"),
        ("return {}", "torch.manual_seed(0); return network", "trainer 'teach' seeded the global generator of torch"),
        ("return {}", "raise ValueError('no')", "ValueError: no"),
        ("return {}", "from benchbox.contracts import NotApplicable\n        raise NotApplicable('poor answers')",
         "said that it is not applicable (poor answers) after it had begun"),
    ],
)  # fmt: skip
def test_a_trainer_that_breaks_its_contract_fails_its_cell_by_name(
    prepare: str, fit: str, said: str, play: Play
) -> None:
    source = TRAINER.format(prepare=prepare, fit=fit) + SELECTOR.format(body="return torch.arange(k)")
    result = play(source, **GRANTED, budgets=(20,))
    assert result.status is Status.FAILED
    assert said in result.error


def test_a_trainer_may_say_before_it_prepares_that_it_is_not_applicable(play: Play) -> None:
    says = "from benchbox.contracts import NotApplicable\n        raise NotApplicable('too small')"
    result = play(TRAINER.format(prepare=says, fit=FIT) + SELECTOR.format(body=SEES), **GRANTED, budgets=(20,))
    assert (result.status, result.error) == (Status.NOT_APPLICABLE, "too small")


@pytest.mark.parametrize("source", [WHOLE, ADAPTIVE], ids=["nested", "not nested"])
def test_a_killed_cell_goes_on_behind_its_last_budget(
    source: str, cell: Make, place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    setting = cell(source, **GRANTED, budgets=(10, 20, 60))
    whole, killed = run_cell(setting, place, Silence()), Memory(stop=2)
    with pytest.raises(KeyboardInterrupt):
        run_cell(setting, place, killed)
    capfd.readouterr()
    resumed = run_cell(setting, place, Memory(kept=killed.states[-1]))
    assert capfd.readouterr().out == "fit 20\nfit 60\n", "neither prepared nor fitted again"
    assert numbers(resumed) == numbers(whole)


def test_a_generator_trains_as_the_scenario_does_where_it_says_so(play: Play) -> None:
    trains = (
        "x = torch.rand(90, *game.shape, generator=game.rng); self.substitute = game.train(x, game.oracle.query(x))"
    )
    source = TRAINER.format(prepare="return {}", fit="game.log(n=len(images)); return network")
    source += GENERATOR.format(step=10, body=trains)
    refused = play(source, kind="generator", budgets=(100,))
    assert "generator 'mine' called game.train; expected its class to say trains = True" in refused.error
    says: Any = play(source, kind="generator", trainer="Teach", budgets=(100,))
    assert notes(says, "n") == {90: 90.0}
