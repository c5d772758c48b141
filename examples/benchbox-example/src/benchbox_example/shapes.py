"""The data set 'shapes'."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from benchbox.contracts import Array, Arrays, Dataset
from benchbox.contracts import Options as BaseOptions
from pydantic import Field

if TYPE_CHECKING:
    import numpy as np


class Options(BaseOptions):
    """Options of ``shapes``."""

    noise: float = Field(default=0.15, ge=0, le=1, description="standard deviation of the noise on every pixel")


class Shapes(Dataset):
    """Four shapes on noise: a disc, a square, a cross and a bar, 28x28 grey; needs no file.

    Shapes lie at random places and have random sizes; 2,000 training and 400 test images, drawn from a fixed seed.
    """

    name: ClassVar[str] = "shapes"
    version: ClassVar[int] = 1
    Options: ClassVar[type[BaseOptions]] = Options

    def load(self, root: Path | None, *, download: bool) -> Arrays:
        """Draw the images; see ``benchbox.contracts.Dataset.load``."""
        import numpy as np

        labels = np.arange(2400) % 4
        images = _draw(labels, self.options.noise, np.random.Generator(np.random.PCG64(28)))
        return Arrays(images[:2000], labels[:2000], images[2000:], labels[2000:])


def _draw(labels: Array, noise: float, rng: np.random.Generator) -> Array:
    """Return uint8 images (n, 28, 28) of the shapes that ``labels`` name."""
    import numpy as np

    n = len(labels)
    rows, columns = np.mgrid[:28, :28]
    down, right = rng.uniform(9, 19, (2, n, 1, 1))
    size = rng.uniform(4, 8, (n, 1, 1))
    y, x = np.abs(rows - down), np.abs(columns - right)
    inside = np.maximum(x, y) < size
    shapes = np.stack(
        [x**2 + y**2 < size**2, inside, inside & (np.minimum(x, y) < 2), (x < size) & (y < 2)],
    )
    drawn = 0.1 + 0.8 * shapes[labels, np.arange(n)] + rng.normal(0, noise, (n, 28, 28))
    return np.round(drawn.clip(0, 1) * 255).astype(np.uint8)
