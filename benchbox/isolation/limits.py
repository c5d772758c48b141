"""Limits on what a process may take, and the environment variables that it keeps."""

from __future__ import annotations

import ctypes
import os
import resource
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from benchbox.isolation.kernel import LINUX
from benchbox.isolation.walls import Walls

_KEPT = {"PATH", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHASHSEED"}
_KEPT |= {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONFAULTHANDLER", "PYTHONUTF8"}
_KEPT_FAMILIES = ("LC_", "OMP_", "KMP_", "GOMP_", "MKL_", "OPENBLAS_", "NUMBA_", "CUDA_", "CUBLAS_", "NVIDIA_")
_KEPT_FAMILIES += (
    "ATEN_",
    "DNNL_",
    "ONEDNN_",
)  # which instructions are used: where players used others, numbers would differ
_DROPPED = {"NUMBA_CACHE_DIR", "CUDA_CACHE_PATH"}  # folders that are not there, and numba fails where it cannot write
_NEEDED = {"HOME", "TMPDIR", "USER", "LOGNAME", "PYTHONHOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "NUMBA_CACHE_DIR"}
_FILES = 512  # open at once: what lies unread in sockets and pipes is memory that the kernel counts for nobody
_LIBRARIES = 4 << 30  # address space for libraries that are loaded later; it takes no memory


def clean_environment(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """Return what a player may know: a language, threads, devices, instructions; no token, no password, no path of yours."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _DROPPED and (name in _KEPT or name.startswith(_KEPT_FAMILIES))
    }
    return {**kept, "HOME": home, "TMPDIR": home, "USER": "player", "LOGNAME": "player"}


def bare_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a process needs from which players are forked: what is not there leaves no trace in memory."""
    needed = {name: value for name, value in environment.items() if name in _NEEDED}
    return {**clean_environment(environment, environment.get("HOME", "/")), "TMPDIR": tempfile.gettempdir(), **needed}


def clean(home: str) -> None:
    """Forget all other environment variables, also where the kernel shows those that the process began with."""
    kept = clean_environment(os.environ, home)
    os.environ.clear()
    os.environ.update(kept)
    tempfile.tempdir = None
    if LINUX:
        _wipe_first_environment()


def limit_resources(walls: Walls, processes: int) -> None:
    """Set this process's limits; none can be raised again.

    Args:
        walls: how much may be taken.
        processes: how many processes and threads this user may have, by the kernel's count.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, walls.file_size)
    _lower(resource.RLIMIT_NPROC, processes)
    _lower(resource.RLIMIT_NOFILE, _FILES)
    if walls.seconds is not None:
        _lower(resource.RLIMIT_CPU, walls.seconds)
    if LINUX:
        held = _held()
        _lower(resource.RLIMIT_DATA, held["VmData"] + walls.memory)
        if not walls.gpu:  # CUDA reserves far more addresses than there is memory
            # Shared memory is no data to the kernel; addresses are the only count that it has of it.
            _lower(resource.RLIMIT_AS, held["VmSize"] + walls.memory + _LIBRARIES)
        # Should the machine's memory run out, the kernel ends this process and its children before any other.
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def tasks_of_this_user() -> int:
    """Return how many processes and threads this user has now, as far as can be seen."""
    mine, total = os.getuid(), 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == mine:
                total += (folder / "task").stat().st_nlink - 2
        except OSError:
            continue  # it ended meanwhile
    return total


def _lower(which: int, wanted: int) -> None:
    hard = resource.getrlimit(which)[1]
    value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(which, (value, value))


def _held() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    sizes = (line.split() for line in lines if line.startswith(("VmData", "VmSize")))
    return {name.rstrip(":"): int(kib) << 10 for name, kib, _ in sizes}


def _wipe_first_environment() -> None:
    # Setting the variables anew has copied those that are kept; these bytes are read by nobody but /proc/self/environ.
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
