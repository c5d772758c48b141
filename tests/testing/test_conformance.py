"""The kit catches what it says it catches, passes what is sound, and every built-in keeps its contract."""

from __future__ import annotations

from pathlib import Path

import pytest
from broken import CASES, HEAD, Broken

from benchbox.contracts import KINDS
from benchbox.registry import Registry
from benchbox.testing import Finding, Verdict, conformance, rules_for
from benchbox.testing.rule import find

BUILT_IN = [
    (entry.kind, entry.name) for entry in Registry.discover().entries() if (entry.package, entry.name) != ("benchbox", "npz")
]
QUIET = {"plays-on-the-games-device", "says-what-is-missing"}


def hold(body: str, kind: str, folder: Path, rule: str) -> Finding:
    """Hold one rule against the plugin of a file of its own."""
    path = folder / f"mine_{abs(hash(body)) % 10**8}.py"
    path.write_text(body)
    name = next(line.split('"')[1] for line in body.splitlines() if line.strip().startswith("name ="))
    _, subject = find(name, kind, [path])
    return next(each for each in rules_for(kind) if each.name == rule).hold(subject)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.rule}: {case.said}")
def test_a_plugin_that_breaks_a_rule_is_caught_by_name(case: Broken, tmp_path: Path) -> None:
    finding = hold(case.body, case.kind, tmp_path, case.rule)
    assert finding.verdict is Verdict.FAILED, finding
    assert case.said in finding.sentence
    if case.kind != "dataset":
        assert f"{case.kind} 'mine'" in finding.sentence.lower().replace("_", "")
    assert "\n" not in finding.sentence


def test_there_is_a_broken_plugin_for_every_rule() -> None:
    everything = {rule.name for kind in KINDS for rule in rules_for(kind)}
    assert everything - {case.rule for case in CASES} == {"plays-on-the-games-device"}  # needs a GPU


@pytest.mark.parametrize("kind", KINDS)
def test_the_plugins_that_were_broken_are_sound_before(kind: str, tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text(HEAD[kind].replace("'''\n", "'''\n    version = 1\n"))
    findings = list(conformance("mine", kind=kind, files=[tmp_path / "sound.py"]))
    failed = [f for f in findings if f.verdict is Verdict.FAILED]
    skipped = {f.rule for f in findings if f.verdict is Verdict.SKIPPED}
    assert not failed
    assert skipped <= {"plays-on-the-games-device"}


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_keeps_its_contract(kind: str, name: str) -> None:
    assert not [finding for finding in conformance(name, kind=kind) if finding.verdict is Verdict.FAILED]
