"""A Dask cluster of the tests' own: a scheduler and workers, started by Dask's commands, each in a folder to itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_DASK = (sys.executable, "-m", "dask")
_QUIET = {"DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING": "False"}


class Cluster:
    """Processes of a cluster on this machine.

    Args:
        folder: where each of them gets a folder, and leaves its log.
        host: the scheduler's address.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        self.folder, self.host = folder, host
        self.port = _free_port()
        self.address = f"tcp://{host}:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start_scheduler(self) -> None:
        self._start("scheduler", "scheduler", "--host", self.host, "--port", str(self.port))
        end = time.monotonic() + 60
        while True:
            with suppress(OSError), socket.create_connection((self.host, self.port), 1):
                return
            assert time.monotonic() < end, "the scheduler does not start"
            time.sleep(0.05)

    def start_worker(
        self, name: str, resources: str = "CELL=1", *, host: str = "", within: Sequence[str] = (), **environment: str
    ) -> None:
        """Start a worker; ``within`` is a command that it runs in, such as ``ip netns exec NAME``."""
        own = self.folder / name
        more = {"BENCHBOX_HOME": str(own / "home"), **environment}
        self._start(
            name, "worker", self.address, "--nthreads", "1", "--resources", resources, "--name", name,
            "--host", host or self.host, "--local-directory", str(own / "scratch"), environment=more, within=within,
        )  # fmt: skip

    def log(self, name: str) -> str:
        return (self.folder / name / "log").read_text()

    def kill(self, name: str) -> None:
        """Kill a process and all that it started, at one blow."""
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _start(
        self, name: str, *arguments: str, environment: Mapping[str, str] | None = None, within: Sequence[str] = ()
    ) -> None:
        own = self.folder / name
        own.mkdir(exist_ok=True)
        with (own / "log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*within, *_DASK, *arguments, "--no-dashboard"],
                stdout=log,
                stderr=log,
                cwd=own,
                env={**os.environ, **_QUIET, **(environment or {})},
                start_new_session=True,
            )


@contextmanager
def cluster(folder: Path, workers: int = 3) -> Iterator[Cluster]:
    """Start a cluster; whatever becomes of the test, it is ended."""
    made = Cluster(folder)
    try:
        made.start_scheduler()
        for number in range(workers):
            made.start_worker(f"worker-{number}")
        yield made
    finally:
        for name in list(made.processes):
            made.kill(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
