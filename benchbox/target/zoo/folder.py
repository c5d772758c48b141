"""A folder of targets: ``targets.toml`` (recipes and names), ``manifest.json`` (what was trained), and the weights."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchbox.errors import TargetError
from benchbox.paths import write_whole
from benchbox.records import printable
from benchbox.registry.printable import first_of
from benchbox.target.recipe import Recipe
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec

MANIFEST = "manifest.json"


class _Entry(TargetSpec):
    """One ``[[targets]]``: a target, or with ``seeds = 5`` one for each seed from its own on."""

    seeds: int = Field(default=1, ge=1)

    @property
    def specs(self) -> list[TargetSpec]:
        """The targets that it names."""
        shared = self.model_dump(exclude={"seed", "seeds"})
        return [TargetSpec(**shared, seed=self.seed + n) for n in range(self.seeds)]


class _Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")

    recipes: dict[str, Recipe] = {}
    targets: list[_Entry] = []


class TargetFolder:
    """One folder of targets.

    Args:
        path: the folder; a missing one holds nothing.
        pinned: whether a package brought it.
        others: folders where weights may lie that the manifest tells of and this folder lacks. The last is where they belong.
    """

    def __init__(self, path: Path, *, pinned: bool, others: Sequence[Path] = ()) -> None:
        self.path, self._pinned, self._others = path, pinned, others

    @property
    def recipes(self) -> dict[str, Recipe]:
        """The recipes by name.

        Raises:
            TargetError: ``targets.toml`` is malformed.
        """
        return self._plan.recipes

    @property
    def targets(self) -> list[TargetSpec]:
        """The targets that ``targets.toml`` names."""
        return [spec for entry in self._plan.targets for spec in entry.specs]

    def records(self) -> list[TargetRecord]:
        """Return what was trained, the newest last.

        Raises:
            TargetError: ``manifest.json`` is malformed.
        """
        path = self.path / MANIFEST
        if not path.is_file():
            return []
        try:
            rows = json.loads(path.read_text(encoding="utf-8-sig"))["targets"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._damaged(_first(error)) from None
        if not isinstance(rows, list):
            raise self._damaged("its 'targets' is not a list")
        return [self._record(number, row) for number, row in enumerate(rows, 1)]

    def add(self, record: TargetRecord) -> None:
        """Write a record into the manifest, in place of one of the same making. The caller holds the folder's lock."""
        others = [known for known in self.records() if known.made_of() != record.made_of()]
        rows = [known.row() for known in (*others, record)]
        write_whole(self.path / MANIFEST, (json.dumps({"targets": rows}, indent=1) + "\n").encode())

    @cached_property
    def _plan(self) -> _Plan:
        path = self.path / "targets.toml"
        if not path.is_file():
            return _Plan()
        try:
            return _Plan.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
        except (OSError, ValueError) as error:
            raise TargetError(f"{path} is malformed: {_first(error)}") from None

    def _record(self, number: int, row: Any) -> TargetRecord:
        """Return a row of the manifest; its file lies in this folder or one of the others, under a bare name."""
        if not isinstance(row, dict):
            raise self._damaged(f"target {number} is not an object")
        which = f"target {number}, {printable(str(row.get('name', 'of no name')))[:80]!r}"
        file = row.get("file")
        # a path of ours is a bare name: '..' or a drive would lead out of the folder, on any system
        if not isinstance(file, str) or file in ("", ".", "..") or any(char in file for char in "/\\:\0"):
            raise self._damaged(f"{which}: file {printable(str(file))[:80]!r} is not the name of a file in this folder")
        values = {key: value for key, value in row.items() if key not in ("file", "path", "pinned")}
        places = [folder / file for folder in (self.path, *self._others)]
        path = next((place for place in places if place.is_file()), places[-1])
        try:
            return TargetRecord.model_validate({**values, "path": path, "pinned": self._pinned})
        except ValidationError as error:
            raise self._damaged(f"{which}: {_first(error)}") from None

    def _damaged(self, why: str) -> TargetError:
        remedy = "reinstall the package that brought it" if self._pinned else "restore it or delete it"
        return TargetError(f"{self.path / MANIFEST} is not a manifest of targets ({why}); {remedy}")


def _first(error: Exception) -> str:
    return first_of(error) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
