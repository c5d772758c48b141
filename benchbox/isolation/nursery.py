"""Asking a zygote for children: from the coordinator, which starts it, and from a referee, which has a control socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchbox.isolation.channel import Channel
from benchbox.isolation.limits import bare_environment
from benchbox.isolation.output import Output

ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Set to 1 in a zygote: two threads that fight are slower than one, and another number of them gives other numbers."""


_PATIENCE = 10.0  # seconds

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from benchbox.isolation.zygote import main; main(sys.argv[1:])"
)
"""The zygote finds what this process finds, and nothing that lies in the folder where it is started."""


class NurseryClosed(Exception):  # noqa: N818 - an outcome
    """The zygote is gone, and what it started; no child can be started."""


class Child:
    """A process that was forked for us.

    Attributes:
        pid: its process id.
        channel: our end of its channel.
        output: what it prints.
    """

    def __init__(self, nursery: Nursery, pid: int, channel: Channel, output: Output) -> None:
        self._nursery = nursery
        self.pid, self.channel, self.output = pid, channel, output

    def wait(self, timeout: float | None = None) -> int | None:
        """Return how it ended: its exit code, or the negative number of a signal. None where it did not within the time."""
        return self._nursery.wait(self.pid, timeout)

    def kill(self) -> None:
        """Kill it and whatever it started, unless it ended; for another thread than the one that reads its channel."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # it leads a group of its own, and what it left behind is in it

    def end(self) -> int | None:
        """Kill it, and let go of it; returns as ``wait`` does."""
        self.kill()
        self.channel.close()
        code = self.wait(_PATIENCE)
        self.output.close()
        return code


class Nursery:
    """The client's end of a zygote's control socket. Threads may share it.

    Args:
        control: the connected socket.
        lost: called, from a thread, when the zygote is gone.
        process: the zygote, where this process started it.

    Attributes:
        open: whether the zygote is there.
    """

    def __init__(
        self,
        control: socket.socket,
        lost: Callable[[], object] = lambda: None,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self._control, self._lost, self._process = control, lost, process
        self._asking = threading.Lock()
        self._news = threading.Condition()
        self._answers: list[dict[str, Any]] = []
        self._ended: dict[int, int] = {}
        self._ready = False
        self.open = True
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(
        self,
        entry: str,
        argument: Any = None,
        *,
        parent: bool = False,
        environment: Mapping[str, str] | None = None,
        output: Output | None = None,
    ) -> Child:
        """Fork a child that calls ``entry(channel, control, argument)`` with the numbers of its sockets.

        Args:
            entry: ``package.module:function``; the function returns an exit code, or None for 0.
            argument: plain JSON data.
            parent: whether the child may ask for children of its own; else ``control`` is None.
            environment: variables to set.
            output: keeps what it prints.

        Raises:
            NurseryClosed: the zygote is gone.
            OSError: the system lets it fork no more.
        """
        request = {"entry": entry, "argument": argument, "parent": parent, "environment": dict(environment or {})}
        data = json.dumps(request).encode() + b"\n"
        output = output or Output()
        channel, theirs = Channel.pair()
        try:
            with self._asking:
                pid = self._ask(data, theirs, output)
        except BaseException:
            channel.close()
            raise
        finally:
            theirs.close()
            output.close_inlet()
        return Child(self, pid, channel, output)

    def _ask(self, request: bytes, channel: socket.socket, output: Output) -> int:
        try:
            sent = socket.send_fds(self._control, [request], [channel.fileno(), output.inlet])
            self._control.sendall(request[sent:])
        except OSError:
            raise NurseryClosed("the process that starts others is gone") from None
        with self._news:
            self._news.wait_for(lambda: self._answers or not self.open)
            if not self._answers:
                raise NurseryClosed("the process that starts others is gone")
            answer = self._answers.pop()
        if "refused" in answer:
            raise OSError(f"no process can be started: {answer['refused']}")
        return int(answer["child"])

    def wait(self, pid: int, timeout: float | None) -> int | None:
        """Return how a child ended; None where it did not within the time."""
        with self._news:
            self._news.wait_for(lambda: pid in self._ended or not self.open, timeout)
            return self._ended.get(pid)

    def close(self) -> None:
        """Let the zygote and all its children go, and wait until they are gone."""
        with suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
        if self._process is not None and not self._ready:
            self._process.kill()  # it still imports, and nobody needs what
        self._listener.join(_PATIENCE)
        self._control.close()

    def _listen(self) -> None:
        try:
            with self._control.makefile("rb") as lines:
                for line in lines:
                    self._note(json.loads(line))
        except (OSError, ValueError):
            pass
        if self._process is not None:
            self._process.wait()
        with self._news:
            self.open = False
            self._news.notify_all()
        self._lost()

    def _note(self, message: dict[str, Any]) -> None:
        with self._news:
            if "ended" in message:
                self._ended[message["ended"]] = message["status"]
            elif "ready" in message:
                self._ready = True
            else:
                self._answers.append(message)
            self._news.notify_all()


def start_zygote(preload: Sequence[str]) -> Nursery:
    """Start a zygote that has imported ``preload``; its children have one thread each.

    It ends when the nursery is closed, or when this process ends, however that happens. It knows nothing of this process's
    environment that a player should not: what is in a zygote's memory is in every player's.
    """
    mine, theirs = socket.socketpair()
    variables = {**bare_environment(os.environ), **dict.fromkeys(ONE_THREAD, "1")}
    path = json.dumps([entry or str(Path.cwd()) for entry in sys.path])
    command = [sys.executable, "-P", "-c", _BOOT, path, str(theirs.fileno()), *preload]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=variables,
        pass_fds=[theirs.fileno()],
        start_new_session=True,
    )
    theirs.close()
    return Nursery(mine, process=process)
