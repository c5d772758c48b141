"""What planning needs to know of a data set: plain data, without the images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from benchbox.contracts import Shape

if TYPE_CHECKING:
    from benchbox.images.images import ImageSet


class ImageFacts(BaseModel):
    """A loaded data set, described.

    Attributes:
        name: the data set as it was written.
        digest: sha256 over the content; see ``ImageSet``.
        shape: (channels, height, width) of an image.
        classes: how many classes there are.
        n_train, n_test: how many images.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    digest: str
    shape: Shape
    classes: int
    n_train: int
    n_test: int

    @classmethod
    def of(cls, images: ImageSet) -> ImageFacts:
        """Describe a loaded data set."""
        return cls(
            name=images.name,
            digest=images.digest,
            shape=images.shape,
            classes=images.classes,
            n_train=len(images.train),
            n_test=len(images.test),
        )
