"""Finding and reading suite files."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from benchbox.errors import SuiteError, UnknownNameError, nearest, shown
from benchbox.registry import Catalogue
from benchbox.suites.suite import Suite

_LARGEST = 1 << 20
"""Bytes of a suite file."""
_OURS = ("path", "name", "at_most")
"""Fields of a suite that no file writes."""
_TYPES = {
    "a list": ("tuple_type", "list_type"),
    "a table": ("dict_type", "model_type", "model_attributes_type"),
    "text in quotes": ("string_type",),
    "true or false": ("bool_type",),
    "a whole number": ("int_type",),
    "a number": ("float_type", "finite_number"),
}
"""What pydantic's kinds of errors are in TOML's words."""


def suite_files(catalogue: Catalogue) -> dict[str, Path]:
    """Return every installed suite by name.

    Raises:
        SuiteError: two packages bring a suite of one name.
    """
    files: dict[str, Path] = {}
    for folder in catalogue.suite_folders:
        for path in sorted(folder.glob("*.toml")):
            if path.stem in files:
                raise SuiteError(f"two suites are called '{path.stem}': {files[path.stem]} and {path}")
            files[path.stem] = path
    return files


def suite_names(catalogue: Catalogue) -> list[str]:
    """Return the names of the installed suites."""
    return sorted(suite_files(catalogue))


def with_label(error: UnknownNameError, catalogue: Catalogue) -> UnknownNameError:
    """Return an error that says what suites call by the name that is no plugin's; the same one where they call nothing so."""
    meant = _labelled(error.name, catalogue)
    return (
        UnknownNameError(error.what, error.name, (), error.where, instead=f"suites call {meant} so") if meant else error
    )


def _labelled(label: str, catalogue: Catalogue) -> str | None:
    """Return what an installed suite calls by this label, a method with its options; None where none does."""
    for name in suite_names(catalogue):
        with suppress(SuiteError):  # what is wrong with another suite is said where that is played
            for scenario in load_suite(name, catalogue).scenario:
                for entry in scenario.methods:
                    if entry.label == label:
                        return entry.pair
    return None


def load_suite(name: str | Path, catalogue: Catalogue) -> Suite:
    """Read a suite by name, or by the path of a ``.toml`` file.

    Raises:
        UnknownNameError: there is no such suite.
        SuiteError: the file is malformed; the sentence names file and key.
    """
    files, name = suite_files(catalogue), str(name)
    path = files.get(name)
    if path is None:
        if not name.endswith(".toml"):
            there = os.path.isfile(name)  # noqa: PTH113 - it takes a name that no file can have
            raise UnknownNameError("suite", name, files, instead="a suite file ends in .toml" if there else "")
        path = Path(name)
        _refuse_namesake(path, files)
    data = _read(path)
    for reserved in _OURS:
        if reserved in data:
            raise SuiteError(
                f"suite file '{path}': the key '{reserved}' is not written in the file; its name is '{path.stem}'"
            )
    try:
        listed = data.get("datasets")
        at_most = isinstance(listed, list) and len(listed) > 1
        return Suite.model_validate({**data, "name": path.stem, "path": path, "at_most": at_most})
    except ValidationError as error:
        raise SuiteError(f"suite file '{path}': {_sentence(error)}") from None


def _refuse_namesake(path: Path, installed: Mapping[str, Path]) -> None:
    """Refuse a file that is called as an installed suite and is another: both would stand in the same tables.

    Raises:
        SuiteError: it is; the sentence says what to do.
    """
    other = installed.get(path.stem)
    if other is not None and path.is_file() and path.read_bytes() != other.read_bytes():
        raise SuiteError(
            f"suite file '{path}' is called as the installed suite '{path.stem}', whose tables its results would stand in; "
            f"give it another name"
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise SuiteError(f"suite file '{shown(str(path), 500)}' has more than {_LARGEST:,} bytes, and is no suite")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors of Windows put a mark before the text
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SuiteError(f"suite file '{shown(str(path), 500)}' cannot be read: {reason}") from None
    except RecursionError:
        raise SuiteError(f"suite file '{path}' is not a suite: its values nest too deeply") from None
    except ValueError as error:  # TOML's own error, or that of a number of thousands of digits
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "it holds a number of too many digits"
        raise SuiteError(f"suite file '{path}' is not TOML: {shown(reason, 200)}") from None


def _sentence(error: ValidationError) -> str:
    errors = error.errors()
    first = next(
        (e for e in errors if e["type"] == "extra_forbidden"), errors[0]
    )  # a misspelt key is also a missing one
    where = ".".join(shown(part) if isinstance(part, str) else str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return f"there is no key '{where}'; {nearest(key, _keys(first['loc']))}"
    if first["type"] == "missing":
        return f"the key '{where}' is missing"
    message = str(first["msg"]).removeprefix("Value error, ").replace("Input should", "should").replace("String ", "")
    for ours, theirs in _TYPES.items():
        message = message if first["type"] not in theirs else f"should be {ours}"
    if first["type"] in ("too_short", "too_long"):
        least, bound = ("least", "min_length") if first["type"] == "too_short" else ("most", "max_length")
        number = first["ctx"][bound]
        message = f"should hold at {least} {number:,} value{'' if number == 1 else 's'}"
    given = first["input"]
    said = isinstance(given, str | int | float | date | time)
    return f"'{where}' {message}".removeprefix("'' ") + (f", not {_toml(given)}" if said else "")


def _toml(value: Any) -> str:
    """Return a value of a suite file about as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{shown(value)}'"
    return shown(value) if isinstance(value, int | float) else str(value)


def _keys(loc: Iterable[Any]) -> list[str]:
    """Return the keys that the table holding the last part of ``loc`` takes."""
    model: type[BaseModel] = Suite
    for part in list(loc)[:-1]:
        field = model.model_fields.get(part) if isinstance(part, str) else None
        if field is not None:
            inner = _model_in(field.annotation)
            if inner is None:
                return []
            model = inner
    return [key for key in model.model_fields if model is not Suite or key not in _OURS]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None
