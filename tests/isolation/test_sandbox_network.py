"""In a sandbox: no network, neither of this machine nor of any other."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from intruder import attempt, call, connect

AF_VSOCK, AF_NETLINK, AF_PACKET = 40, 16, 17
IO_URING_SETUP = 425


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[list[tuple[int, Any]]]:
    """Listen in every way that a process on this machine could be reached."""
    addresses = [(socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, f"\0benchbox-{os.getpid()}")]
    addresses.append((socket.AF_UNIX, str(tmp_path / "socket")))
    sockets = []
    for family, address in addresses:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.bind(address)
        listener.listen()
        sockets.append(listener)
    yield [(listener.family, listener.getsockname()) for listener in sockets]
    for listener in sockets:
        listener.close()


def test_the_listeners_listen(listeners: list[tuple[int, Any]]) -> None:
    assert {connect(*listener) for listener in listeners} == {"done"}


@pytest.mark.parametrize("without", ["", "seccomp", "landlock", "seccomp landlock"])
def test_nobody_on_this_machine_can_be_reached(inside: Any, listeners: list[tuple[int, Any]], without: str) -> None:
    answers = inside(lambda: [connect(*listener) for listener in listeners], without=without)
    assert set(answers) <= {"EAFNOSUPPORT", "ENETUNREACH", "ECONNREFUSED", "ENOENT", "EACCES", "EPERM"}


def test_sockets_that_no_namespace_parts_cannot_be_made(inside: Any) -> None:
    def tried() -> list[str]:
        families = (AF_VSOCK, AF_NETLINK, AF_PACKET, socket.AF_INET, socket.AF_INET6)
        return [attempt(lambda family=family: socket.socket(family, socket.SOCK_STREAM)) for family in families]

    assert set(inside(tried)) == {"EAFNOSUPPORT"}
    assert inside(lambda: call("syscall", IO_URING_SETUP, 1, None)) == "EPERM"


def test_processes_inside_may_talk(inside: Any) -> None:
    def tried() -> str:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("/tmp/own")
            listener.listen()
            return connect(socket.AF_UNIX, "/tmp/own")

    assert inside(tried) == "done"
