"""A store for the tests of the HTML page: every kind of outcome, all that a cell can keep, and hostile text throughout."""

from __future__ import annotations

import io
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image

from benchbox.contracts import Access, Grant
from benchbox.records import CellResult, Confusion, Diagnostic, LedgerRow, Picture, Status
from benchbox.store import Store
from benchbox.suites import Cell, PluginRef

sys.path.append(str(Path(__file__).parent.parent / "report"))

import report_samples
from report_samples import ATTACK, BUDGETS, TARGET, Place, done, put

SUITE, DATASET, SCENARIO, NO_DATA = "label-only", "digits", "real data", "no data"
IMG = "<img src=x onerror=alert(1)>"
HOSTILE = (
    IMG,
    "\"quoted\" 'twice' & &amp; `ticks`",
    "</script><script>alert(2)</script>",
    "</style></svg></table><svg onload=alert(3)>",
    "日本語 é\u0301 🦊",
    "a/b?c=d&e#f%2F%",
    "constructor",
    "javascript:alert(4)",
    "n" * 300,
)
"""Names of methods; each must show as this text, and as nothing else."""
HOSTILE_SUITE = "<marquee>suite</marquee> & 'co'"
HOSTILE_DATASET = 'npz:/data/"my" <u>set</u>?a=1&b#c.npz'
HOSTILE_SCENARIO = "<u>rules</u> </script>"
HOSTILE_ATTACK = "</script>{{attack}} " + IMG
HOSTILE_ERROR = f"ValueError: {IMG} </script><script>alert(5)</script>"


def fill(store: Store) -> None:
    """Put in the samples of the report, two methods that tie, one that kept everything, and a hostile suite.

    One method is paired with another trainer. A second scenario has generators under another access.
    """
    report_samples.fill(store)
    put(store, "random", (0.60, 0.80, 0.93), label="twin", position=7)
    poisson = report_samples.ref("trainer", "poisson")
    put(
        store,
        "random",
        (0.5, 0.7, 0.8),
        label="random + poisson",
        position=9,
        trainer=poisson,
        uses=(Grant.UNLABELLED,),
    )
    for seed in range(5):
        _put(store, "rich", report_samples.cell("trace", seed, uses=(Grant.LABELS,)), position=8)
        for position, name in enumerate(("mega", "noise")):
            _put(store, name, _generator(name, seed), position=position, scenario=NO_DATA)
    for position, name in enumerate(HOSTILE):
        for seed in (0, 1):
            _put_hostile(store, name, seed, position)
    for position, status in enumerate((Status.FAILED, Status.NOT_APPLICABLE), start=len(HOSTILE)):
        _put_hostile(store, f"{status} {IMG}", 0, position, status)


def _put(store: Store, label: str, played: Cell, *, position: int, scenario: str = SCENARIO) -> None:
    store.enrol(SUITE, [Place(played, scenario, label, position)])
    result = _rich(done(played, (0.6 - position / 20, 0.8, 0.9)), ATTACK)
    store.record(played, result, target=TARGET, package="benchbox")


def _generator(name: str, seed: int) -> Cell:
    played = report_samples.cell(name, seed, kind="generator")
    scenario = played.scenario.model_copy(update={"pool": None, "access": Access.PROBABILITIES})
    return played.model_copy(update={"scenario": scenario})


def _put_hostile(store: Store, name: str, seed: int, position: int, status: Status = Status.DONE) -> None:
    played = _hostile_cell(name, seed)
    store.enrol(HOSTILE_SUITE, [Place(played, HOSTILE_SCENARIO, name, position)])
    result = _rich(done(played, (0.6, 0.7 + position / 100, 0.8)), HOSTILE_ATTACK, name)
    if status != Status.DONE:
        result = CellResult(played.id, status, error=HOSTILE_ERROR, traceback=f"Traceback:\n  {HOSTILE_ERROR}")
    target = {**TARGET, "sha256": "e" * 64, "name": IMG, "dataset": HOSTILE_DATASET}
    store.record(played, result, target=target, package=name, package_version=IMG)


def _hostile_cell(name: str, seed: int) -> Cell:
    """Return a cell with hostile text in its method and trainer, and in its scenario wherever a name stands."""
    played = report_samples.cell("random", seed, dataset=HOSTILE_DATASET)
    scenario = played.scenario
    plan = scenario.attacks[0].model_copy(update={"attack": _ref("attack", HOSTILE_ATTACK), "goal": IMG})
    target = scenario.target.model_copy(update={"name": IMG, "sha256": "e" * 64})
    rules = {"target": target, "substitute": _ref("model", IMG), "attacks": (plan,)}
    line_up = {"method": _ref("selector", name), "trainer": _ref("trainer", IMG)}
    return played.model_copy(update={"scenario": scenario.model_copy(update=rules), **line_up})


def _ref(kind: str, text: str) -> PluginRef:
    return PluginRef(kind=kind, name=text, version=1, spec=f"{text}[o={text}]", options={text: text})


def _rich(result: CellResult, attack: str, text: str = "") -> CellResult:
    """Return a result with everything that a cell can keep; every free text in it ends with ``text``."""
    matrix = tuple(tuple(30 if i == j else (i + j) % 3 for j in range(10)) for i in range(10))
    return replace(
        result,
        measurements=[replace(m, attack=m.attack and attack) for m in result.measurements],
        confusions=[Confusion("", BUDGETS[-1], matrix), Confusion(attack, BUDGETS[-1], matrix)],
        ledger=[LedgerRow(budget, f"main{text}", budget, 3, "ab" * 32) for budget in BUDGETS],
        diagnostics=[Diagnostic(at, f"agreement{text}", 0.1 + at / 1000) for at in (50, 100, 400)],
        pictures=[Picture(f"images{text}", _png()), Picture(f"junk{text}", b"<svg onload=alert(6)>")],
        environment={"python": f"3.11{text}", "packages": {f"torch{text}": "2.15.0"}, "threads": 1},
        timings={"total": 2.0, f"method{text}": 1.5},
    )


def _png() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((28, 28)).save(file, "PNG")
    return file.getvalue()
