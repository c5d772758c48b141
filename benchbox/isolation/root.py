"""A root folder that holds what the walls let through, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchbox.isolation import mounts
from benchbox.isolation.walls import Walls

_STAGE = Path("/tmp")
_OLD, _NEW = Path("/old"), Path("/new")
_ROOT_SIZE, _TMP_SIZE, _SHARED_SIZE = 4 << 20, 512 << 20, 256 << 20
_DEVICES = ("null", "zero", "full", "random", "urandom")
_MOST_LINKS = 40  # as many as the kernel follows
PRIVATE = (Path("/tmp"), Path("/dev/shm"))
"""Folders that are empty, writable and one's own inside."""


@dataclass(frozen=True)
class Shown:
    """Paths without symbolic links, and the links that lead to them.

    Attributes:
        paths: sorted, none within another.
        links: link by link, what it says.
    """

    paths: tuple[Path, ...]
    links: dict[Path, str]


def devices(gpu: bool, root: Path = Path("/")) -> Iterator[Path]:
    """Yield the devices that stay reachable, as they are called below this root's ``/dev``."""
    patterns = (*_DEVICES, *(("nvidia*",) if gpu else ()))
    return (Path("/dev") / found.name for pattern in patterns for found in sorted((root / "dev").glob(pattern)))


def shown(paths: Iterable[Path], *, passing: bool = False) -> Shown:
    """Follow all links on the way to these paths.

    Args:
        paths: absolute ones.
        passing: whether they may go meanwhile, as a store's journal does; then they are left out.

    Raises:
        FileNotFoundError: a path is not there.
    """
    links: dict[Path, str] = {}
    real = set[Path]()
    for path in paths:
        with suppress(*([FileNotFoundError] if passing else [])):
            real.add(_followed(path, links))
    outer = tuple(path for path in sorted(real) if real.isdisjoint(path.parents))
    return Shown(outer, {link: said for link, said in links.items() if not _within(link, outer)})


def hidden(walls: Walls) -> tuple[Path, ...]:
    """Return what must be hidden: what is there, lies within something that is seen, and so would be seen."""
    seen = shown((*walls.readable, *walls.writable)).paths
    return tuple(path for path in shown(filter(_is_there, walls.hidden), passing=True).paths if _within(path, seen))


def build(walls: Walls) -> None:
    """Make the new root and move into it. The process must have a mount namespace of its own.

    Raises:
        OSError: the kernel refused, or something readable is not there.
    """
    readable, writable, unseen = shown(walls.readable), shown(walls.writable), hidden(walls)
    umask = os.umask(0o022)
    mounts.keep_to_ourselves()
    _stage()
    _furnish(walls.gpu)
    _link(readable.links | writable.links)
    for path in readable.paths:
        mounts.bind(_at(_OLD, path), _at(_NEW, path))
    for path in writable.paths:
        mounts.bind(_at(_OLD, path), _at(_NEW, path), writable=True)
    _hide(unseen)
    mounts.freeze(_NEW)
    mounts.switch_root(_NEW, ".")
    os.umask(umask)
    os.chdir("/tmp")


def _stage() -> None:
    """Move the root aside: whatever folder the new one was built in would cover what lies there."""
    mounts.memory(_STAGE, _ROOT_SIZE)
    _at(_STAGE, _OLD).mkdir()
    mounts.switch_root(_STAGE, _OLD.name)
    mounts.memory(_NEW, _ROOT_SIZE)


def _furnish(gpu: bool) -> None:
    for folder, size in zip(PRIVATE, (_TMP_SIZE, _SHARED_SIZE), strict=True):
        mounts.memory(_at(_NEW, folder), size, mode="1777")
    for device in devices(gpu, _OLD):
        mounts.bind(_at(_OLD, device), _at(_NEW, device), device=True)
    if gpu and _at(_OLD, Path("/sys")).is_dir():
        mounts.bind(_at(_OLD, Path("/sys")), _at(_NEW, Path("/sys")))
    _link({Path("/dev/fd"): "/proc/self/fd"})
    try:
        mounts.processes(_at(_NEW, Path("/proc")))
    except PermissionError:
        return  # containers that mask parts of /proc forbid a new one; Python and torch do without


def _link(links: dict[Path, str]) -> None:
    for link, said in links.items():
        inside = _at(_NEW, link)
        inside.parent.mkdir(parents=True, exist_ok=True)
        if not inside.is_symlink():
            inside.symlink_to(said)


def _hide(paths: Iterable[Path]) -> None:
    empty = _at(_NEW, Path("/dev/empty"))
    empty.touch(mode=0o444)
    for path in paths:
        mounts.cover(_at(_NEW, path), empty)


def _at(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _within(path: Path, folders: Iterable[Path]) -> bool:
    return any(folder == path or folder in path.parents for folder in folders)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False  # in a folder that we may not enter, so the player may not either


def _followed(path: Path, links: dict[Path, str]) -> Path:
    done, rest, followed = Path("/"), list(path.parts[1:]), 0
    while rest:
        step = rest.pop(0)
        here = done.parent if step == ".." else done / step
        if not here.is_symlink():
            here.lstat()
            done = here
            continue
        followed += 1
        if followed > _MOST_LINKS:
            raise OSError(f"{path} is a circle of links")
        target = here.readlink()
        links[here] = str(target)
        rest[:0] = [part for part in target.parts if part != "/"]
        done = Path("/") if target.is_absolute() else done
    return done
