"""What the machine is said to be able to do, and the reasons."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from shutting import forked, needs_a_sandbox

from benchbox.isolation import capability as module
from benchbox.isolation import landlock, seccomp
from benchbox.isolation.capability import capability
from benchbox.isolation.sandbox import SandboxError, Sealed, enter, walls


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have every trial fail as where unshare is forbidden."""
    monkeypatch.setattr(module, "_refusal", lambda: "the sandbox cannot be built: unshare: Operation not permitted")
    monkeypatch.setattr(module, "_tried", module._tried.__wrapped__)
    return monkeypatch


def test_a_trial_that_works_gives_no_reason_against_it() -> None:
    needs_a_sandbox()
    able = capability()
    assert (able.sealed, able.landlock) == (Sealed.SANDBOX, landlock.abi())
    assert capability() is able  # tried once


@pytest.mark.parametrize("word", ["off", "OFF", "0"])
def test_it_can_be_switched_off(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_SANDBOX", word)
    able = capability()
    assert able.sealed is Sealed.PROCESS
    assert "switched off by BENCHBOX_SANDBOX" in able.reasons[0]


@pytest.mark.parametrize(
    ("file", "value", "remedy"),
    [
        ("kernel/unprivileged_userns_clone", "0", "sudo sysctl kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces is 0"),
    ],
)
def test_a_setting_that_forbids_it_is_named_with_the_remedy(
    file: str, value: str, remedy: str, refused: pytest.MonkeyPatch
) -> None:
    refused.setattr(module, "_read", lambda path: value if path == Path("/proc/sys") / file else "")
    able = capability()
    assert able.sealed is Sealed.PROCESS
    assert able.reasons[0] == "The sandbox cannot be built: unshare: Operation not permitted."
    assert remedy in able.reasons[1]


def test_a_containers_filter_is_named(refused: pytest.MonkeyPatch) -> None:
    refused.setattr(module, "_read", lambda path: "Name:\tx\nSeccomp:\t2\n" if path.name == "status" else "")
    assert "seccomp=unconfined" in capability().reasons[1]


def test_another_system_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seccomp, "available", lambda: False)
    monkeypatch.setattr(module, "_tried", module._tried.__wrapped__)
    able = capability()
    assert able.sealed is Sealed.PROCESS
    assert f"this is {sys.platform}" in able.reasons[0]
    with pytest.raises(SandboxError, match="cannot be built on"):
        enter(walls())


@pytest.mark.parametrize("forbidden", ["unshare", "mount", "pivot_root", "sethostname", "capset"])
def test_a_step_that_is_forbidden_is_an_error_and_never_half_a_sandbox(forbidden: str) -> None:
    needs_a_sandbox()

    def tried() -> str:
        from benchbox.isolation import kernel, mounts, sandbox, users

        real = kernel.call

        def call(name: str, *arguments: object) -> int:
            if name == forbidden:
                raise PermissionError(1, "Operation not permitted", name)
            return real(name, *arguments)

        for place in (kernel, mounts, sandbox, users):
            place.call = call
        try:
            enter(walls())
        except SandboxError as error:
            return str(error)
        return "entered"

    assert forked(tried) == f"the sandbox cannot be built: {forbidden}: Operation not permitted"
