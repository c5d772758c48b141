"""Rules about data sets: what they load, and that they fetch nothing unasked."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchbox.contracts import DataError, Dataset
from benchbox.images.images import ImageSet, load_images
from benchbox.testing.rule import Failed, Skipped, Subject, rule


def _dataset(subject: Subject) -> Dataset:
    plugin = subject.plugin()
    assert isinstance(plugin, Dataset)
    return plugin


def _loaded(subject: Subject) -> ImageSet:
    with _offline():
        return load_images(_dataset(subject), subject.row.name, subject.data_dir)


def _images(subject: Subject) -> ImageSet:
    try:
        return _loaded(subject)
    except DataError as error:
        raise Skipped(f"it does not load: {error}") from error


@contextmanager
def _offline() -> Iterator[None]:
    original = socket.socket.connect

    def refused(self: socket.socket, address: Any) -> None:
        raise Failed(f"connected to {address} without being asked to download")

    socket.socket.connect = refused  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        socket.socket.connect = original  # type: ignore[method-assign]


@rule("dataset", expects="images and labels that the core takes: 1 or 3 channels, uint8 or [0, 1], classes from 0")
def loads_valid_images(subject: Subject) -> None:
    """Shapes, ranges and labels are checked by the core, as in a run; nothing may be fetched."""
    try:
        _loaded(subject)
    except DataError as error:
        loaded = str(error).startswith(f"data set '{subject.row.name}', ")  # the core's own words, of arrays
        if loaded or subject.spec.argument is not None:
            raise
        raise Skipped(f"its data is not here: {error}") from error


@rule("dataset", expects="every class in the test images, as in the training images")
def every_class_is_there(subject: Subject) -> None:
    """A class without test images is never scored; a run says so, and plays."""
    images = _images(subject)
    missing = sorted(set(range(images.classes)) - set(np.unique(images.test.labels).tolist()))
    if missing:
        raise Failed(f"has no test image of class {missing[0]}")


@rule("dataset", expects="the same bytes from every load, whatever the global random state")
def loads_the_same_twice(subject: Subject) -> None:
    """Results are stored under the hash of the content."""
    _images(subject)
    digests = set()
    for seed in (1, 2):
        state = np.random.get_state()
        np.random.seed(seed)
        digests.add(_loaded(subject).digest)
        np.random.set_state(state)
    if len(digests) > 1:
        raise Failed("loaded other images the second time")


@rule("dataset", expects="a DataError that says what to do where the data is missing")
def says_what_is_missing(subject: Subject) -> None:
    """A user's first run is often one without the data."""
    import tempfile

    plugin = _dataset(subject)
    with tempfile.TemporaryDirectory() as empty:
        for root in (None, Path(empty)):
            try:
                with _offline():
                    plugin.load(root, download=False)
            except DataError:
                continue


@rule("dataset", expects="numpy arrays, made without torch")
def loads_without_torch(subject: Subject) -> None:
    """Planning a suite hashes its data sets, and should not wait for torch."""
    _images(subject)
    code = (
        "import sys, json, pathlib\nfrom benchbox.registry import Row, create\n"
        "row, options, root = json.loads(sys.argv[1])\n"
        "create(Row.model_validate(row), options).load(pathlib.Path(root) if root else None, download=False)\n"
        "print('torch' in sys.modules)"
    )
    options = subject.plugin().options.model_dump(mode="json")
    root = None if subject.data_dir is None else str(subject.data_dir)
    argument = json.dumps([subject.row.model_dump(mode="json"), options, root])
    done = subprocess.run([sys.executable, "-c", code, argument], capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.split()[-1] == "True":
        raise Failed("imported torch to load its images")
