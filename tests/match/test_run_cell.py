"""Running a cell: what is scored, at which budget, from which stream, and how it fails."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from benchbox.match.run import run_cell
from benchbox.records import CellResult, Status
from benchbox.scoring.metrics import DISTANCES
from benchbox.suites import Cell
from benchbox.suites.cell import PluginRef

Play = Callable[..., CellResult]
Suite = Callable[..., tuple[Any, list[Cell]]]

SELECTOR = """
import torch
from benchbox.contracts import Selector

class Mine(Selector):
    '''A selector of the test.'''
    name = "mine"
    def select(self, game, k):
        {body}
"""

GENERATOR = """
import torch
from benchbox.contracts import Generator

class Steps(Generator):
    '''Asks {step} random images a round and counts its rounds in the substitute's last bias.'''
    name = "steps"
    def setup(self, game):
        self.substitute = game.new_substitute()
    def round(self, game):
        {body}
        game.oracle.query(torch.rand({step}, *game.shape, generator=game.rng))
        with torch.no_grad():
            list(self.substitute.parameters())[-1][0] += 100
        return True
"""


FUSSY = """
from benchbox.contracts import Model, PluginError

class Fussy(Model):
    '''A model of the test.'''
    name = "fussy"
    def build(self, shape, classes):
        raise PluginError(f"model 'fussy' cannot take images of shape {shape}")
"""


def value(result: CellResult, metric: str, budget: int) -> float:
    found = [m.value for m in result.measurements if (m.metric, m.budget) == (metric, budget)]
    assert len(found) == 1
    assert found[0] is not None
    return found[0]


def spent(result: CellResult) -> list[int]:
    return [m.spent for m in result.measurements if m.metric == "accuracy"]


def test_a_substitute_that_cannot_take_the_images_is_not_applicable_before_a_query(suite: Suite) -> None:
    place, cells = suite(FUSSY + SELECTOR.format(body="raise AssertionError('too late')"), methods=("mine",))
    model = PluginRef(kind="model", name="fussy", version=1, spec="fussy", options={})
    cell = cells[0].model_copy(update={"scenario": cells[0].scenario.model_copy(update={"substitute": model})})
    result = run_cell(cell, place)
    assert (result.status, result.ledger) == (Status.NOT_APPLICABLE, [])
    assert result.error.startswith("model 'fussy' cannot take images of shape")


def test_a_selector_is_scored_at_every_budget_and_pays_what_the_ledger_says(play: Play) -> None:
    result = play(methods=("random",))
    assert result.status is Status.DONE
    assert value(result, "accuracy", 60) > value(result, "accuracy", 20) > 0.15
    assert value(result, "fidelity", 60) > 0.3
    assert [(row.budget, row.phase, row.queries) for row in result.ledger] == [(20, "chosen", 20), (60, "chosen", 60)]
    attacks = {(m.metric, m.budget, m.attack) for m in result.measurements if m.attack and m.metric not in DISTANCES}
    assert attacks == {("asr_untargeted", 60, "fgsm untargeted"), ("seconds_per_example", 60, "fgsm untargeted")}
    assert [picture.name for picture in result.pictures] == ["attack/fgsm untargeted"]
    chosen = {d.name: d.value for d in result.diagnostics if d.spent == 60}
    assert chosen["chosen"] == 60
    assert sum(chosen[f"class_{c}"] for c in range(10)) == 60


def test_a_cell_is_a_function_of_its_inputs_and_pickles(suite: Suite) -> None:
    place, cells = suite(methods=("random",))
    first = run_cell(cells[0], place)
    again = run_cell(pickle.loads(pickle.dumps(cells[0])), place)
    assert pickle.loads(pickle.dumps(first)).ledger == again.ledger
    assert [m for m in first.measurements if "seconds" not in m.metric] == [
        m for m in again.measurements if "seconds" not in m.metric
    ]


def test_methods_under_one_seed_start_from_the_same_substitute(play: Play) -> None:
    source = GENERATOR.format(step=100, body="pass").replace("+= 100", "+= 0")
    untrained = [value(play(source, methods=("steps",)), "accuracy", 100)]
    untrained.append(value(play(source.replace("steps", "other"), methods=("other",)), "accuracy", 100))
    assert untrained[0] == untrained[1]


@pytest.mark.parametrize(("step", "expected"), [(100, [100, 200, 400]), (90, [90, 180, 360]), (400, [0, 0, 400])])
def test_the_latest_substitute_at_or_before_each_point_is_scored(step: int, expected: list[int], play: Play) -> None:
    result = play(GENERATOR.format(step=step, body="pass"), methods=("steps",))
    assert result.status is Status.DONE, result.traceback
    assert spent(result) == expected


def test_a_generator_that_asks_beyond_its_budget_ends_with_what_it_has(play: Play) -> None:
    result = play(GENERATOR.format(step=150, body="pass"), methods=("steps",))
    assert (result.status, spent(result)) == (Status.DONE, [0, 150, 300])
    assert [(row.budget, row.queries) for row in result.ledger] == [(250, 150), (400, 300)]


def test_a_killed_generator_goes_on_where_it_stood(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchbox.match.scratch._RESUME_EVERY", 0.0)
    source = GENERATOR.format(step=40, body="self.rounds = getattr(self, 'rounds', 0) + 1")
    place, cells = suite(source, methods=("steps",))
    whole = run_cell(cells[0], place)
    (place.scratch / cells[0].id / "resume.pt").unlink()
    killed = source.replace("self.rounds = ", "1 / (game.oracle.spent != 160); self.rounds = ")
    place, _ = suite(killed, methods=("steps",))
    assert run_cell(cells[0], place).status is Status.FAILED
    place, _ = suite(source, methods=("steps",))
    resumed = run_cell(cells[0], place)
    assert resumed.status is Status.DONE
    assert (resumed.measurements, resumed.ledger, resumed.pictures) == (
        whole.measurements,
        whole.ledger,
        whole.pictures,
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return torch.arange(k) + len(game.pool)", "returned row"),
        ("return torch.zeros(k, dtype=torch.long)", "rows must differ"),
        ("return torch.arange(k - 1)", "asked for 60 rows"),
        ("return torch.arange(k).float()", "torch.float32"),
        ("raise KeyError('lost')", "KeyError"),
        ("game.oracle.query(game.pool.images[:5]); return torch.arange(k)", "queries remaining"),
        ("game.oracle.query(game.pool.images[:5] / 0 * 0); return torch.arange(k)", "NaN"),
        ("game.oracle._spent = 0; return torch.arange(k)", "AttributeError"),
        ("game.oracle.ledger; return torch.arange(k)", "AttributeError"),
    ],
)
def test_a_selector_that_breaks_its_contract_fails_by_name(body: str, said: str, play: Play) -> None:
    result = play(SELECTOR.format(body=body), methods=("mine",))
    assert result.status is Status.FAILED
    assert said in result.error
    assert "Traceback" in result.traceback
    assert "\n" not in result.error


def test_what_does_not_apply_says_why(play: Play) -> None:
    source = SELECTOR.format(body="from benchbox.contracts import NotApplicable; raise NotApplicable('too dark')")
    result = play(source, methods=("mine",))
    assert (result.status, result.error) == (Status.NOT_APPLICABLE, "too dark")


def test_under_probabilities_the_answers_are_soft(play: Play) -> None:
    body = "a = game.oracle.query(game.pool.images[:9]); assert a.shape == (9, 10) and a.dtype == torch.float32; 1 / 0"
    result = play(SELECTOR.format(body=body), methods=("mine",), access="probabilities")
    assert "ZeroDivisionError" in result.error


def test_mixed_precision_is_the_attackers_alone(suite: Suite) -> None:
    body = """
        x = torch.rand(4, *game.shape, generator=torch.Generator().manual_seed(1))
        before = self.substitute(x)
        with torch.no_grad():
            list(self.substitute.parameters())[-1][1] += 100
        game.log(bits=torch.finfo(before.dtype).bits, moved=float((self.substitute(x) - before).detach().max()))
        """.strip()
    place, cells = suite(GENERATOR.format(step=100, body=body), methods=("steps",), access="probabilities")
    results = {}
    for precision in ("float32", "bf16"):
        scenario = cells[0].scenario.model_copy(update={"precision": precision})
        results[precision] = run_cell(cells[0].model_copy(update={"scenario": scenario}), place)
    noted = {name: {d.name: d.value for d in result.diagnostics} for name, result in results.items()}
    assert [noted[name]["bits"] for name in ("float32", "bf16")] == [32, 16]
    assert noted["bf16"]["moved"] == pytest.approx(100, abs=1), "weights that were changed count at once"
    usual, mixed = results["float32"], results["bf16"]
    assert usual.ledger == mixed.ledger, "the target answers as it always does"
    keep = [("accuracy", 400), ("test_loss", 400)]
    assert [value(usual, *key) for key in keep] == [value(mixed, *key) for key in keep], "scores are in float32"
