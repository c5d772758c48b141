"""A data set whose classes have other names: the same images, so that only what is learnt from answers helps."""

from __future__ import annotations

import random
from pathlib import Path

from benchbox.contracts import Dataset
from benchbox.distribution import DISTRIBUTION
from benchbox.errors import SubmissionError, shown
from benchbox.registry import Catalogue, Spec, create_spec


def renamed(dataset: str, data_dir: Path | None, folder: Path, chance: random.Random) -> str:
    """Write a data set with renamed classes into a folder, and return how a suite names it.

    No class keeps its name. It is read in this process, so it must be one that benchbox itself brings.

    Args:
        dataset: the data set.
        data_dir: folder of data sets.
        folder: where the file is written.
        chance: draws the permutation.

    Raises:
        SubmissionError: the data set is a stranger's.
        DataError: it cannot be read.
    """
    import numpy as np

    from benchbox.images.images import load_images

    catalogue = Catalogue.discover()
    row = catalogue.get("dataset", Spec.parse(dataset).name)
    if row.package != DISTRIBUTION:
        raise SubmissionError(
            f"data set '{shown(dataset)}' is of package '{row.package}'; only benchbox's own are verified"
        )
    plugin = create_spec(catalogue, "dataset", dataset)
    catalogue.close()
    assert isinstance(plugin, Dataset)
    images = load_images(plugin, dataset, data_dir)
    names = list(range(images.classes))
    while any(old == new for old, new in enumerate(names)):
        chance.shuffle(names)
    other = np.array(names)
    path = folder / f"{row.name}-renamed-{len(list(folder.glob('*.npz')))}.npz"
    np.savez(
        path,
        x_train=images.x_train,
        y_train=other[images.y_train],
        x_test=images.x_test,
        y_test=other[images.y_test],
    )
    return f"npz:{path}"
