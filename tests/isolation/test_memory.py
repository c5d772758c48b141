"""What a process's C library does with freed memory."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
{first}
def made():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    np.ones(100 << 17)  # 100 MiB: 25,600 pages of 4 KiB
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
made()
print(made())
"""

glibc_only = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt")


@glibc_only
def test_a_large_array_made_again_takes_the_memory_of_the_one_before() -> None:
    kept = _faults("from benchbox.isolation.memory import keep_freed_memory; keep_freed_memory()")
    assert kept < _faults("") / 2


def _faults(first: str) -> int:
    return _printed(FAULTS.format(first=first))


def _printed(code: str) -> int:
    return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
