"""Cheats that read what is not theirs."""

from __future__ import annotations

import ctypes
import gc
import glob
import hashlib
import os
import re
import socket
import stat
import sys

import place
from cheating import Cheat, count, others, read, sock

LIBC = ctypes.CDLL(None, use_errno=True)


class TargetByPath(Cheat):
    """Loads the target's weights from the folder that benchbox brings."""

    name = "x-target-by-path"

    def cheat(self, game):
        import benchbox_plugins
        from safetensors.torch import load_file

        folder = os.path.join(os.path.dirname(benchbox_plugins.__file__), "targets")
        names = [*glob.glob(f"{folder}/*.safetensors"), f"{folder}/digits-lenet5-e7cc75af3b07.safetensors"]
        return count(*(lambda name=name: load_file(name) for name in names), read(f"{folder}/manifest.json"))


class TargetAnywhere(Cheat):
    """Looks for weights in every folder that it can see."""

    name = "x-target-anywhere"

    def cheat(self, game):
        roots = [*sys.path, place.HOME, os.path.expanduser("~/.local/share/benchbox")]
        found = (
            path for root in roots if root for path in glob.glob(f"{root}/**/targets/*.safetensors", recursive=True)
        )
        return count(*map(read, found))


class Memory(Cheat):
    """Opens other processes' memory, maps, environment and files."""

    name = "x-memory"

    def cheat(self, game):
        names = ("mem", "maps", "environ", "fd", "cwd/", "root/", "task")
        return sum(count(*(read(f"/proc/{other}/{name}") for name in names)) for other in others())


class Ptrace(Cheat):
    """Attaches to other processes, reads their memory, and takes their files."""

    name = "x-ptrace"

    def cheat(self, game):
        buffer = ctypes.create_string_buffer(64)
        vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
        gained = 0
        for other in others():
            gained += LIBC.ptrace(16, other, None, None) == 0
            gained += LIBC.process_vm_readv(other, vector, 1, vector, 1, 0) > 0
            handle = LIBC.syscall(434, other, 0)
            gained += handle >= 0 and LIBC.syscall(438, handle, 3, 0) >= 0
        return gained


class Files(Cheat):
    """Looks for open files that it was not meant to have: a channel of another, a store, the zygote's control socket."""

    name = "x-files"

    def cheat(self, game):
        gained = 0
        for number in range(3, 1024):
            try:
                kind = os.fstat(number).st_mode
            except OSError:
                continue
            gained += number != sock(game).fileno() and not stat.S_ISCHR(kind)
        return gained


class Zygote(Cheat):
    """Looks in its own memory for what the process that it was forked from had: targets, tables, sockets that work."""

    name = "x-zygote"

    def cheat(self, game):
        wanted = {"MeteredOracle", "Answerer", "Scorer", "Table", "Nursery", "Apart", "Setting", "TargetInsider"}
        found = [thing for thing in gc.get_objects() if type(thing).__name__ in wanted]
        sockets = [thing for thing in gc.get_objects() if isinstance(thing, socket.socket) and thing is not sock(game)]
        return len(found) + count(*(lambda s=s: s.send(b'{"entry": "os:abort"}\n') for s in sockets))


class Token(Cheat):
    """Looks for a password of its user's in the environment, and in every page of its own memory."""

    name = "x-token"

    def cheat(self, game):
        import posix

        gained = count(lambda: b"BENCHBOX_TEST_SECRET" in posix.environ, lambda: "BENCHBOX_TEST_SECRET" in os.environ)
        gained += count(lambda: b"BENCHBOX_TEST_SECRET" in open("/proc/self/environ", "rb").read())
        if not count(read("/proc/self/maps")):
            return gained
        with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
            regions = [[int(side, 16) for side in line.split()[0].split("-")] for line in maps if " rw" in line]
            for start, end in regions:
                try:
                    memory.seek(start)
                    page = memory.read(min(end - start, 1 << 28))
                except (OSError, ValueError):
                    continue
                gained += sum(map(self.is_token, re.findall(place.START + rb"(\w{8})", page)))
        return gained

    def is_token(self, rest):
        return hashlib.sha256(rest).hexdigest() == place.REST


class Digits(Cheat):
    """Reads the images and labels that scikit-learn ships."""

    name = "x-digits"

    def cheat(self, game):
        from sklearn.datasets import load_digits

        return count(load_digits, *(read(path) for path in place.DIGITS))


class Lookup(Cheat):
    """Offers a network that looks test images up in a table."""

    name = "x-lookup"

    def cheat(self, game):
        import torch

        self.substitute = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))


class Store(Cheat):
    """Reads the store, the states to resume from, the user's data and home, and other cells' logs."""

    name = "x-store"

    def cheat(self, game):
        files = [place.DB, f"{place.DB}-wal", f"{place.DB}.work", place.HOME, place.DATA, f"{place.DATA}/secret.npz"]
        files += ["/root/.bash_history", "/root/.ssh", "/home", "/etc/passwd", "/etc/shadow", "/var/log", "/run"]
        return count(*map(read, files))


class Network(Cheat):
    """Calls home, by name and by number, and talks to whoever listens on this machine."""

    name = "x-network"

    def cheat(self, game):
        def call(family, kind, address):
            with socket.socket(family, kind) as line:
                line.settimeout(1)
                line.connect(address)
                return True

        return count(
            lambda: call(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", place.PORT)),
            lambda: call(socket.AF_INET, socket.SOCK_DGRAM, ("8.8.8.8", 53)),
            lambda: call(socket.AF_UNIX, socket.SOCK_STREAM, f"\0{place.ABSTRACT}"),
            lambda: call(socket.AF_UNIX, socket.SOCK_STREAM, f"{place.DATA}/socket"),
            lambda: socket.getaddrinfo("pypi.org", 443),
        )
