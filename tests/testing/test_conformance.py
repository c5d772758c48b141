"""The kit catches what it says it catches, passes what is sound, and every built-in keeps its contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.distribution import DISTRIBUTION
from benchbox.errors import PluginError, UnknownNameError
from benchbox.kinds import KINDS
from benchbox.registry import Catalogue
from benchbox.testing import Verdict, conformance, rules_for
from benchbox.testing.arena import House, play
from benchbox.testing.rule import find

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken").glob("*.py"))
BUILT_IN = [
    (entry.kind, entry.name)
    for entry in Catalogue.discover().entries()
    if not (
        entry.package == DISTRIBUTION and entry.name in ("npz", "folder", "torchattacks", "torchvision")
    )  # they need a path, a package
]

QUICK = {
    "standard": "standard[updates=100,epochs=1]",
    "poisson": "poisson[updates=100,rounds=2,epochs=1]",
    "fixmatch": "fixmatch[updates=60,batch=16]",
    "mixmatch": "mixmatch[updates=60,batch=16]",
    "distil": "distil[updates=60]",
    "qedg": "qedg[steps=5,epochs=1,last=1]",
    "swiftthief": "swiftthief[steps=3,batch=64,answered=64,epochs=1]",
    "held-out": "held-out:digits",
}
"""Plugins that take their time by default, or have none, as they are checked here."""


def breaks(path: Path) -> tuple[str, str, str]:
    """Return what a file in ``broken/`` says of itself: its kind, the rule that it breaks, words of the sentence."""
    rule, _, said = path.read_text().partition("\n")[0].removeprefix("# ").partition(": ")
    return path.stem.partition("_")[0], rule, said


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_plugin_that_breaks_a_rule_is_caught_by_name(path: Path) -> None:
    kind, name, said = breaks(path)
    (entry,) = (e for e in Catalogue.discover([path]).entries(kind) if e.package == str(path))
    _, subject = find(entry.name, kind, [path])
    finding = next(rule for rule in rules_for(kind) if rule.name == name).hold(subject)
    assert finding.verdict is Verdict.FAILED, finding
    assert said in finding.sentence
    assert entry.name in finding.sentence
    assert "\n" not in finding.sentence


def test_there_is_a_broken_plugin_for_every_rule() -> None:
    everything = {rule.name for kind in KINDS for rule in rules_for(kind)}
    assert everything - {breaks(path)[1] for path in BROKEN} == {"plays-on-the-games-device"}  # needs a GPU


@pytest.mark.parametrize("kind", KINDS)
def test_a_sound_plugin_passes_every_rule(kind: str) -> None:
    findings = list(conformance("mine", kind=kind, files=[HERE / "sound" / f"{kind}.py"]))
    assert not [finding for finding in findings if finding.verdict is Verdict.FAILED]
    assert {f.rule for f in findings if f.verdict is Verdict.SKIPPED} <= {"plays-on-the-games-device"}


LAZY = """
from benchbox.contracts import Lazy, hookimpl


@hookimpl
def benchbox_plugins():
    return [Lazy("selector", "mine", "heavy:Mine", "Takes rows at random.")]
"""


def test_a_module_that_a_lazy_row_names_may_import_what_it_likes(tmp_path: Path) -> None:
    heavy = (HERE / "broken" / "selector_listing_imports_nothing_heavy.py").read_text()
    assert "\nimport torch\n" in heavy
    (tmp_path / "heavy.py").write_text(heavy)
    (tmp_path / "light.py").write_text(LAZY)
    findings = list(conformance("mine", kind="selector", files=[tmp_path / "light.py"]))
    assert not [finding for finding in findings if finding.verdict is Verdict.FAILED]


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_keeps_its_contract(kind: str, name: str) -> None:
    findings = conformance(QUICK.get(name, name), kind=kind)
    assert not [finding for finding in findings if finding.verdict is Verdict.FAILED]


@pytest.mark.parametrize("spec", ["dast[batch=40]", "maze[batch=16]", "noise", "mega"])
def test_a_built_in_generator_is_scored_at_a_budget_point_with_what_it_had_paid(spec: str) -> None:
    method = find(spec)[1].method()
    played = play(method, House((240, 480), method.needed_access()))
    assert any(230 <= spent <= 240 for spent in played.spent)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("mnst", UnknownNameError, "^there is no plugin 'mnst'; did you mean 'mnist'"),
        ("xyzzy", UnknownNameError, "^there is no plugin 'xyzzy'; 'benchbox plugins' lists them$"),
        ("fgsm", PluginError, "'fgsm' is the name of a model and of an attack; say which with --kind"),
    ],
)
def test_what_cannot_be_found_is_said_of_every_kind(
    text: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.py"
    path.write_text((HERE / "sound" / "model.py").read_text().replace('"mine"', '"fgsm"'))
    with pytest.raises(error, match=said):
        find(text, files=[path])
