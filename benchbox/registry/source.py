"""Where a plugin's source lies and what it hashes to: seen from outside, without importing it."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from benchbox.distribution import DISTRIBUTION

_HERE = Path(__file__).resolve().parents[2]
_BUILT_IN = (_HERE / "benchbox_plugins", _HERE / "plugins" / "benchbox_plugins")
"""Where our own plugins lie: beside this package in a wheel, in ``plugins/`` in a checkout."""
OUR_TARGETS = tuple(place / "targets" for place in _BUILT_IN)
"""Where their targets lie: hidden from strangers before any package was asked for its folders."""

_CODE = (".py", *EXTENSION_SUFFIXES)

_Seen = tuple[tuple[str, str, int, int], ...]
"""Files as (name within its root, path, time of the last change, size)."""


def roots_of(modules: Iterable[str]) -> tuple[Path, ...]:
    """Return the files or folders of the top-level packages that modules are in; none of them is imported."""
    tops = dict.fromkeys(module.partition(".")[0] for module in modules)
    return tuple(dict.fromkeys(root for top in tops for root in _places(top)))


def is_ours(package: str, roots: Iterable[Path]) -> bool:
    """Whether a distribution is benchbox itself, by its name and by where its plugins lie."""
    places = [root.resolve() for root in roots]
    return package == DISTRIBUTION and bool(places) and all(place in _BUILT_IN for place in places)


def source_of(roots: Iterable[Path], *, beside: bool = False) -> str:
    """Return the sha256 over every Python file and compiled extension of the roots, with their names.

    Args:
        roots: files or folders.
        beside: whether to take in what a plugin file names in an import and what lies beside it.
    """
    return _hash(tuple(_stamp(name, path) for root in roots for name, path in _files(root, beside)))


def files_of(file: Path) -> list[tuple[str, Path]]:
    """Return a plugin file, then what it imports from beside it, by name within its folder: what its hash is over."""
    return list(_files(file, beside=True))


def stamps_of(roots: Iterable[Path]) -> list[tuple[str, str, int, int]]:
    """Return the source files of the roots, with the time of their last change and their size."""
    return [_stamp(name, path) for root in roots for name, path in _files(root, beside=False)]


def _places(top: str) -> Iterator[Path]:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return
    if spec is None:
        return
    if spec.submodule_search_locations is not None:
        yield from (Path(place) for place in spec.submodule_search_locations)
    elif spec.origin is not None and spec.has_location:
        yield Path(spec.origin)


def _files(root: Path, beside: bool) -> Iterator[tuple[str, Path]]:
    """Yield the Python files of a root, by name within it, in a fixed order."""
    if root.is_dir():
        for folder, folders, names in os.walk(root):
            folders.sort()
            inside = Path(folder).relative_to(root).as_posix()
            for name in sorted(names):
                if name.endswith(_CODE):
                    yield name if inside == "." else f"{inside}/{name}", Path(folder, name)
        return
    yield root.name, root
    if beside:
        yield from sorted(_named_by(root, {root.resolve()}))


def _named_by(path: Path, seen: set[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the modules beside a plugin file that it imports by name, and those that they import."""
    for module in _imports(path):
        single, package = path.parent / f"{module}.py", path.parent / module
        if single.is_file() and single.resolve() not in seen:
            seen.add(single.resolve())
            yield single.name, single
            yield from _named_by(single, seen)
        elif package.is_dir() and package.resolve() not in seen:
            seen.add(package.resolve())
            yield from ((f"{module}/{name}", inner) for name, inner in _files(package, beside=False))


def _imports(path: Path) -> set[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _stamp(name: str, path: Path) -> tuple[str, str, int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116 - of hundreds of files, for a listing
    except OSError:
        return name, str(path), 0, -1
    return name, str(path), stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=256)
def _hash(files: _Seen) -> str:
    """Hash names and bytes. Thirty built-ins share one package: it is read once, and again when a file changed."""
    total = hashlib.sha256()
    for name, path, _, _ in files:
        try:
            content = Path(path).read_bytes()
        except OSError:
            content = b""
        total.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        total.update(content)
    return total.hexdigest()
