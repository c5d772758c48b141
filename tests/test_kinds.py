"""The table of kinds: whatever needs something of a kind finds it for every one."""

from __future__ import annotations

from pathlib import Path

import pytest

import benchbox.scaffold
import benchbox.testing
from benchbox.contracts import Plugin
from benchbox.errors import UnknownNameError
from benchbox.kinds import BY_NAME, KINDS, METHODS, Kind, Role, in_namespace, kind_of

TEMPLATES = Path(benchbox.scaffold.__file__).parent / "templates"


@pytest.mark.parametrize("kind", BY_NAME.values(), ids=KINDS)
def test_a_kind_has_its_contract_templates_rules_and_test_class(kind: Kind) -> None:
    assert issubclass(kind.contract, Plugin)
    assert kind.contract.kind == kind.name
    assert (TEMPLATES / kind.template).is_file()
    assert (TEMPLATES / f"test_{kind.template}").is_file()
    assert benchbox.testing.rules_for(kind.name)
    assert getattr(benchbox.testing, kind.tests).kind == kind.name
    assert "{name}" in kind.trial
    assert "{name}" in kind.written


def test_methods_share_their_names_and_compete() -> None:
    assert METHODS == in_namespace("method") == ("selector", "generator", "query-attack")
    assert {BY_NAME[name].role for name in METHODS} == {Role.CONTESTANT}


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'selector'"):
        kind_of("selektor")
