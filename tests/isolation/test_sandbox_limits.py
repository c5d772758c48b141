"""In a sandbox: how much can be taken, and what is known of the outside."""

from __future__ import annotations

import mmap
import os
import resource
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from intruder import attempt, take_memory

MIB = 1 << 20


def fork_bomb(most: int) -> int:
    """Fork until it is refused, and return how often it was not."""
    born = 0
    while born < most:
        try:
            if os.fork() == 0:
                time.sleep(30)
                os._exit(0)
        except BlockingIOError:
            break
        born += 1
    return born


def test_processes_are_bounded(inside: Any) -> None:
    assert 10 <= inside(lambda: fork_bomb(100), processes=30) < 30


def test_children_of_children_count_too(inside: Any) -> None:
    def tried() -> int:
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.write(writing, bytes([fork_bomb(100)]))
            time.sleep(30)
        return os.read(reading, 1)[0] + fork_bomb(100)

    assert inside(tried, processes=30) < 30


def test_threads_work_and_count(inside: Any) -> None:
    def tried() -> int:
        end = threading.Event()
        threads = [threading.Thread(target=end.wait, daemon=True) for _ in range(60)]
        started = 0
        for thread in threads:
            try:
                thread.start()
            except RuntimeError:
                break
            started += 1
        end.set()
        return started

    assert 10 <= inside(tried, processes=30) < 30
    assert inside(tried) == 60


def private() -> None:
    take_memory(200 * MIB)


def shared() -> None:
    # Beyond the room that is left for libraries, which takes addresses and no memory.
    mmap.mmap(-1, 5000 * MIB)


@pytest.mark.parametrize("take", [private, shared])
def test_memory_is_bounded(inside: Any, take: Any) -> None:
    assert inside(lambda: attempt(take), memory=100 * MIB) == "ENOMEM"
    assert inside(lambda: attempt(private), memory=400 * MIB) == "done"


def test_memory_of_all_together_is_bounded(inside: Any) -> None:
    def tried() -> None:
        # So many that what they share with this process, which other tests made large, does not hide what they take.
        for _ in range(15):
            if os.fork() == 0:
                break
        taken = b"x" * (60 * MIB)
        time.sleep(30)
        del taken

    assert inside(tried, memory=100 * MIB, processes=20, status=True) == signal.SIGKILL


def test_memory_that_is_shared_after_forking_counts_once(inside: Any) -> None:
    def tried() -> int:
        taken = b"x" * (60 * MIB)
        born = fork_bomb(8)
        time.sleep(0.7)
        return born * bool(taken)

    assert inside(tried, memory=100 * MIB) == 8


def test_memory_that_no_limit_counts_is_not_to_be_had(inside: Any) -> None:
    assert inside(lambda: attempt(lambda: os.memfd_create("x"))) == "EPERM"


def test_files_are_bounded(inside: Any) -> None:
    def tried() -> list[str]:
        Path("small").write_bytes(b"x" * MIB)
        return [attempt(lambda: Path("large").write_bytes(b"x" * 3 * MIB))]

    assert inside(tried, file_size=2 * MIB) == ["EFBIG"]


def test_all_files_together_are_bounded(inside: Any) -> None:
    def tried() -> list[str]:
        with Path("/dev/shm/large").open("wb") as file:
            return [attempt(lambda: os.posix_fallocate(file.fileno(), 0, 300 * MIB))]

    assert inside(tried) == ["ENOSPC"]


def test_computing_time_is_bounded(inside: Any) -> None:
    def tried() -> None:
        while True:
            pass

    assert inside(tried, seconds=1, status=True) == 9


def test_no_limit_can_be_raised(inside: Any) -> None:
    def tried() -> list[str]:
        limits = (resource.RLIMIT_NPROC, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE)
        infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        return [attempt(lambda limit=limit: resource.setrlimit(limit, infinite)) for limit in limits]

    assert set(inside(tried)) <= {"ValueError", "PermissionError", "EPERM"}


def test_no_token_is_left_in_the_environment(inside: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def tried() -> Any:
        first = Path("/proc/self/environ").read_bytes().strip(b"\0")
        return dict(os.environ), len(first)

    environment, first = inside(tried)
    assert "SOME_TOKEN" not in environment
    assert (environment["HOME"], environment["LC_ALL"], first) == ("/tmp", "C.UTF-8", 0)
