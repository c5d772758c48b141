"""Where things lie on this machine."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from benchbox.errors import DataError, nearest

DEFAULT_DB = "results.db"
"""The store of commands that are not told of another: a file in the folder that they run in."""
SWEEP_DB = "sweep.db"
"""That of sweeps: pages of sweeps do not stand among published ones."""

_VARIABLES = ("BENCHBOX_DATA", "BENCHBOX_HOME")


def expanded(path: Path | str) -> Path:
    """Return a path with ``~`` as the home folder: shells leave it in ``--db=~/x.db``, in variables and in files."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # '~nobody', where there is no such user: a folder may be called so
        return Path(path)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, whoever dies meanwhile; a link stays one.

    Raises:
        OSError: it cannot be written; it names the file, which a full disk does not.
    """
    whole = Path(os.path.realpath(path))
    part = whole.with_name(f".{whole.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(whole)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's content, hex.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def zoo_dir() -> Path:
    """Return the folder of targets trained on this machine: ``BENCHBOX_HOME/targets``, or the user's data folder."""
    home = os.environ.get("BENCHBOX_HOME")
    return (expanded(home) if home else platformdirs.user_data_path("benchbox")) / "targets"


def data_targets(data: Path) -> Path:
    """Return the folder of targets' weights in a data folder: what is too large for a package, and is only read."""
    return data / "targets"


def secret_data(data: Path | None) -> tuple[Path, ...]:
    """Return what no player may see of a data folder: it, and the targets in it, which a link may keep elsewhere."""
    return () if data is None else (data, data_targets(data))


def cache_dir() -> Path:
    """Return the folder of what can be made anew: ``BENCHBOX_HOME/cache``, or the user's cache."""
    home = os.environ.get("BENCHBOX_HOME")
    return expanded(home) / "cache" if home else platformdirs.user_cache_path("benchbox")


def choices_dir() -> Path:
    """Return the folder of deterministic choices that cells share."""
    return cache_dir() / "choices"


def data_dir(given: Path | str | None) -> Path | None:
    """Return the user's data folder: the one given, else ``BENCHBOX_DATA``, else None."""
    found = given or os.environ.get("BENCHBOX_DATA")
    return expanded(found) if found else None


def checked_data_dir(given: Path | str | None, *, download: bool = False) -> Path | None:
    """Return the user's data folder, absolute, or None where none is set.

    Args:
        given: the folder that the user gave.
        download: whether data sets may be downloaded into it.

    Raises:
        DataError: it is no folder; the sentence says what to do.
    """
    folder = data_dir(given)
    if folder is None or folder.is_dir():
        return None if folder is None else folder.resolve()
    said = f"the data folder '{folder}'" + ("" if given else ", which BENCHBOX_DATA names,")
    if folder.exists():
        raise DataError(f"{said} is a file; give the folder that it lies in, '{folder.absolute().parent}'")
    if download:
        raise DataError(f"{said} does not exist; make it with 'mkdir -p {folder}', and --download fills it")
    raise DataError(f"{said} does not exist{_near(folder)}")


def _near(folder: Path) -> str:
    beside = [path.name for path in folder.parent.iterdir() if path.is_dir()] if folder.parent.is_dir() else []
    if not folder.name.startswith("."):
        beside = [name for name in beside if not name.startswith(".")]
    said = nearest(folder.name, beside)
    return f"; {said}" if said.startswith("did you mean") else ""


def foreign_letters() -> str:
    """Return what this program was told in letters that its locale cannot read, with what to do; empty where all is read.

    Python reads such bytes as lone surrogates, which no other process, database or file format takes.
    """
    told = {name: os.environ.get(name, "") for name in _VARIABLES}
    for what, text in {**told, "the current folder": _here()}.items():
        if not readable(text):
            return f"{what} {unreadable(text)}"
    return ""


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed, which is for others to say
        return ""


def readable(text: str) -> bool:
    """Return whether a text from the command line or the environment was decoded whole."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def unreadable(text: str) -> str:
    """Return the end of a sentence about a text that is not ``readable``."""
    shown = os.fsencode(text).decode("utf-8", "backslashreplace")
    return f"'{shown}' has letters that this locale cannot read; set PYTHONUTF8=1, or a locale with UTF-8 as LC_ALL=C.UTF-8"
