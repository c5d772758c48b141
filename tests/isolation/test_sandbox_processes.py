"""In a sandbox: other processes, signals, and that nothing outlives it."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import select
import signal
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from intruder import attempt, call, names, read
from shutting import ended, needs_a_sandbox

from benchbox.isolation.sandbox import enter, walls

PTRACE_ATTACH, PR_SET_PDEATHSIG = 16, 1


def test_it_is_alone(inside: Any) -> None:
    def tried() -> Any:
        return os.getpid(), [name for name in names(Path("/proc")) if name.isdigit()], os.getsid(0), os.getpgrp()

    assert inside(tried) == [1, ["1"], 1, 1]


@pytest.mark.parametrize("without", ["", "seccomp", "seccomp landlock"])
def test_no_process_outside_can_be_reached(inside: Any, without: str) -> None:
    outside = os.getpid()

    def tried() -> Any:
        return [
            attempt(lambda: os.kill(outside, signal.SIGKILL)),
            read(Path(f"/proc/{outside}")),
            call("ptrace", PTRACE_ATTACH, outside, 0, 0),
            call("process_vm_readv", outside, None, 0, None, 0, 0),
        ]

    killed, seen, traced, peeked = inside(tried, without=without)
    assert (killed, seen) == ("ESRCH", "ENOENT")
    assert traced in ("EPERM", "ESRCH")
    assert peeked in ("EPERM", "ESRCH", "done")  # nothing was asked for; what is not there is answered so
    assert os.getpid() == outside


def test_a_signal_to_everybody_stays_inside(inside: Any) -> None:
    def tried() -> Any:
        signal.signal(signal.SIGUSR1, lambda *_: None)
        return [attempt(lambda: os.kill(-1, signal.SIGUSR1)), attempt(lambda: os.kill(0, signal.SIGUSR1))]

    assert inside(tried)[1] == "done"


def test_rights_are_gone_for_good(inside: Any) -> None:
    def tried() -> Any:
        status = Path("/proc/self/status").read_text().splitlines()
        return {
            line.split()[0]: line.split()[1] for line in status if line.startswith(("Cap", "NoNewPrivs", "Seccomp:"))
        }

    found = inside(tried)
    assert {int(value, 16) for name, value in found.items() if name.startswith("Cap")} == {0}
    assert (found["NoNewPrivs:"], found["Seccomp:"]) == ("1", "2")


def test_it_cannot_ask_to_outlive_its_parent(inside: Any) -> None:
    assert inside(lambda: [call("prctl", PR_SET_PDEATHSIG, value, 0, 0, 0) for value in (0, 1 << 32)]) == ["EPERM"] * 2


def test_nothing_is_taken_that_is_counted_user_by_user(inside: Any) -> None:
    """Another player of the same user would see that there is less of it: namespaces do not part these counts."""
    assert inside(lambda: [call("inotify_init"), call("inotify_init1", 0)]) == ["EPERM"] * 2


def crash() -> None:
    faulthandler.disable()
    ctypes.string_at(0)


@pytest.mark.parametrize(("body", "status"), [(lambda: os._exit(7), 7 << 8), (crash, signal.SIGSEGV)])
def test_how_it_ended_is_passed_on(inside: Any, body: Any, status: int) -> None:
    assert inside(body, status=True) & ~0x80 == status  # 0x80: a core was dumped


def alive(marks: list[bytes], reading: socket.socket) -> list[bytes]:
    """Return which processes still write to a pipe that was just emptied."""
    reading.setblocking(False)
    try:
        while reading.recv(1 << 16):
            pass
    except BlockingIOError:
        pass
    time.sleep(0.05)
    try:
        said = reading.recv(1 << 16)
    except BlockingIOError:
        said = b""
    return [mark for mark in marks if mark in said]


def chatter(mark: bytes, writing: socket.socket) -> None:
    while True:
        writing.send(mark)
        time.sleep(0.005)


def leave_children(writing: socket.socket) -> None:
    """Fork a child, and a daemon: forked twice, in a session of its own, deaf to what can be ignored."""
    if os.fork() == 0:
        chatter(b"c", writing)
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if os.fork() == 0:
            chatter(b"d", writing)
        os._exit(0)


@pytest.mark.parametrize("how", ["it exits", "its waiter is killed", "its waiter's parent ends"])
def test_whatever_ends_takes_all_children_with_it(how: str) -> None:
    needs_a_sandbox()
    reading, writing = socket.socketpair()
    reading.settimeout(60)
    seen, tell = os.pipe()
    grandparent = os.fork()
    if grandparent == 0:
        try:
            os.close(tell)
            waiter = os.fork()
            if waiter == 0:
                enter(walls())
                leave_children(writing)
                time.sleep(0.5)
                writing.send(b"!")
                time.sleep(0 if how == "it exits" else 30)
                os._exit(0)
            writing.send(waiter.to_bytes(4, "big"))
            if how == "its waiter's parent ends":
                os.read(seen, 1)
                os._exit(0)
            os.waitpid(waiter, 0)
        finally:
            os._exit(0)  # no copy of the tests goes on
    waiter = int.from_bytes(reading.recv(4), "big")
    said = b""
    while b"!" not in said:
        said += reading.recv(1 << 16)
    assert b"c" in said and b"d" in said
    if how == "its waiter is killed":
        os.kill(waiter, signal.SIGTERM)
    os.close(tell)
    ended(grandparent)
    os.close(seen)
    until = time.monotonic() + 20  # the kernel ends a whole namespace when it gets to it
    while alive([b"c", b"d"], reading):
        assert time.monotonic() < until, "a child outlived it"
    reading.close()
    writing.close()


def test_the_waiter_holds_no_end_of_the_players_streams() -> None:
    needs_a_sandbox()
    reading, writing = os.pipe()
    waiter = os.fork()
    if waiter == 0:
        enter(walls())
        os.close(writing)
        time.sleep(30)
        os._exit(0)
    os.close(writing)
    assert select.select([reading], [], [], 10)[0]
    assert os.read(reading, 1) == b""
    os.kill(waiter, signal.SIGKILL)
    ended(waiter)
    os.close(reading)
