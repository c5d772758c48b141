"""What is known of the image files of a folder: hash, size, colour; kept, so that a second run reads no file to know it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import warnings
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchbox.contracts import DataError

MOST_PIXELS = 89_478_485
"""Of one image, Pillow's own limit: 256 MiB of colour. A file of a few kilobytes may announce more, and is no photograph."""

_FORM = 1
_GREY, _COLOUR = ("1", "L", "LA"), ("RGB", "RGBA", "P", "CMYK", "YCbCr", "HSV", "LAB", "PA")
_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_TAIL = 4096  # cameras append a little behind a JPEG's end


class Known(NamedTuple):
    """One file.

    Attributes:
        sha256: of its bytes.
        width, height: in pixels.
        grey: whether it has no colour.
    """

    sha256: str
    width: int
    height: int
    grey: bool


def known_files(folder: Path, names: Iterable[str], dataset: str) -> list[Known]:
    """Return what is known of files, in their order. A file is read where its size or its time changed since the last look.

    Args:
        folder: that they lie in.
        names: their paths within it.
        dataset: for the sentences.

    Raises:
        DataError: one cannot be read, is no image, is truncated, or announces more pixels than any photograph has.
    """
    kept = _kept_in(folder)
    before, now = _read(kept), dict[str, list[Any]]()
    found, changed = [], False
    for name in names:
        path = folder / name
        try:
            state = path.stat()
            stamp = [state.st_size, state.st_mtime_ns]
            row = before.get(name)
            if row is None or row[:2] != stamp:
                row, changed = [*stamp, *_looked_at(path, dataset)], True
        except OSError as error:
            raise DataError(f"data set '{dataset}': {path} cannot be read: {error.strerror}") from None
        now[name] = row
        found.append(Known(*row[2:]))
    if changed:
        _write(kept, {**before, **now})
    return found


def _looked_at(path: Path, dataset: str) -> Known:
    from PIL import Image

    content, said = path.read_bytes(), f"data set '{dataset}': {path}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # refused below, in our words
            with Image.open(io.BytesIO(content)) as image:
                (width, height), mode, form = image.size, image.mode, image.format or ""
    except Image.DecompressionBombError:
        raise DataError(_bomb(said)) from None
    except Exception as error:  # Pillow's readers fail in many ways
        raise DataError(f"{said} cannot be read as an image ({_why(error)})") from None
    if width * height > MOST_PIXELS:
        raise DataError(_bomb(said))
    if mode not in (*_GREY, *_COLOUR):
        raise DataError(f"{said} has values of mode {mode}; expected 8 bits a value, grey or colour")
    if form in _ENDS and _ENDS[form] not in content[-_TAIL:]:
        raise DataError(f"{said} is truncated: its {form} data have no end; copy it again, or remove it")
    return Known(hashlib.sha256(content).hexdigest(), width, height, mode in _GREY)


def _bomb(said: str) -> str:
    return f"{said} announces over {MOST_PIXELS:,} pixels: a decompression bomb, or no image to classify; remove it"


def _why(error: Exception) -> str:
    return "of no form that Pillow knows" if "cannot identify" in str(error) else str(error)


def _kept_in(folder: Path) -> Path:
    """Return the file that is kept of a folder, among what can be made anew."""
    import platformdirs

    home = os.environ.get("BENCHBOX_HOME")
    cache = Path(home).expanduser() / "cache" if home else platformdirs.user_cache_path("benchbox")
    return cache / "folders" / f"{hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]}.json"


def _read(kept: Path) -> dict[str, list[Any]]:
    try:
        found = json.loads(kept.read_text(encoding="utf-8"))
        files = found["files"] if found["form"] == _FORM else {}
        return files if all(len(row) == len(Known._fields) + 2 for row in files.values()) else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # there is none, or it is damaged: the files say it all again


def _write(kept: Path, files: dict[str, list[Any]]) -> None:
    part = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # a cache that cannot be written costs the next run time, and no more
        kept.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps({"form": _FORM, "files": files}), encoding="utf-8")
        part.replace(kept)
