"""A trained target as the manifest keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from benchbox.contracts import Shape
from benchbox.target.recipe import Recipe
from benchbox.target.zoo.spec import TargetSpec


class TargetRecord(BaseModel):
    """A trained target: what it was made of, and the hash that its weights must have.

    Attributes:
        name: the display name (``TargetSpec.name``).
        dataset: the data set as it was written.
        dataset_hash: the hash of its content.
        model: the model plugin with the options that differ from their defaults.
        model_version: that plugin's version.
        recipe_name: the recipe's name when it was trained.
        recipe: the recipe in full.
        seed: of the training.
        holdout: training images it never saw.
        sha256: of the safetensors file.
        accuracy: on the held-out test images, of the weights of the last epoch.
        n_test: how many test images those were.
        classes: how many it tells apart.
        shape: (channels, height, width) of an image.
        path: the weights; of a pinned target whose weights are nowhere, where they belong.
        pinned: whether an installed package says what its weights are, rather than this machine's training.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    dataset: str
    dataset_hash: str
    model: str
    model_version: Annotated[int, Field(ge=0)]
    recipe_name: str
    recipe: Recipe
    seed: Annotated[int, Field(ge=0)]
    holdout: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    accuracy: Annotated[float, Field(ge=0, le=1, strict=True)]
    n_test: Annotated[int, Field(ge=1, strict=True)]
    classes: Annotated[int, Field(ge=1, strict=True)]
    shape: Shape
    path: Path
    pinned: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """What no player may see."""
        return (self.path,)

    def spec(self) -> TargetSpec:
        """Return what it was ordered as."""
        return TargetSpec(
            dataset=self.dataset, model=self.model, recipe=self.recipe_name, seed=self.seed, holdout=self.holdout
        )

    def row(self) -> dict[str, Any]:
        """Return the manifest's entry: the path relative to the manifest."""
        data = self.model_dump(mode="json", exclude={"path", "pinned"})
        return {**data, "file": self.path.name}

    def entry(self) -> dict[str, Any]:
        """Return what a store keeps of it."""
        return self.model_dump(mode="json")

    def made_of(self) -> tuple[object, ...]:
        """Return all that decides the weights; two records that agree in it are one target."""
        return (self.dataset_hash, self.model, self.model_version, self.recipe, self.seed, self.holdout)
