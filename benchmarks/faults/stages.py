"""What runs and stores are tried on, and what goes wrong there."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
from dask_cluster import Cluster
from postgres_server import PASSWORD, new_schema, server
from processes import children, command, players, referees, strike, zygotes

Fault = Callable[[], bool]
"""Strikes once; returns whether there was something to strike."""
_WORKERS = ("one", "two", "three")


class Stage:
    """Runs on this machine, into a file.

    Attributes:
        coordinators: how many work on one store.
        faults: what can go wrong, by name.
        db: where a trial's results go; a path, or a URL.
        within: a command that coordinators run in.
    """

    coordinators = 1
    within: tuple[str, ...] = ()

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance = folder, chance
        self.runs: list[subprocess.Popen[bytes]] = []
        self.stack = ExitStack()
        self.db = ""

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def fresh(self, number: int) -> None:
        """Begin a trial on an empty store."""
        self.db = str(self.folder / f"{number}.db")

    def options(self) -> list[str]:
        return ["--jobs", "2"]

    @property
    def faults(self) -> dict[str, Fault]:
        return {
            "player": lambda: self._one([pid for run in self.roots() for pid in players(run)]),
            "referee": lambda: self._one([pid for run in self.roots() for pid in referees(run)]),
            "zygote": lambda: self._one([pid for run in self.roots() for pid in zygotes(run)]),
            "coordinator": lambda: self._one(self.living()),
        }

    def roots(self) -> list[int]:
        """Return the processes below which cells are played."""
        return self.living()

    def living(self) -> list[int]:
        return [run.pid for run in self.runs if run.poll() is None]

    def mend(self) -> None:
        """Put right what has fallen over, as whoever looks after the machines would."""

    def _one(self, found: list[int]) -> bool:
        return bool(found) and strike(self.chance.choice(found))


class Shared(Stage):
    """Two coordinators on one file."""

    coordinators = 2


class Crowd(Stage):
    """Four coordinators on one file."""

    coordinators = 4

    def options(self) -> list[str]:
        return ["--jobs", "1"]


class OnCluster(Stage):
    """Runs on a scheduler and three workers over TCP."""

    def __enter__(self) -> Stage:
        self.cluster = Cluster(self.folder)
        self.stack.callback(self._end)
        self.mend()
        return self

    def options(self) -> list[str]:
        return ["--cluster", self.cluster.address]

    @property
    def faults(self) -> dict[str, Fault]:
        return {**super().faults, "worker": self._worker, "nanny": self._nanny, "scheduler": self._scheduler}

    def roots(self) -> list[int]:
        return [process.pid for name, process in self.cluster.processes.items() if name in _WORKERS]

    def mend(self) -> None:
        running = {name for name, process in self.cluster.processes.items() if process.poll() is None}
        if "scheduler" not in running:
            self.cluster.start_scheduler()
        for name in _WORKERS:
            if name not in running:
                self.cluster.start_worker(name)

    def _worker(self) -> bool:
        return self._one([pid for nanny in self.roots() for pid in children(nanny) if "spawn_main" in command(pid)])

    def _nanny(self) -> bool:
        self.cluster.kill(self.chance.choice([name for name in self.cluster.processes if name in _WORKERS]))
        return True

    def _scheduler(self) -> bool:
        self.cluster.kill("scheduler")
        return True

    def _end(self) -> None:
        for name in list(self.cluster.processes):
            self.cluster.kill(name)


class SharedCluster(OnCluster):
    """Two coordinators on one cluster and one file."""

    coordinators = 2


class OnServer(Stage):
    """Runs on this machine, into PostgreSQL, two coordinators at once."""

    coordinators = 2

    def __enter__(self) -> Stage:
        self.url = self.stack.enter_context(server())
        os.environ["PGPASSWORD"] = PASSWORD
        return self

    def fresh(self, number: int) -> None:
        self.db = new_schema(self.url)

    @property
    def faults(self) -> dict[str, Fault]:
        return {"backend": self._backend, "coordinator": super().faults["coordinator"]}

    def _backend(self) -> bool:
        """Kill a backend that serves a run; PostgreSQL then ends all others, and recovers."""
        with suppress(psycopg.OperationalError):
            with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
                found = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                ).fetchall()
            return self._one([pid for (pid,) in found])
        return False


class SmallDisk(Stage):
    """Runs on this machine, into a file on a disk that fills up now and then; needs the right to mount one."""

    def __enter__(self) -> Stage:
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        _do("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", self.disk)
        self.stack.callback(_do, "umount", self.disk)
        return self

    def fresh(self, number: int) -> None:
        for old in self.disk.iterdir():
            old.unlink()
        self.db = str(self.disk / f"{number}.db")

    @property
    def faults(self) -> dict[str, Fault]:
        return {"full disk": self._fill}

    def _fill(self) -> bool:
        filler = self.disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        time.sleep(self.chance.uniform(1, 4))
        filler.unlink()
        return True


class CutOff(OnCluster):
    """A cluster of which a worker, or the coordinator too, is behind a line that is cut for a minute; needs namespaces."""

    SECONDS = 60
    _NAME = f"benchbox-{os.getpid()}"
    _LINE = f"bb{os.getpid() % 100000}"

    def __enter__(self) -> Stage:
        _do("ip", "netns", "add", self._NAME)
        self.stack.callback(_do, "ip", "netns", "del", self._NAME)
        _do("ip", "link", "add", self._LINE, "type", "veth", "peer", "name", "inside", "netns", self._NAME)
        _do("ip", "addr", "add", "10.213.77.1/24", "dev", self._LINE)
        _do("ip", "link", "set", self._LINE, "up")
        self._inside("ip", "addr", "add", "10.213.77.2/24", "dev", "inside")
        self._inside("ip", "link", "set", "inside", "up")
        self._inside("ip", "link", "set", "lo", "up")
        self.cluster = Cluster(self.folder, "10.213.77.1")
        self.stack.callback(self._end)
        self.mend()
        return self

    def fresh(self, number: int) -> None:
        super().fresh(number)
        self.within = ("ip", "netns", "exec", self._NAME) if number % 2 else ()

    @property
    def faults(self) -> dict[str, Fault]:
        return {"network": self._cut}

    def mend(self) -> None:
        running = {name for name, process in self.cluster.processes.items() if process.poll() is None}
        if "scheduler" not in running:
            self.cluster.start_scheduler()
        if "one" not in running:
            self.cluster.start_worker("one")
        if "two" not in running:
            self.cluster.start_worker("two", host="10.213.77.2", within=("ip", "netns", "exec", self._NAME))

    def _cut(self) -> bool:
        _do("ip", "link", "set", self._LINE, "down")
        time.sleep(self.SECONDS)
        _do("ip", "link", "set", self._LINE, "up")
        return True

    def _inside(self, *words: str) -> None:
        _do("ip", "netns", "exec", self._NAME, *words)


def _do(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True)


STAGES: dict[str, type[Stage]] = {
    "network": CutOff,  # first: it has two faults, since each takes a minute, and the others share what is left
    "local": Stage,
    "two": Shared,
    "four": Crowd,
    "cluster": OnCluster,
    "two-on-cluster": SharedCluster,
    "postgresql": OnServer,
    "disk": SmallDisk,
}
