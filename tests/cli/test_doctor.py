"""``benchbox doctor``: what it says of this machine, in lines and as JSON."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from benchbox.cli import doctor, main
from benchbox.isolation.capability import Capability
from benchbox.records import Sealed


def said(*options: str) -> str:
    result = CliRunner().invoke(main, ["doctor", *options])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_sandbox_is_said_with_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "capability", lambda: Capability(Sealed.SANDBOX, 7, ()))
    lines = said().splitlines()
    starts = {line.split("  ")[0]: line for line in lines}
    assert list(starts) == [
        "versions", "system", "cores", "memory", "GPU", "sealed", "Landlock", "data", "targets",
    ]  # fmt: skip
    assert "sandbox: " in starts["sealed"]
    assert "version 7" in starts["Landlock"]
    assert len({len(line) - len(line[9:].lstrip()) for line in lines}) == 1  # aligned


def test_each_reason_is_a_line_under_what_it_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    reasons = ("It cannot be built.", "user.max_user_namespaces is 0: sudo sysctl user.max_user_namespaces=10000.")
    monkeypatch.setattr(doctor, "capability", lambda: Capability(Sealed.PROCESS, 0, reasons))
    lines = [line.strip() for line in said().splitlines()]
    at = next(i for i, line in enumerate(lines) if line.startswith("sealed"))
    assert "process: " in lines[at]
    assert tuple(lines[at + 1 : at + 3]) == reasons, "they say why it is no sandbox"
    assert lines[at + 3].startswith("Landlock  none; it is the second wall around files, and needs Linux 5.13")
    assert json.loads(said("--json"))["reasons"] == list(reasons)


def test_the_switch_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_SANDBOX", "off")
    found = json.loads(said("--json"))
    assert found["sealed"] == "process"
    assert "BENCHBOX_SANDBOX" in found["reasons"][0]


def test_the_data_folder_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("BENCHBOX_DATA", str(tmp_path))
    assert json.loads(said("--json"))["data"] == {"path": str(tmp_path), "there": True}
    monkeypatch.delenv("BENCHBOX_DATA")
    assert "no folder; set BENCHBOX_DATA" in said()
