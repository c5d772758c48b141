"""Where a number was measured: versions, processor, threads and device."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import torch

from benchbox.distribution import DISTRIBUTION, version

_PACKAGES = (DISTRIBUTION, "torch", "torchvision", "numpy", "adversarial-robustness-toolbox", "scikit-learn", "numba")


def describe(device: torch.device) -> dict[str, Any]:
    """Return the environment as JSON data; equal on equal machines with equal packages."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "threads": torch.get_num_threads(),
        "device": _device(device),
        "packages": {name: version(name) for name in _PACKAGES},
    }


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
