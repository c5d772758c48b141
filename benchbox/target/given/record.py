"""A given target, pinned and measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from benchbox.contracts import Access, Shape
from benchbox.target.given.gift import FILES, Gift, in_code

Scale = Literal["labels", "probabilities", "logits"]


class Reading(BaseModel):
    """How a target's raw answers are read.

    Attributes:
        scale: what they are.
        classes: how many classes the data set has.
        names: the target's own name of each class, in order: a number or a label; empty where it numbers them alike.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale: Scale
    classes: int
    names: tuple[str, ...] = ()


class Probe(BaseModel):
    """What a target said to a few fixed images, to tell whether it is still the same.

    Attributes:
        labels: classes.
        probabilities: rounded to four digits; empty where it answers labels alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: tuple[int, ...]
    probabilities: tuple[tuple[float, ...], ...] = ()


class GivenRecord(BaseModel):
    """A given target on one data set.

    Attributes:
        gift: where it is, and how it is asked.
        dataset, dataset_hash: the data set, as it was written, and the hash of its content.
        sha256: its pin. Of files: over the file, its network, and the data; of functions and endpoints: over the name, the
            date, and what it said to the probe.
        file_sha256: of the file; empty of functions and endpoints.
        source: the module that holds the factory or function; None where there is none.
        source_sha256: the hash of that module.
        model_version: of weights whose network is a plugin, that plugin's version.
        reading: how its answers are read.
        since: the day on which it was first asked, ISO.
        probe: what it said then.
        accuracy: on the owner's test images, measured.
        n_test: how many those are.
        shape: (channels, height, width) of an image.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gift: Gift
    dataset: str
    dataset_hash: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    file_sha256: str = ""
    source: Path | None = None
    source_sha256: str = ""
    model_version: int = 0
    reading: Reading
    since: str
    probe: Probe
    accuracy: Annotated[float, Field(ge=0, le=1)]
    n_test: Annotated[int, Field(ge=1)]
    shape: Shape

    @property
    def name(self) -> str:
        """What tables call it."""
        return self.gift.name

    @property
    def access(self) -> Access:
        """The most that it answers."""
        return Access.LABEL if self.reading.scale == "labels" else Access.PROBABILITIES

    @property
    def plugin(self) -> str:
        """The model plugin that builds its network; empty where there is none."""
        return "" if in_code(self.gift.model) else self.gift.model

    @property
    def files(self) -> tuple[Path, ...]:
        """What no player may see of it."""
        own = (Path(self.gift.place),) if self.gift.form in FILES else ()
        return (*own, *([self.source] if self.source else []))

    def entry(self) -> dict[str, Any]:
        """Return what a store keeps of it: a row of ``targets``, whose recipe says how it was given."""
        given = {
            "given": self.gift.form,
            "place": self.gift.shown_place,
            "model": self.gift.model,
            "classes": list(self.gift.classes),
            "sends": self.gift.sends,
            "answers": self.reading.scale,
            "file_sha256": self.file_sha256,
            "source_sha256": self.source_sha256,
            "since": self.since,
        }
        return {
            "sha256": self.sha256,
            "name": self.name,
            "dataset": self.dataset,
            "dataset_hash": self.dataset_hash,
            "model": self.gift.model or self.gift.form,
            "recipe": {key: value for key, value in given.items() if value},
            "seed": 0,
            "holdout": 0,
            "accuracy": self.accuracy,
            "n_test": self.n_test,
        }
