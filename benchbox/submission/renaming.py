"""A data set whose classes have other names: the same images, so that only what is learnt from answers helps."""

from __future__ import annotations

import random
from pathlib import Path

from benchbox.contracts import Dataset
from benchbox.registry import Catalogue, create_spec


def renamed(dataset: str, data_dir: Path | None, folder: Path, chance: random.Random) -> str:
    """Write a data set with renamed classes into a folder, and return how a suite names it.

    No class keeps its name. It is read in this process.

    Args:
        dataset: the data set, one that benchbox itself brings.
        data_dir: folder of data sets.
        folder: where the file is written.
        chance: draws the permutation.

    Raises:
        DataError: it cannot be read.
    """
    import numpy as np

    from benchbox.images.images import load_images
    from benchbox.images.rows import everything

    catalogue = Catalogue.discover()
    plugin = create_spec(catalogue, "dataset", dataset)
    catalogue.close()
    assert isinstance(plugin, Dataset)
    images = load_images(plugin, dataset, data_dir)
    names = list(range(images.classes))
    while any(old == new for old, new in enumerate(names)):
        chance.shuffle(names)
    other = np.array(names)
    path = folder / f"{dataset}-renamed-{len(list(folder.glob('*.npz')))}.npz"
    np.savez(
        path,
        x_train=everything(images.train),
        y_train=other[images.train.labels],
        x_test=everything(images.test),
        y_test=other[images.test.labels],
    )
    return f"npz:{path}"
