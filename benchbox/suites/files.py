"""Finding and reading suite files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from benchbox.errors import SuiteError, UnknownNameError, nearest
from benchbox.registry import Catalogue
from benchbox.suites.suite import ScenarioTable, Suite


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


def load_suite(name: str, catalogue: Catalogue) -> Suite:
    """Read a suite by name, or by the path of a ``.toml`` file.

    Raises:
        UnknownNameError: there is no such suite.
        SuiteError: the file is malformed; the sentence names file and key.
    """
    files = suite_files(catalogue)
    path = files.get(name)
    if path is None:
        if not name.endswith(".toml"):
            raise UnknownNameError("suite", name, files)
        path = Path(name)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise SuiteError(f"suite file '{path}' cannot be read: {reason}") from None
    except tomllib.TOMLDecodeError as error:
        raise SuiteError(f"suite file '{path}' is not TOML: {error}") from None
    for reserved in ("path", "name"):
        if reserved in data:
            raise SuiteError(
                f"suite file '{path}': the key '{reserved}' is not written in the file; its name is '{path.stem}'"
            )
    try:
        return Suite.model_validate({**data, "name": path.stem, "path": path})
    except ValidationError as error:
        raise SuiteError(f"suite file '{path}': {_sentence(error)}") from None


def _sentence(error: ValidationError) -> str:
    errors = error.errors()
    first = next(
        (e for e in errors if e["type"] == "extra_forbidden"), errors[0]
    )  # a misspelt key is also a missing one
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        key = str(first["loc"][-1])
        return f"there is no key '{where}'; {nearest(key, _keys(first['loc']))}"
    message = str(first["msg"]).removeprefix("Value error, ").replace("Input should", "should")
    return f"'{where}' {message}" if first["type"] != "missing" else f"the key '{where}' is missing"


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
    return [key for key in model.model_fields if model is not Suite or key not in ("path", "name")]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None


__all__ = ["ScenarioTable", "load_suite", "suite_files", "suite_names"]
