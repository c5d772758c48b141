"""What strangers do wrong at run time costs them a failed cell whose sentence names the plugin and what was expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from match_sources import ATTACK, GENERATOR
from match_watch import Silence

from benchbox.match.run import run_cell
from benchbox.place import Place
from benchbox.records import CellResult, Status
from benchbox.registry import Catalogue, Spec
from benchbox.suites import Setting
from benchbox.testing import Verdict, rules_for
from benchbox.testing.rule import Subject

Play = Callable[..., CellResult]
Make = Callable[..., Setting]

SOURCE = """
import torch
from benchbox.contracts import BudgetExceeded, {kind}

class Mine({kind}):
    '''A plugin of the test.'''
    name = "mine"
    nested = True
{body}
"""
SELECT = "    def select(self, game, k):\n        {}\n        return torch.arange(k)\n"
ADAPTIVE = "    nested = False\n" + SELECT
ROUNDS = """
    def setup(self, game):
        {setup}
        self.substitute = game.new_substitute()
    def round(self, game):
        game.oracle.query(torch.rand(100, *game.shape, generator=game.rng))
        {round}
        return True
"""
SWALLOW = """
        try:
            game.oracle.query(torch.rand(9999, *game.shape))
        except BudgetExceeded:
            pass"""
HIDE = """
        try:
            game.oracle.query(torch.rand(3, 4, 5))
        except Exception:
            pass"""


def rounds(round: str = "", setup: str = "") -> str:
    return ROUNDS.format(setup=setup, round=round)


CASES = [
    ("Selector", SELECT.format("return list(range(k))"), "returned list; expected a tensor of 60 integers"),
    ("Selector", SELECT.format("torch.manual_seed(1)"), "seeded the global generator of torch; expected draws"),
    ("Selector", SELECT.format("import numpy; numpy.random.seed(1)"), "seeded the global generator of numpy"),
    ("Selector", SELECT.format(SWALLOW), "asked for 9999 answers with 20 queries remaining and swallowed"),
    ("Selector", SELECT.format(HIDE), "sent torch.float32 of shape (3, 4, 5) to the oracle"),
    ("Selector", SELECT.format("game.oracle.query([1.0])"), "sent list to the oracle; expected float images of shape"),
    ("Selector", SELECT.format("game.oracle.query(game.pool.images[:1], phase='A')"), "named a phase 'A'; expected"),
    ("Selector", SELECT.format("game.oracle.query(game.pool.images[:1], phase='chosen')"), "the core's own word"),
    (
        "Selector",
        ADAPTIVE.format("[game.oracle.query(game.pool.images[:0], phase=str(i)) for i in range(65)]"),
        "named over 64 phases",
    ),
    (
        "Selector",
        "    def applicable(self, game):\n        game.oracle.query(game.pool.images[:1])\n" + SELECT.format(""),
        "asked the oracle 1 images while it chose, and says that it is nested",
    ),
    (
        "Selector",
        SELECT.format("") + "    def choice_size(self, budget):\n        return budget // 2\n",
        "says that it chooses 10 rows at a budget of 20 and that it is nested",
    ),
    (
        "Selector",
        ADAPTIVE.format("") + "    def choice_size(self, budget):\n        return budget + 1\n",
        "says that it chooses 21 rows at a budget of 20; expected 1 to 20",
    ),
    ("Generator", rounds(SWALLOW), "swallowed BudgetExceeded; expected it to ask for no more"),
    ("Generator", rounds("import random; random.seed(1)"), "global generator of random"),
    ("Generator", rounds("self.substitute.to('meta')"), "on 'meta'; expected it on 'cpu'"),
    ("Generator", rounds("self.substitute = 3"), "offered int as its substitute"),
    ("Generator", rounds("del self.substitute"), "offered NoneType as its substitute"),
    ("Generator", rounds(setup="game.oracle.query(torch.rand(5, *game.shape))"), "for 5 queries and had asked 5"),
    ("Generator", rounds("self.substitute = torch.nn.Flatten()"), "it lacks '0.0.bias'"),
    ("Generator", rounds("self.substitute.extra = torch.nn.Linear(1, 1)"), "it has besides 'extra.bias'"),
    ("Generator", rounds("self.substitute.double()"), "of torch.float64 and shape"),
    ("Generator", rounds("[game.picture(f'p{i}', torch.rand(1, 1, 2, 2)) for i in range(65)]"), "over 64 pictures"),
    ("Generator", rounds("game.picture('p', torch.rand(3, 3))"), "kept a picture of torch.float32 of shape (3, 3)"),
    ("Generator", rounds("game.picture('../p?', torch.rand(1, 1, 2, 2))"), "under the name '../p?'; expected letters"),
    ("Generator", rounds("game.picture('p', torch.rand(1, 1, 1, 5000))"), "sides up to 4096"),
    ("Generator", "    def setup(self, game):\n        self.substitute = game.new_substitute()\n"
                  "    def round(self, game):\n        return True\n", "played a round without a query"),
]  # fmt: skip
"""Kind, what it does, and words of the sentence that it costs."""


@pytest.mark.parametrize(("kind", "body", "said"), CASES)
def test_it_is_caught_by_name(kind: str, body: str, said: str, play: Play) -> None:
    result = play(SOURCE.format(kind=kind, body=body), kind=kind.lower())
    assert result.status is Status.FAILED
    assert f"{kind.lower()} 'mine'" in result.error
    assert said in result.error
    assert "\n" not in result.error


def test_the_kit_finds_what_a_run_refuses(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    made = [SOURCE.format(kind=kind, body=body.replace("torch.rand(100,", "torch.rand(10,")) for kind, body, _ in CASES]
    named = (text.replace("Mine", f"Mine{i}").replace('"mine"', f'"mine-{i}"') for i, text in enumerate(made))
    path.write_text("".join(named))  # in one file: each would import torch anew
    rows = [row for row in Catalogue.discover([path]).entries() if row.file]
    assert len(rows) == len(CASES)
    for row in rows:
        rules = (rule for rule in rules_for(row.kind) if rule.name != "listing-imports-nothing-heavy")
        findings = (rule.hold(Subject(row, Spec(row.name), (path,))) for rule in rules)
        assert any(finding.verdict is Verdict.FAILED and row.who in finding.sentence for finding in findings), row.who


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return images + 0.4", "left its threat, L-infinity within 0.3"),
        ("return images[:-1]", "returned (49, 1, 28, 28); expected images of shape (50, 1, 28, 28)"),
        ("return None", "returned NoneType; expected images"),
        ("return images * float('nan')", "returned images with NaN"),
        ("return images + 2", "returned images from 2"),
        ("torch.manual_seed(0); return images", "seeded the global generator of torch"),
        ("raise IndexError('lost')", "IndexError: lost"),
    ],
)
def test_an_attack_is_caught_by_name(body: str, said: str, play: Play) -> None:
    body = body.replace("images + 0.4", "(images + 0.4).clamp(0, 1)")
    result = attacked(play, body)
    assert result.status is Status.FAILED
    assert said in result.error
    assert "IndexError" in said or "attack 'hit'" in result.error


def attacked(play: Play, body: str) -> CellResult:
    source = GENERATOR.format(step=100, body="pass") + ATTACK.format(body=body)
    return play(source, kind="generator", attack="Hit", budgets=(100,))


def test_attacks_are_given_test_images_when_the_method_has_ended(
    cell: Make, place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A method that lived beside an attack of its author's could be told of them."""
    source = GENERATOR.format(step=100, body="print('round')") + ATTACK.format(body="print('attack'); return images")
    setting = cell(source, kind="generator", attack="Hit", budgets=(100, 200, 300))
    scenario = setting.cell.scenario
    every = scenario.model_copy(update={"attacks": (scenario.attacks[0].model_copy(update={"at": "every"}),)})
    changed = setting.model_copy(update={"cell": setting.cell.model_copy(update={"scenario": every})})
    result = run_cell(changed, place, Silence())
    assert result.status is Status.DONE, result.traceback
    assert capsys.readouterr().out.split() == ["round"] * 3 + ["attack"] * 3
    assert {m.budget for m in result.measurements if m.attack} == {100, 200, 300}


def test_an_attack_that_changes_its_substitute_changes_no_score(play: Play) -> None:
    harm = "[p.data.zero_() for p in substitute.parameters()]; return images"
    harmed, left = (attacked(play, body) for body in (harm, "return images"))
    assert harmed.status is Status.DONE, harmed.traceback
    assert harmed.confusions == left.confusions
    untouched = {m.metric: m.value for m in harmed.measurements if m.attack}
    assert untouched["linf_max"] == untouched["asr_untargeted"] == 0


def test_torch_may_be_seeded_within_fork_rng(play: Play) -> None:
    body = SELECT.format("with torch.random.fork_rng():\n            torch.manual_seed(1)")
    assert play(SOURCE.format(kind="Selector", body=body), budgets=(5,)).status is Status.DONE


def test_a_plugin_that_is_another_by_now_is_not_played(play: Play) -> None:
    result = play(SOURCE.format(kind="Selector", body=SELECT.format("") + "    version = 2\n"))
    assert result.status is Status.FAILED
    assert (
        "selector 'mine', version 1, is now selector 'mine', version 2: it changed since the run was planned"
        in result.error
    )
