"""What a sealed process may still see, and how much it may take."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchbox.paths import data_dir, secret_data, zoo_dir

SWITCH = "BENCHBOX_SANDBOX"
"""The environment variable that forgoes a sandbox, where it is ``off``."""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone")
_PACKAGES = tuple(
    f"{below}lib/python3*/{name}-packages" for below in ("", "envs/*/", "pkgs/*/") for name in ("site", "dist")
)
"""Where packages lie below a prefix, conda's among them."""
_WHOLE = ("site-packages", "dist-packages")
_IMPORTABLE = (".py", ".so", ".pth", ".dist-info", ".egg-info", ".egg-link")
_TAUGHT_FROM = (Path("sklearn/datasets/data"), Path("benchbox_plugins/targets"))
"""What lies among installed packages and must not be seen: the digits with their labels, and our targets, of any copy."""


@dataclass(frozen=True)
class Walls:
    """What a sealed process may still see, and how much it may take. All paths are absolute.

    Attributes:
        readable: files and folders, seen read-only at their own paths.
        hidden: files and folders in readable ones whose content must not be seen.
        searched: folders, such as a plugin's, whose files' names may be listed where the system's own root is seen.
        writable: seen read-write at their own paths; normally none. ``enter`` gives a private ``/tmp`` besides.
        memory: bytes that each process may take beyond what it held when it was shut in; in a sandbox, all together too.
        processes: how many processes and threads may live at once, itself among them.
        file_size: bytes that a file may have.
        seconds: seconds of computing for each process, a last resort; None sets no limit.
        gpu: whether NVIDIA's devices stay reachable.
    """

    readable: tuple[Path, ...]
    hidden: tuple[Path, ...] = ()
    searched: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    memory: int = 8 << 30
    processes: int = 256
    file_size: int = 1 << 30
    seconds: int | None = None
    gpu: bool = False


def as_data(walls: Walls) -> dict[str, Any]:
    """Return walls as JSON data. By hand: a listing of plugins needs it, and has no time for a schema."""
    values = vars(walls).items()
    return {name: [*map(str, value)] if isinstance(value, tuple) else value for name, value in values}


def from_data(data: dict[str, Any]) -> Walls:
    """Return the walls that ``as_data`` wrote."""
    fields: dict[str, Any] = {name: tuple(map(Path, v)) if isinstance(v, list) else v for name, v in data.items()}
    return Walls(**fields)


def switched_off() -> bool:
    """Return whether the user forgoes a sandbox."""
    return os.environ.get(SWITCH, "").lower() in ("off", "0", "no")


def importable(folder: Path) -> Iterator[Path]:
    """Yield what can be imported from a folder: an editable checkout, or the user's own, holds stores and data beside it."""
    with suppress(PermissionError):
        yield from filter(_is_importable, sorted(folder.iterdir()))


def beside(file: Path) -> Iterator[Path]:
    """Yield a plugin file and what can be imported from its folder; links lead where their author likes, so not out of it."""
    yield file
    folder = file.parent
    yield from (path for path in importable(folder) if path.resolve().is_relative_to(folder.resolve()))


def walls(extra: Iterable[Path] = (), hidden: Iterable[Path] = (), gpu: bool = False) -> Walls:
    """Return the usual walls: Python, the system's libraries and what can be imported are seen, and nothing else.

    Scikit-learn's digits, our targets and the user's data folder are hidden wherever they lie. What is hidden besides need not
    be there yet, as a store is not before its first run.

    Args:
        extra: what else is seen, such as a plugin's file.
        hidden: what else is hidden, such as the pinned targets.
        gpu: whether NVIDIA's devices stay reachable, where there are any: with them goes a limit on addresses.
    """
    seen = (*_system(), *_prefixes(), *_importable(), *(path.absolute() for path in extra))
    unseen = (*_secrets(), zoo_dir(), *secret_data(data_dir(None)), *hidden)
    return Walls(
        readable=tuple(dict.fromkeys(seen)),
        hidden=tuple(dict.fromkeys(path.absolute() for path in unseen)),
        gpu=gpu and any(Path("/dev").glob("nvidia*")),
    )


def _system() -> list[Path]:
    paths = [*map(Path, _SYSTEM), *(Path("/etc") / name for name in _SETTINGS)]
    return [path for path in paths if path.exists()]


def _prefixes() -> set[Path]:
    return {Path(prefix).absolute() for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)}


def _importable() -> Iterator[Path]:
    inside = tuple(_prefixes())
    for entry in (Path(entry).absolute() for entry in sys.path if entry):
        if any(entry.is_relative_to(prefix) for prefix in inside) or not entry.exists():
            continue
        if entry.is_file() or entry.name in _WHOLE:
            yield entry
        else:
            yield from importable(entry)
    yield from _edited()


def _edited() -> Iterator[Path]:
    """Yield the packages that lie elsewhere, where setuptools installed them to be edited: a finder maps their names."""
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable___") and name.endswith("_finder"):
            places = (Path(place) for place in getattr(module, "MAPPING", {}).values())
            yield from (place for place in places if place.exists())


def _is_importable(path: Path) -> bool:
    """Return whether it can be imported, and read by the user that a player becomes: what cannot is left out."""
    try:
        if not (path.suffix in _IMPORTABLE or (path / "__init__.py").is_file()) or not os.access(path, os.R_OK):
            return False
        return os.getuid() != 0 or bool(path.stat().st_mode & 0o004)
    except OSError:
        return False  # in somebody else's folder, or a link to nowhere


def _secrets() -> Iterator[Path]:
    folders = {Path(entry).absolute() for entry in sys.path if entry}
    for prefix in (*_prefixes(), Path("/usr"), Path("/usr/local")):
        for pattern in _PACKAGES:
            folders.update(prefix.glob(pattern))
    return (path for folder in sorted(folders) for secret in _TAUGHT_FROM if (path := folder / secret).exists())
