"""``benchbox doctor``: what this machine can do, and why not more."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

import click

from benchbox.cli.output import print_json, say
from benchbox.distribution import DISTRIBUTION, version
from benchbox.isolation.capability import capability
from benchbox.paths import data_dir, zoo_dir

_PACKAGES = (DISTRIBUTION, "torch", "numpy", "scikit-learn", "numba")
_SEALED = {
    "sandbox": "in a sandbox of its own",
    "process": "in a process of its own, which still sees that the machine's other processes are there",
}

_NO_LANDLOCK = "none; it is the second wall around files, and needs Linux 5.13 and 'landlock' in the boot option lsm="


@click.command("doctor", short_help="Say what this machine can do, and why not more.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Say what this machine can do, and why not more.

    How far contestants' code is shut in stands beside every result; where it is not in a sandbox, this says why not and
    what to do about it.
    """
    found = _found()
    if as_json:
        print_json(found)
        return
    lines = list(_lines(found))
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        say(f"{name:<{width}}  {text}".rstrip())


def _found() -> dict[str, Any]:
    able = capability()
    data = data_dir(None)
    return {
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": _cores(),
        "memory": _memory(),
        "gpu": _gpu(),
        "sealed": str(able.sealed),
        "landlock": able.landlock,
        "reasons": list(able.reasons),
        "data": None if data is None else {"path": str(data), "there": data.is_dir()},
        "targets": {"path": str(zoo_dir()), "there": zoo_dir().is_dir()},
    }


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "versions", ", ".join(f"{name} {version or 'missing'}" for name, version in found["versions"].items())
    yield "system", found["system"]
    yield "cores", str(found["cores"])
    yield "memory", f"{found['memory'] / 2**30:.1f} GiB" if found["memory"] else "not known"
    yield "GPU", found["gpu"] or "none"
    yield "sealed", f"{found['sealed']}: a contestant's code runs {_SEALED[found['sealed']]}"
    for reason in found["reasons"]:
        yield "", reason
    yield "Landlock", f"version {found['landlock']}" if found["landlock"] else _NO_LANDLOCK
    yield "data", _folder(found["data"]) if found["data"] else "no folder; set BENCHBOX_DATA, or give --data-dir"
    yield "targets", _folder(found["targets"])


def _folder(found: Mapping[str, Any]) -> str:
    return found["path"] if found["there"] else f"{found['path']} (not there yet)"


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0


def _gpu() -> str:
    try:
        import torch

        if torch.cuda.is_available():
            return torch.cuda.get_device_name()
        return "Apple (mps)" if torch.backends.mps.is_available() else ""
    except Exception as error:  # a broken driver must not end the command that shall find it
        return f"not usable: {type(error).__name__}: {error}"
