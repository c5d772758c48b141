"""Where there are no namespaces: what can be had without them."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from intruder import attempt, call, connect, read, write

from benchbox.isolation import landlock
from benchbox.isolation.sandbox import walls

needs_landlock = pytest.mark.skipif(landlock.abi() < 1, reason="no Landlock here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights").write_text("secret")
    (tmp_path / "open").write_text("plain")
    return tmp_path


@needs_landlock
def test_files_that_are_not_let_through_cannot_be_read(limited: Any, folder: Path) -> None:
    home = Path.home()

    def tried() -> list[str]:
        mine = Path(f"/proc/{os.getpid()}/environ")
        return [read(path) for path in (folder / "weights", folder, Path("/etc/passwd"), home, mine)]

    assert set(limited(tried)) == {"EACCES"}


@needs_landlock
def test_what_is_let_through_is_read_and_not_written(limited: Any, folder: Path) -> None:
    shown = (*walls().readable, folder)
    answers = limited(lambda: [read(folder / "open"), write(folder / "open")], readable=shown)
    assert answers == ["done", "EACCES"]


@needs_landlock
def test_what_is_hidden_within_it_cannot_be_read(limited: Any, folder: Path) -> None:
    def tried() -> list[str]:
        return [read(folder / "open"), read(folder / "weights")]

    shown = (*walls().readable, folder)
    assert limited(tried, readable=shown, hidden=(folder / "weights",)) == ["done", "EACCES"]


def test_the_first_writable_folder_is_home(limited: Any, folder: Path) -> None:
    def tried() -> Any:
        import tempfile

        with tempfile.NamedTemporaryFile() as file:
            return os.environ["HOME"], Path(file.name).parent == folder

    assert limited(tried, writable=(folder,)) == [str(folder), True]


@pytest.mark.parametrize("without", ["", "seccomp", "landlock"])
def test_there_is_no_network(limited: Any, without: str) -> None:
    with socket.socket() as listener, socket.socket(socket.AF_UNIX) as abstract:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        abstract.bind(f"\0benchbox-limit-{os.getpid()}")
        abstract.listen()
        places = [(each.family, each.getsockname()) for each in (listener, abstract)]
        answers = limited(lambda: [connect(*place) for place in places], without=without)
    assert set(answers) <= {"EAFNOSUPPORT", "EACCES", "EPERM"}


@pytest.mark.skipif(landlock.abi() < 6, reason="Landlock here cannot part signals")
def test_processes_outside_cannot_be_signalled_or_traced(limited: Any) -> None:
    outside = os.getpid()
    answers = limited(lambda: [attempt(lambda: os.kill(outside, signal.SIGTERM)), call("ptrace", 16, outside, 0, 0)])
    assert answers == ["EPERM", "EPERM"]


def test_it_leads_a_session_of_its_own(limited: Any) -> None:
    assert limited(lambda: os.getsid(0) == os.getpid())


def test_what_a_contestant_needs_works(limited: Any) -> None:
    def tried() -> Any:
        sys.modules.pop("tabulate", None)  # another test of this process may have imported it
        import tabulate

        first, second = socket.socketpair()
        first.send(b"x")
        return tabulate.tabulate([["x"]], tablefmt="plain"), float(torch.ones(8, 8).sum()), second.recv(1).decode()

    assert limited(tried) == ["x", 64.0, "x"]


def test_no_token_is_left_and_limits_hold(limited: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")

    def tried() -> Any:
        return "SOME_TOKEN" in os.environ, attempt(lambda: bytearray(200 << 20))

    assert limited(tried, memory=100 << 20) == [False, "MemoryError"]
