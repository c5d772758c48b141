from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchbox_plugins.datasets.npz import Npz

from benchbox.images import ImageSet, load_images
from benchbox.registry import Catalogue

TARGETS = """
[recipes.standard]
epochs = 2
batch = 16
lr = 0.01

[recipes.other]
epochs = 1
batch = 16

[recipes.ready]
epochs = 0

[[targets]]
dataset = "npz:{path}"
model = "dnn5"
"""


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    """Two classes of 6x6 images: dark and bright."""
    rng, path = np.random.default_rng(0), tmp_path / "toy.npz"
    labels = np.arange(64) % 2
    images = (rng.random((64, 6, 6)) * 100 + labels[:, None, None] * 150).astype(np.uint8)
    np.savez(path, x_train=images[:48], y_train=labels[:48], x_test=images[48:], y_test=labels[48:])
    return path


@pytest.fixture
def images(npz: Path) -> ImageSet:
    return load_images(Npz(Npz.Options(path=str(npz))), f"npz:{npz}", None)


@pytest.fixture
def catalogue(tmp_path: Path, npz: Path) -> Catalogue:
    """The installed plugins, with one folder of targets: a quick recipe for the toy data."""
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "targets.toml").write_text(TARGETS.format(path=npz), encoding="utf-8")
    catalogue = Catalogue.discover()
    catalogue.target_folders = [folder]
    return catalogue
