"""The baseline file: JSON, sorted, a line a metric, so that a change of it reads well in a diff."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from benchbox.errors import BaselineError, UnknownNameError, shown
from benchbox.paths import expanded, write_whole
from benchbox.regression.soundness import check

FOLDER = Path("baselines")
ENDING = ".baseline.json"
_NAME = r"\w[\w.+-]{0,99}"
DIGITS = 6
"""Digits behind the point: a millionth is far below one image of any test set."""


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(_Frozen):
    """One metric of a method in a scenario, at one budget.

    Attributes:
        metric: as in ``Measurement``; ``benchbox.scoring.metrics`` says which direction is better.
        attack: the attack plan's label; empty for metrics of the substitute itself.
        budget: the budget point.
        values: as stored, shares in [0, 1], one a seed of the group; None where nothing counted.
    """

    metric: str
    attack: str = ""
    budget: int
    values: tuple[float | None, ...]

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells the figures of a group apart."""
        return self.metric, self.attack, self.budget


class Group(_Frozen):
    """The cells of one method in one scenario, over their seeds.

    Attributes:
        rules: key in ``Baseline.rules``.
        method: the method's identity: kind, name, options and version.
        trainer: that of who made its substitutes; None where it makes its own, and in files of before version 0.2.
        package: the distribution that the method came from, with its version.
        targets: sha256 of the target that each seed played, in the order of the seeds.
    """

    dataset: str
    scenario: str
    label: str
    rules: str
    method: dict[str, Any]
    trainer: dict[str, Any] | None = None
    package: str
    seeds: tuple[int, ...]
    targets: tuple[str, ...]
    figures: tuple[Figure, ...]

    @property
    def target_of(self) -> dict[int, str]:
        """The target of each seed."""
        return dict(zip(self.seeds, self.targets, strict=True))

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the suite."""
        return self.dataset, self.scenario, self.label


class Baseline(_Frozen):
    """What a set of cells gave.

    Attributes:
        benchbox: the version that saved it.
        suite: the suite's name, as the store has it.
        newest: when the last of its results was stored, ISO 8601 in UTC.
        figures: how many figures were saved. A file with fewer is refused.
        rules: by short hash, what the replicates of a scenario share: the target by its name, data by sha256, budgets,
            attacks, scoring version.
    """

    format: Literal[2] = 2
    benchbox: str
    suite: str
    newest: str
    figures: int
    rules: dict[str, dict[str, Any]]
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many figures it holds: how many comparisons are made with it."""
        return sum(len(group.figures) for group in self.groups)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Every seed of any group, ascending."""
        return tuple(sorted({seed for group in self.groups for seed in group.seeds}))


def baseline_path(name: str, folder: Path = Path()) -> Path:
    """Return where a baseline lies: a path that ends in ``.json`` as it is, a name in ``baselines/``; below ``folder``.

    Raises:
        BaselineError: it is neither a path nor a plain name.
    """
    if name.endswith(".json"):
        return folder / expanded(name)
    if not re.fullmatch(_NAME, name):
        raise BaselineError(
            f"'{shown(name)}' is no name for a baseline: write letters, digits, '.', '_' and '-', or a path that ends in .json"
        )
    return folder / FOLDER / f"{name}{ENDING}"


def save_baseline(baseline: Baseline, path: Path) -> None:
    """Write a baseline; its folder is made where it is missing.

    Raises:
        BaselineError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, (_text(baseline.model_dump(mode="json")) + "\n").encode())
    except OSError as error:
        raise BaselineError(f"baseline '{path}' cannot be written: {error.strerror}") from None


def load_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        UnknownNameError: there is no such file; the sentence names the nearest beside it.
        BaselineError: it is not a baseline, or of another format, or nothing could be judged by it.
    """
    if not path.is_file():
        known = [found.name.removesuffix(ENDING) for found in path.parent.glob(f"*{ENDING}")]
        raise UnknownNameError("baseline", path.name.removesuffix(ENDING), known, f"'{path.parent}'")
    try:
        baseline = Baseline.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BaselineError(f"baseline '{path}' cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        if first["loc"] == ("format",):
            raise BaselineError(f"baseline '{path}' is of {_age(first['input'])} benchbox: save it again") from None
        key = ".".join(map(str, first["loc"]))
        raise BaselineError(f"'{path}' is not a baseline{f' at {key!r}' if key else ''}: {first['msg']}") from None
    check(baseline, f"baseline '{path}'")
    return baseline


def _age(written: object) -> str:
    return "an older" if written == 1 else "another"


def _text(data: Any, indent: str = "") -> str:
    """Return JSON in which whatever holds no object stands on one line."""
    if not _nested(data):
        return json.dumps(data, ensure_ascii=False, sort_keys=True)
    deeper = indent + " "
    if isinstance(data, dict):
        items = [f"{json.dumps(key, ensure_ascii=False)}: {_text(data[key], deeper)}" for key in sorted(data)]
        left, right = "{}"
    else:
        items = [_text(item, deeper) for item in data]
        left, right = "[]"
    return left + "\n" + ",\n".join(deeper + item for item in items) + f"\n{indent}{right}"


def _nested(data: Any) -> bool:
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return any(isinstance(child, dict) or _nested(child) for child in children)
