"""What Landlock allows a sealed process: the same as the walls say, without mounts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchbox.isolation.landlock import CHANGE, DEVICE, SEE, Access, Rule
from benchbox.isolation.root import PRIVATE, devices, hidden, shown
from benchbox.isolation.walls import Walls

_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")


def in_sandbox(walls: Walls) -> list[Rule]:
    """Return the rules within a root of one's own; to be made before it is entered."""
    own = [Rule(Path("/"), Access.LIST), Rule(Path("/proc"), SEE), *(Rule(path, CHANGE) for path in PRIVATE)]
    return [*own, *([Rule(Path("/sys"), SEE)] if walls.gpu else []), *_common(walls)]


def in_process(walls: Walls) -> list[Rule]:
    """Return the rules where the system's own root is seen. The names of files in search folders can be listed there."""
    searched = {Path(entry).absolute() for entry in sys.path if entry}
    parents = {path.parent for path in walls.readable} & searched | set(walls.searched)
    facts = map(Path, ("/proc", "/sys") if walls.gpu else _FACTS)
    return [
        *(Rule(path, Access.LIST) for path in sorted(parents)),
        *(Rule(path, SEE) for path in facts if path.exists()),
        *_common(walls),
    ]


def _common(walls: Walls) -> Iterator[Rule]:
    unseen = hidden(walls)
    for path in shown(walls.readable).paths:
        yield from _seen(path, unseen)
    for path in shown(walls.writable).paths:
        yield Rule(path, CHANGE)
    for device in devices(walls.gpu):
        yield Rule(device, DEVICE)


def _seen(path: Path, unseen: Iterable[Path]) -> Iterator[Rule]:
    """Allow a folder, or, as a rule reaches all beneath it, one by one what lies beside the hidden parts."""
    inner = [other for other in unseen if path == other or path in other.parents]
    if not inner:
        yield Rule(path, SEE)
    elif path not in inner:
        yield Rule(path, Access.LIST)
        with os.scandir(path) as found:
            # a rule about a link would be about what it leads to
            children = sorted(child.path for child in found if not child.is_symlink())
        for child in children:
            yield from _seen(Path(child), inner)
