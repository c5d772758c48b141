"""What a submission says of itself: ``submission.json``, beside the plugin's file and the store of its cells."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchbox.errors import SubmissionError, shown
from benchbox.registry.printable import place_and_words

FORM, STORE = "submission.json", "results.db"
LARGEST = 200_000
"""Bytes of a plugin's file: room for a method, and little for weights."""
_MOST = {FORM: 2**20, STORE: 2**28}
_PLAIN = r"^[\w.-]{1,100}\.py$"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Claim(_Frozen):
    """What a method's cells come to in one game.

    Attributes:
        label: what the suite calls the method.
        metric: by which the game ranks.
        seeds: the replicates that were played.
        means: by budget, over them.
    """

    dataset: str
    scenario: str
    label: str
    metric: str
    seeds: tuple[int, ...] = Field(min_length=1)
    means: dict[int, float] = Field(min_length=1)

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in the suite."""
        return self.dataset, self.scenario, self.label

    @property
    def where(self) -> str:
        """``digits, real data, mine``."""
        return ", ".join(self.place)


class Submission(_Frozen):
    """A submission.

    Attributes:
        benchbox: the version that packed it.
        suite: the suite, by its name.
        method: the method as ``--method`` takes it.
        plugin: the name of its file.
        source: the hash of its source, as cells keep it.
    """

    format: Literal[1] = 1
    benchbox: str
    suite: str
    method: str
    plugin: Annotated[str, Field(pattern=_PLAIN)]
    source: str
    claims: tuple[Claim, ...] = Field(min_length=1)


def taken(folder: Path, into: Path) -> Submission:
    """Copy a submission's three files, and return what it says of itself. Nothing else of the folder is ever looked at.

    Raises:
        SubmissionError: a file is missing, a link, too large, one too many, or of another form; one sentence.
    """
    _take(folder, FORM, into)
    form = into / FORM
    try:
        found = Submission.model_validate_json(form.read_bytes())
    except ValidationError as error:
        at, words = place_and_words(error)
        raise SubmissionError(f"'{folder / FORM}' is no submission at '{shown(at)}': {words}") from None
    for name in (found.plugin, STORE):
        _take(folder, name, into)
    beside = sorted({path.name for path in folder.iterdir()} - {FORM, STORE, found.plugin})
    if beside:
        raise SubmissionError(f"'{folder}' holds '{shown(beside[0])}' besides its three files")
    return found


def check_size(path: Path, most: int = LARGEST) -> None:
    """Refuse a file that is too large, a plugin's above all: people read it.

    Raises:
        SubmissionError: it is.
    """
    size = path.stat().st_size
    if size > most:
        raise SubmissionError(f"'{path.name}' has {size:,} bytes; {most:,} at most are taken")


def _take(folder: Path, name: str, into: Path) -> None:
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise SubmissionError(f"'{folder}' is no submission: it lacks the file '{name}'")
    check_size(path, _MOST.get(name, LARGEST))
    shutil.copyfile(path, into / name, follow_symlinks=False)
