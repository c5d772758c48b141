"""Data sets and targets of this machine, read and trained in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from benchbox.contracts import Dataset
from benchbox.images import ImageSet, doubts, load_images
from benchbox.images.facts import ImageFacts
from benchbox.images.images import plain
from benchbox.images.kept import write_kept
from benchbox.place import Place
from benchbox.registry import Catalogue, create_spec
from benchbox.sources.given import pinned
from benchbox.target.given import Gift, GivenRecord
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo

_KEPT = 2
"""So many data sets are kept in memory: a suite's, and the one that its pool comes from."""


class LocalSources:
    """Data sets from the user's folder; targets from the zoo, trained where they are missing.

    It imports the plugins of both: the rules process runs it, and a notebook or debugger that wants all in one process.

    Args:
        catalogue: knows the data sets and models.
        place: where the data lies, where targets are kept, and on which device they are trained.
        train: whether to train a missing target; a dry run does not.
        report: told, one line each, when a target is trained.
    """

    def __init__(self, catalogue: Catalogue, place: Place, *, train: bool, report: Callable[[str], None]) -> None:
        self._catalogue, self._place = catalogue, place
        self._zoo = Zoo(catalogue, place.zoo_dir, place.device, data_dir=place.data_dir)
        self._train, self._report = train, report
        self._known: dict[str, ImageFacts] = {}
        self._kept: dict[str, ImageSet] = {}

    def images(self, dataset: str) -> ImageFacts:
        """Load a data set, report what is odd about it, and return what planning needs to know of it."""
        if dataset not in self._known:
            images = self._load(dataset)
            for sentence in doubts(images):
                self._report(sentence)
            self._known[dataset] = ImageFacts.of(images)
        return self._known[dataset]

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target; train it at its first use.

        Raises:
            NotApplicable: its model cannot take these images.
            TargetError: its weights are not there, or not what is pinned.
        """
        images = self._load(spec.dataset)
        if self._train:
            return self._zoo.ensure(spec, images, self._report)
        record = self._zoo.find(spec, images.digest)
        if record is None:
            self._zoo.check(spec, images)
        return record

    def given(self, gift: Gift, dataset: str) -> GivenRecord | None:
        """Return what is known of a given target on a data set; open, ask and measure it where that is not yet."""
        images = self._load(dataset)
        if gift.form == "published":
            from benchbox.target.given.published import as_file  # torchvision comes with it

            gift = as_file(gift, self._place)
        return pinned(gift, images, self._catalogue, self._place, ask=self._train, report=self._report)

    def export(self, dataset: str, path: Path) -> None:
        """Write a data set's arrays into a file, for another machine; who reads it holds it against the digest."""
        plugin = create_spec(self._catalogue, "dataset", dataset)
        assert isinstance(plugin, Dataset)
        write_kept(path, plain(plugin.load(self._place.data_dir, download=self._place.download)), dataset)

    def close(self) -> None:
        """Let go of the images."""
        self._kept.clear()

    def _load(self, dataset: str) -> ImageSet:
        """Read a data set once, for facts and targets alike; the next plan reads it anew."""
        if dataset not in self._kept:
            plugin = create_spec(self._catalogue, "dataset", dataset)
            assert isinstance(plugin, Dataset)
            images = load_images(plugin, dataset, self._place.data_dir, download=self._place.download)
            for oldest in list(self._kept)[: 1 - _KEPT]:  # a plan goes through its data sets one after the other, twice
                del self._kept[oldest]
            self._kept[dataset] = images
        return self._kept[dataset]
