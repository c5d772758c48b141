"""Where there are no namespaces: what can be had without them."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from intruder import LIBC, attempt, call, connect, read, take_memory, write

from benchbox.isolation import landlock
from benchbox.isolation.sandbox import walls
from benchbox.isolation.seccomp import stay_in_group

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


def test_others_cannot_be_limited_slowed_or_moved_by_number(limited: Any) -> None:
    """Landlock says nothing of these: whoever has the same user might set them, and leave words in them."""

    def tried() -> list[str]:
        limits, which = (ctypes.c_uint64 * 2)(0, 0), resource.RLIMIT_CPU
        about = [
            call("prlimit", outside, which, ctypes.byref(limits), None),
            call("prlimit", outside, which, None, ctypes.byref(limits)),
            call("sched_setaffinity", outside, 8, ctypes.byref(ctypes.c_uint64(1))),
            call("sched_setscheduler", outside, 3, ctypes.byref(ctypes.c_int(0))),
            call("setpriority", os.PRIO_PROCESS, outside, 19),
        ]
        os.sched_setaffinity(0, os.sched_getaffinity(0))  # one's own may be
        resource.setrlimit(which, resource.getrlimit(which))
        return about

    outside = os.getpid()
    assert limited(tried) == ["EPERM"] * 5


def test_memory_that_others_share_is_not_found_by_its_number(limited: Any) -> None:
    segment = LIBC.shmget(0, 4096, 0o1600)
    assert segment >= 0
    try:
        assert limited(lambda: call("shmat", segment, None, 0)) == "EPERM"
    finally:
        LIBC.shmctl(segment, 0, None)


def test_what_stays_in_its_group_cannot_leave_it(limited: Any) -> None:
    def tried() -> list[str]:
        stay_in_group()
        child = os.fork()
        if child == 0:
            os._exit([attempt(os.setsid), attempt(lambda: os.setpgid(0, 0))] != ["EPERM", "EPERM"])
        return [str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))]

    assert limited(tried) == ["0"]


def test_only_so_many_files_are_open_at_once(limited: Any) -> None:
    """What lies unread in sockets is memory that no other limit counts."""
    assert limited(lambda: max(os.dup(0) for _ in range(400))) < 512
    assert limited(lambda: [attempt(lambda: [os.dup(0) for _ in range(600)])]) == ["EMFILE"]


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
        return "SOME_TOKEN" in os.environ, attempt(lambda: take_memory(200 << 20))

    assert limited(tried, memory=100 << 20) == [False, "ENOMEM"]
