"""A clean process to fork from: it has imported torch and no plugin, so that a cell's processes start in a moment.

``main([FD, MODULE ...])`` imports the modules and serves the control socket ``FD``. A request is a
line of JSON with two sockets or files beside it: the child's channel, and where its output goes. The child runs an entry
point (``package.module:function``); the zygote tells its pid, and later how it ended. A child that may ask for further children
(the referee, for its players) gets a control socket of its own. When a control socket closes, the children asked for through it
are killed: a dead coordinator leaves no referee, a dead referee no player. What a dead child left behind is killed with its
process group, which a player cannot leave.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from benchbox.isolation import seccomp
from benchbox.isolation.kernel import adopt_orphans, allow_looking_in, end_orphans, forbid_looking_in

REQUEST_LIMIT = 1 << 20
"""Bytes of one request."""


@dataclass
class _Client:
    """Somebody who may ask for children: the coordinator, or a referee."""

    sock: socket.socket
    children: set[int] = field(default_factory=set)


class Zygote:
    """Serves control sockets until the first of them closes."""

    def __init__(self, control: socket.socket) -> None:
        self._first = control
        self._clients = {control: _Client(control)}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._died, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        self._selector.register(self._died, selectors.EVENT_READ)

    def serve(self) -> None:
        """Answer requests and tell of deaths until the first client is gone; then kill what is left."""
        while self._first in self._clients:
            for key, _ in self._selector.select():
                if key.fileobj == self._died:
                    os.read(self._died, 4096)
                else:
                    self._answer(self._clients[key.fileobj])  # type: ignore[index]
            self._bury()
        for client in list(self._clients.values()):
            self._drop(client)
        self._kill_orphans()

    def _answer(self, client: _Client) -> None:
        try:
            request, handles = receive(client.sock)
        except (OSError, ValueError, EOFError):
            self._drop(client)
            return
        try:
            child, own = self._fork(request, handles)
        except OSError as error:  # no more processes, or files, for now: the others go on
            self._tell(client, {"refused": str(error)})
            return
        finally:
            for handle in handles:
                os.close(handle)
        client.children.add(child)
        if own is not None:
            self._clients[own] = _Client(own)
            self._selector.register(own, selectors.EVENT_READ)
        self._tell(client, {"child": child})

    def _fork(self, request: dict[str, Any], handles: list[int]) -> tuple[int, socket.socket | None]:
        mine, theirs = socket.socketpair() if request.get("parent") else (None, None)
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            child = os.fork()
            if child == 0:
                become(request, handles, None if theirs is None else theirs.detach())
        except OSError:
            if mine is not None:
                mine.close()
            raise
        finally:
            if theirs is not None:
                theirs.close()
        with suppress(OSError):  # it has done so itself, and is perhaps gone
            os.setpgid(
                child, child
            )  # here too, so that it leads its group before anybody hears of it and may kill that
        return child, mine

    def _bury(self) -> None:
        """Tell each dead child's client how it ended, once nothing of it is left; orphans are let go."""
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            for client in list(self._clients.values()):
                if child in client.children:
                    client.children.remove(child)
                    self._end_group(child)
                    self._tell(client, {"ended": child, "status": os.waitstatus_to_exitcode(status)})

    def _end_group(self, child: int) -> None:
        """End what a dead child left: at one blow, as it stays in the group; where it need not, orphans are looked for."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if not seccomp.available():
            self._kill_orphans()

    def _kill_orphans(self) -> None:
        """Kill what dead children forked, wherever it hid: a child that nobody asked for is an orphan."""
        end_orphans({child for client in self._clients.values() for child in client.children})

    def _tell(self, client: _Client, message: dict[str, Any]) -> None:
        try:
            client.sock.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.sock, None) is None:
            return
        self._selector.unregister(client.sock)
        client.sock.close()
        for child in client.children:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)


def become(request: dict[str, Any], handles: list[int], control: int | None) -> NoReturn:
    """Be the child that was asked for: nothing of the zygote's is left open. Never returns."""
    code = 1
    try:
        allow_looking_in()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        channel, control = _keep(handles, control)
        os.environ.update(request.get("environment", {}))
        module, _, name = request["entry"].partition(":")
        code = int(getattr(importlib.import_module(module), name)(channel, control, request.get("argument")) or 0)
    except SystemExit as error:
        code = _exit_code(error)
    except BaseException:
        traceback.print_exc()
    finally:
        _leave(code)


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    sys.stderr.write(f"{error.code}\n")
    return 1


def _leave(code: int) -> NoReturn:
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code & 0xFF)  # a larger number raises, and this process would go on as the zygote


def _keep(handles: list[int], control: int | None) -> tuple[int, int | None]:
    """Make standard input empty and the output the one given; close all other files but channel and control socket."""
    channel, output = handles
    with suppress(OSError):  # the zygote was first
        os.setpgid(0, 0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    kept = {0, 1, 2, channel, control}
    for path in list(Path("/dev/fd").iterdir()):
        if int(path.name) not in kept:
            with suppress(OSError):  # the folder's own is closed by now
                os.close(int(path.name))
    return channel, control


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return a request and the two files beside it.

    Raises:
        EOFError: the client is gone.
        ValueError: it sent something else.
    """
    size = array.array("i").itemsize * 2
    data, ancillary, _, _ = sock.recvmsg(REQUEST_LIMIT, socket.CMSG_LEN(size))
    if not data:
        raise EOFError
    handles: list[int] = []
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            handles += array.array("i", content[:size])
    try:
        while not data.endswith(b"\n"):
            more = sock.recv(REQUEST_LIMIT)
            if not more or len(data) > REQUEST_LIMIT:
                raise EOFError
            data += more
        request = json.loads(data)
        if len(handles) != 2 or not isinstance(request, dict) or not isinstance(request.get("entry"), str):
            raise ValueError("no request")
    except BaseException:
        for handle in handles:
            os.close(handle)
        raise
    return request, handles


def _pipe() -> tuple[int, int]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    os.set_blocking(write, False)
    return read, write


def main(arguments: list[str]) -> None:
    """Import the modules, then serve the control socket."""
    forbid_looking_in()
    adopt_orphans()
    control = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    gc.disable()  # modules are made to stay: to look for garbage among them takes a fifth of the start
    for name in arguments[1:]:
        importlib.import_module(name)
    gc.enable()
    gc.collect()
    gc.freeze()  # what children share stays shared: a collection would write to every page
    zygote = Zygote(control)
    with suppress(OSError):  # who started it is gone already
        control.sendall(b'{"ready": true}\n')
    zygote.serve()
