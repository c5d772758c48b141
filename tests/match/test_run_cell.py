"""Running a cell: what is scored, at which budget, from which stream, and how it fails."""

from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest
from match_sources import GENERATOR, SELECTOR
from match_watch import Silence, numbers

from benchbox.contracts import Threat
from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult, Sealed, Status
from benchbox.scoring.metrics import DISTANCES
from benchbox.suites import Setting

Play = Callable[..., CellResult]
Make = Callable[..., Setting]

FUSSY = """
from benchbox.contracts import Model, PluginError

class Fussy(Model):
    '''A model of the test.'''
    name = "fussy"
    def build(self, shape, classes):
        raise PluginError(f"model 'fussy' cannot take images of shape {shape}")
"""


def value(result: CellResult, metric: str, budget: int) -> float | None:
    (found,) = [m.value for m in result.measurements if (m.metric, m.budget) == (metric, budget)]
    return found


def spent(result: CellResult) -> list[int]:
    return [m.spent for m in result.measurements if m.metric == "accuracy"]


def test_a_substitute_that_cannot_take_the_images_is_not_applicable_before_a_query(cell: Make, place: Place) -> None:
    setting = cell(FUSSY + SELECTOR.format(body="raise AssertionError('too late')"))
    method = setting.cell.method
    model = method.model_copy(update={"kind": "model", "name": "fussy", "spec": "fussy", "target": "Fussy"})
    scenario = setting.cell.scenario.model_copy(update={"substitute": model})
    cell_of_it = setting.cell.model_copy(update={"scenario": scenario})
    result = run_cell(setting.model_copy(update={"cell": cell_of_it}), place, Silence())
    assert (result.status, result.ledger) == (Status.NOT_APPLICABLE, [])
    assert result.error.startswith("model 'fussy' cannot take images of shape")


def test_a_selector_is_scored_at_every_budget_and_pays_what_the_ledger_says(play: Play) -> None:
    result = play()
    assert (result.status, result.sealed) == (Status.DONE, Sealed.NO), result.traceback
    few, many, alike = value(result, "accuracy", 20), value(result, "accuracy", 60), value(result, "fidelity", 60)
    assert many is not None and few is not None and alike is not None
    assert many > few > 0.15
    assert alike > 0.3
    assert [(row.budget, row.phase, row.queries) for row in result.ledger] == [(20, "chosen", 20), (60, "chosen", 60)]
    attacks = {(m.metric, m.budget, m.attack) for m in result.measurements if m.attack and m.metric not in DISTANCES}
    assert attacks == {("asr_untargeted", 60, "fgsm untargeted"), ("seconds_per_example", 60, "fgsm untargeted")}
    assert [picture.name for picture in result.pictures] == ["attack/fgsm untargeted"]
    chosen = {d.name: d.value for d in result.diagnostics if d.spent == 60}
    assert chosen["chosen"] == 60
    assert sum(chosen[f"class_{c}"] for c in range(10)) == 60


def test_a_built_in_attack_plays_with_the_radius_that_a_suite_gave_it_and_a_strangers_word_is_checked(
    play: Play, base: tuple[Place, dict[str, Setting]]
) -> None:
    (plan,) = base[1]["selector"].cell.scenario.attacks
    wide = plan.model_copy(update={"stated": Threat("inf", 0.5)})
    assert play(budgets=(20,), attacks=(wide,)).status is Status.DONE
    strange = wide.model_copy(update={"attack": plan.attack.model_copy(update={"builtin": False})})
    refused = play(budgets=(20,), attacks=(strange,))
    assert (refused.status, "halfway to one of another class" in refused.error) == (Status.FAILED, True)


def test_a_cell_is_a_function_of_its_inputs_and_its_result_is_plain_data(cell: Make, place: Place) -> None:
    setting = cell(budgets=(20,))
    first = run_cell(setting, place, Silence())
    again = run_cell(Setting.model_validate_json(setting.model_dump_json()), place, Silence())
    assert numbers(first) == numbers(again)
    assert CellResult.read(pickle.loads(pickle.dumps(first.data())), setting.cell.id) == first


def test_methods_under_one_seed_start_from_the_same_substitute(play: Play) -> None:
    source = GENERATOR.format(step=100, body="pass").replace("+= 100", "+= 0")
    first = play(source, kind="generator", budgets=(100,))
    other = play(source.replace("mine", "other").replace("Mine", "Other"), "Other", kind="generator", budgets=(100,))
    seed = play(source, kind="generator", budgets=(100,), seed=1)
    assert value(first, "test_loss", 100) == value(other, "test_loss", 100) != value(seed, "test_loss", 100)


@pytest.mark.parametrize(("step", "expected"), [(100, [100, 200, 400]), (90, [90, 180, 360]), (400, [0, 0, 400])])
def test_the_latest_substitute_at_or_before_each_point_is_scored(step: int, expected: list[int], play: Play) -> None:
    result = play(GENERATOR.format(step=step, body="pass"), kind="generator")
    assert result.status is Status.DONE, result.traceback
    assert spent(result) == expected
    # Each round makes the first class a hundred surer: the scored weights are those of that round.
    said = result.confusions[-1].matrix
    assert sum(row[0] for row in said) == sum(map(sum, said)) > 0


def test_a_generator_that_asks_beyond_its_budget_ends_with_what_it_has(play: Play) -> None:
    result = play(
        GENERATOR.format(step=150, body="pass"), kind="generator"
    )  # test_apart.py: also where states are kept
    assert (result.status, spent(result)) == (Status.DONE, [0, 150, 300])
    assert [(row.budget, row.queries) for row in result.ledger] == [(250, 150), (400, 300)]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return torch.arange(k) + len(game.pool)", "returned row"),
        ("return -torch.arange(k)", "returned row -59; the pool has rows 0 to"),
        ("return torch.zeros(k, dtype=torch.long)", "rows must differ"),
        ("return torch.arange(k - 1)", "asked for 60 rows"),
        ("return torch.arange(k).float()", "torch.float32"),
        ("return torch.arange(k)[None]", "shape (1, 60)"),
        ("return torch.arange(k) > 3", "58 rows twice"),
        ("raise KeyError('lost')", "KeyError"),
        ("game.oracle.query(game.pool.images[:5]); return torch.arange(k)", "says that it is nested"),
        ("game.oracle.query(game.pool.images[:5] / 0 * 0); return torch.arange(k)", "NaN"),
        ("game.oracle.query(game.pool.images[:61]); return torch.arange(k)", "asked for 61 answers with 20"),
        ("game.oracle.ledger; return torch.arange(k)", "AttributeError"),
        ("game.insider.probabilities(game.pool.images[:5])", "AttributeError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise ValueError('\\x1b[31mred\\nlines\\u202e')", "ValueError: [31mred lines"),
        ("game.log(**{'\\x1b[2J': 1.0})", "under the name '\\x1b[2J'"),
        ("game.log(a='many')", "could not convert string to float"),
    ],
)
def test_a_selector_that_breaks_its_contract_fails_by_name(body: str, said: str, play: Play) -> None:
    result = play(SELECTOR.format(body=body))
    assert result.status is Status.FAILED
    assert said in result.error
    assert "Traceback" in result.traceback
    assert result.error.isprintable()
    assert not result.measurements


def test_what_does_not_apply_says_why(play: Play) -> None:
    source = SELECTOR.format(body="from benchbox.contracts import NotApplicable; raise NotApplicable('too\\ndark')")
    result = play(source)
    assert (result.status, result.error) == (Status.NOT_APPLICABLE, "too dark")


def test_under_probabilities_the_answers_are_soft(play: Play) -> None:
    body = "a = game.oracle.query(game.pool.images[:9]); assert a.shape == (9, 10) and a.dtype == torch.float32; 1 / 0"
    result = play(SELECTOR.format(body=body), access="probabilities")
    assert "ZeroDivisionError" in result.error


def test_a_substitute_that_ran_away_has_a_score_and_no_loss(play: Play) -> None:
    body = "[p.data.fill_(3e38) for p in self.substitute.parameters()]"
    result = play(GENERATOR.format(step=100, body=body), kind="generator", budgets=(100,))
    assert (result.status, value(result, "test_loss", 100)) == (Status.DONE, None)
    assert value(result, "accuracy", 100) is not None
    assert CellResult.read(result.data(), result.cell_id).measurements == result.measurements


def test_mixed_precision_is_the_attackers_alone(play: Play) -> None:
    body = """
        x = torch.rand(4, *game.shape, generator=torch.Generator().manual_seed(1))
        before = self.substitute(x)
        with torch.no_grad():
            list(self.substitute.parameters())[-1][1] += 100
        game.log(bits=torch.finfo(before.dtype).bits, moved=float((self.substitute(x) - before).detach().max()))
        """.strip()
    source = GENERATOR.format(step=100, body=body)
    usual, mixed = (play(source, kind="generator", precision=precision) for precision in ("float32", "bf16"))
    noted = [{d.name: d.value for d in result.diagnostics} for result in (usual, mixed)]
    assert [each["bits"] for each in noted] == [32, 16]
    assert noted[1]["moved"] == pytest.approx(100, abs=1), "weights that were changed count at once"
    assert usual.ledger == mixed.ledger, "the target answers as it always does"
    keep = [("accuracy", 400), ("test_loss", 400)]
    assert [value(usual, *key) for key in keep] == [value(mixed, *key) for key in keep], "scores are in float32"
