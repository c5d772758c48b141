"""What a submission says of itself: ``submission.json``, beside the plugin's file and the store of its cells."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from benchbox.errors import SubmissionError, shown

FORM, STORE = "submission.json", "results.db"
LARGEST = 200_000
"""Bytes of a plugin's file: room for a method, and little for weights."""
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
    def where(self) -> str:
        """``digits, real data, mine``."""
        return f"{self.dataset}, {self.scenario}, {self.label}"


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


def read(folder: Path) -> Submission:
    """Read what a folder says of itself.

    Raises:
        SubmissionError: a file is missing, too large or another form; one sentence.
    """
    form = folder / FORM
    try:
        text = form.read_bytes()
    except OSError as error:
        raise SubmissionError(f"'{folder}' is no submission: {FORM} cannot be read ({error.strerror})") from None
    try:
        found = Submission.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise SubmissionError(f"'{form}' is no submission at '{shown(at)}': {first['msg']}") from None
    for name in (found.plugin, STORE):
        path = folder / name
        if path.is_symlink() or not path.is_file():
            raise SubmissionError(f"'{folder}' lacks the file '{name}'")
    size = (folder / found.plugin).stat().st_size
    if size > LARGEST:
        raise SubmissionError(
            f"'{found.plugin}' has {size:,} bytes; a plugin of {LARGEST:,} at most can be read by people"
        )
    return found
