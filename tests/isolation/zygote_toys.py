"""Entry points of the children that the zygote's tests ask for; children import this module by name."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchbox.isolation.channel import Channel
from benchbox.isolation.kernel import forbid_new_privileges
from benchbox.isolation.nursery import Nursery
from benchbox.isolation.seccomp import stay_in_group


def echo(channel: int, control: int | None, argument: Any) -> int:
    """Send back what comes until "end"."""
    line = Channel(socket.socket(fileno=channel))
    line.send("argument", argument)
    while True:
        kind, data = line.receive()
        if kind == "end":
            return int(data)
        line.send(kind, data)


def surroundings(channel: int, control: int | None, argument: Any) -> None:
    """Tell what is open, what can be read, and where it stands."""
    files = {number: _link(number) for number in map(int, os.listdir("/dev/fd"))}  # noqa: PTH208 - names are wanted
    told = {
        "files": {number: link for number, link in files.items() if link},
        "own": [channel, control],
        "stdin": sys.stdin.read(),
        "group": os.getpgid(0) == os.getpid(),
        "threads": os.environ["OMP_NUM_THREADS"],
        "extra": os.environ.get("EXTRA", ""),
    }
    Channel(socket.socket(fileno=channel)).send("told", told)


def _link(number: int) -> str:
    try:
        return os.readlink(f"/dev/fd/{number}")  # noqa: PTH115 - a number, not a path
    except OSError:
        return ""  # it was the folder itself


def ends(channel: int, control: int | None, argument: Any) -> Any:
    """End as the argument says."""
    match argument:
        case "raises":
            raise ValueError("the child raised")
        case "exits with text":
            raise SystemExit("last words")
        case "exits":
            raise SystemExit
        case "leaves":
            os._exit(0)
        case ["exit", int(code)]:
            raise SystemExit(code)
        case ["signal", int(number)]:
            signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
            os.kill(os.getpid(), number)
            time.sleep(60)
    return argument


def prints(channel: int, control: int | None, argument: Any) -> None:
    """Print bytes that came through the channel."""
    _, data = Channel(socket.socket(fileno=channel)).receive()
    for _ in range(argument):
        sys.stdout.buffer.write(data)


def runs_away(channel: int, control: int | None, argument: Any) -> None:
    """Leave processes that fork and end as fast as they can, before anybody has seen them; they leave signs in a file."""
    forbid_new_privileges()
    stay_in_group()
    for _ in range(4):
        if os.fork() == 0:
            while True:
                if os.fork():
                    os._exit(0)
                os.write(os.open(argument, os.O_WRONLY | os.O_APPEND), b".")
    time.sleep(0.2)


def family(channel: int, control: int | None, argument: Any) -> None:
    """Start a process of its own and, where it may, a child at the zygote; tell their ids, and wait."""
    own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    told = [os.getpid(), own.pid]
    if control is not None:
        told.append(Nursery(socket.socket(fileno=control)).start("zygote_toys:sleeps").pid)
    line = Channel(socket.socket(fileno=channel))
    line.send("family", told)
    time.sleep(600)


def sleeps(channel: int, control: int | None, argument: Any) -> None:
    """Hang, whoever hangs up."""
    time.sleep(600)


def alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
