"""A data set on which settings may be chosen: its test images stay unseen."""

from __future__ import annotations

import hashlib
import importlib
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from benchbox.contracts import Array, Arrays, DataError, Dataset, Images, Options, Splits

_SHARE = 6  # MNIST's own: 10,000 test images to 60,000
_SPLIT_SEED = 20240229


class HeldOutOptions(Options):
    """Options of ``held-out``."""

    of: Annotated[str, Field(min_length=1, description="the data set: mnist, npz:faces.npz")]


class HeldOut(Dataset):
    """A data set without its test images: a sixth of its training images stands for them.

    Written ``held-out:NAME``, as ``held-out:mnist``: what is tuned is tuned on it (``benchbox sweep``), since nothing may be
    chosen on test images. The split is fixed, and spread evenly over the classes. Targets are trained without the images
    that are held out, so they are others than those of NAME. NAME is a data set of benchbox's own, ``npz:PATH`` or
    ``folder:PATH``.
    """

    name: ClassVar[str] = "held-out"
    Options = HeldOutOptions
    argument: ClassVar[str | None] = "of"

    def load(self, root: Path | None, *, download: bool) -> Arrays | Splits:
        """Read the data set and leave its test images out; see ``benchbox.contracts.Dataset.load``."""
        whole = _plugin(self.options.of).load(root, download=download)
        if isinstance(whole, Splits):
            held = _held_out(whole.train.labels)
            return Splits(_Part(whole.train, ~held), _Part(whole.train, held), whole.classes)
        images, labels = np.asarray(whole.x_train), np.asarray(whole.y_train)
        held = _held_out(labels)
        return Arrays(images[~held], labels[~held], images[held], labels[held])


class _Part(Images):
    """Those images of a set that are ``kept``, bool (n,)."""

    def __init__(self, whole: Images, kept: Array) -> None:
        self._whole, self._rows = whole, np.flatnonzero(kept)
        self.shape, self.labels = whole.shape, whole.labels[self._rows]
        self.digest = hashlib.sha256(whole.digest.encode() + self._rows.astype("<i8").tobytes()).hexdigest()
        self.prints = None if whole.prints is None else [whole.prints[row] for row in self._rows.tolist()]

    def rows(self, indices: Array) -> Array:
        """Return images; see ``benchbox.contracts.Images.rows``."""
        return self._whole.rows(self._rows[indices])


def _plugin(text: str) -> Dataset:
    from benchbox_plugins.datasets import PLUGINS

    name, _, argument = text.partition(":")
    known = {row.name: row.target for row in PLUGINS if row.name != HeldOut.name}
    if name not in known:
        raise DataError(
            f"data set 'held-out': '{text}' is not a data set of benchbox; expected one of {', '.join(known)}"
        )
    module, _, attribute = known[name].partition(":")
    found: type[Dataset] = getattr(importlib.import_module(module), attribute)
    if (found.argument is None) == bool(argument):
        wanted = f"{name}:PATH" if found.argument else name
        raise DataError(f"data set 'held-out': '{text}' should be written held-out:{wanted}")
    return found(found.Options(**{found.argument: argument}) if found.argument else None)


def _held_out(labels: Array) -> Array:
    """Return which rows are held out: every sixth of them in the order of their classes, shuffled within; bool (n,)."""
    shuffled = np.random.Generator(np.random.PCG64(_SPLIT_SEED)).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    held = np.zeros(len(labels), dtype=bool)
    held[by_class[_SHARE - 1 :: _SHARE]] = True
    return held
