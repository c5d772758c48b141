"""Cheats that take more of the machine than is theirs."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import sys
import time

import numpy as np
from cheating import Cheat, count


class ForkBomb(Cheat):
    """Forks until it may not."""

    name = "x-fork-bomb"

    def cheat(self, game):
        children = []
        try:
            while len(children) < 300:
                child = os.fork()
                if child == 0:
                    time.sleep(600)
                    os._exit(0)
                children.append(child)
        except OSError:
            pass
        return len(children) >= 300


class MemoryBomb(Cheat):
    """Takes all memory, and raises its limits first."""

    name = "x-memory-bomb"

    def cheat(self, game):
        for limit in (resource.RLIMIT_DATA, resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            count(lambda which=limit: resource.setrlimit(which, (-1, -1)))
        return count(lambda: len(np.empty(20 << 30, np.uint8)))


class DiskBomb(Cheat):
    """Fills the disk, in one file."""

    name = "x-disk-bomb"

    def cheat(self, game):
        def fill(path):
            with open(path, "wb") as file:
                os.truncate(file.fileno(), 4 << 30)
            return True

        return count(*(lambda p=p: fill(p) for p in ("/tmp/big", "/dev/shm/big", "/var/tmp/big", "big")))


class Sockets(Cheat):
    """Fills sockets that nobody reads: memory that the kernel counts for nobody."""

    name = "x-sockets"

    def cheat(self, game):
        count(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (-1, -1)))
        held, taken = [], 0
        try:
            while taken < 512 << 20:
                held.append(socket.socketpair())
                for end in held[-1]:
                    end.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            taken += end.send(bytes(1 << 16))
        except OSError:
            pass
        return taken >= 512 << 20


class Printer(Cheat):
    """Prints without end, in colours, and closes what it prints to."""

    name = "x-printer"

    def cheat(self, game):
        for _ in range(200):
            sys.stdout.write("\x1b[31mred\x07 \x00" * 10_000)
        sys.stdout.flush()
        os.closerange(0, 3)


class Sleeper(Cheat):
    """Never comes back."""

    name = "x-sleeper"

    def cheat(self, game):
        time.sleep(600)


class Stopper(Cheat):
    """Stops itself, which is no end."""

    name = "x-stopper"

    def cheat(self, game):
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(600)


class Deaf(Cheat):
    """Asks and asks, and reads no answer, so that the referee waits for it."""

    name = "x-deaf"

    def cheat(self, game):
        import torch

        data = {"phase": "main", "images": torch.rand(0, *game.shape)}
        while True:
            game.link._channel.send("query", data)
