"""Where a number was measured: commit, versions, processor, vector instructions, threads and device."""

from __future__ import annotations

import platform
import socket
from pathlib import Path
from typing import Any

import torch

from benchbox.devices import choose_device
from benchbox.distribution import DISTRIBUTION, commit, version
from benchbox.errors import OptionError
from benchbox.isolation.channel import Channel

_PACKAGES = (DISTRIBUTION, "torch", "torchvision", "numpy", "adversarial-robustness-toolbox", "scikit-learn", "numba")


def describe(device: torch.device) -> dict[str, Any]:
    """Return the environment as JSON data; equal on equal machines with equal packages."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "vector": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "device": _device(device),
        "commit": commit(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def tell(channel: int, _control: int | None, device: str) -> int:
    """Say through a channel what cells on this device record; the entry point of a process of its own."""
    line = Channel(socket.socket(fileno=channel))
    torch.set_num_threads(1)  # as referees have it
    try:
        line.send("environment", describe(choose_device(device)))
    except OptionError as error:
        line.send("refused", {"sentence": str(error)})
    return 0


def _device(device: torch.device) -> str:
    return f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else device.type


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
