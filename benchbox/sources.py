"""Where expansion gets data sets and targets from, on this machine."""

from __future__ import annotations

from collections.abc import Callable

from benchbox.contracts import Dataset
from benchbox.images import Images, load_images
from benchbox.place import Place
from benchbox.registry import Registry
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo


class LocalSources:
    """Data sets from the user's folder; targets from the zoo, trained where they are missing.

    Args:
        registry: knows the data sets.
        place: where the data lies.
        zoo: keeps the targets.
        train: whether to train a missing target; a dry run does not.
        report: told, one line each, when a target is trained.
    """

    def __init__(
        self, registry: Registry, place: Place, zoo: Zoo, *, train: bool, report: Callable[[str], None]
    ) -> None:
        self._registry, self._place, self._zoo = registry, place, zoo
        self._train, self._report = train, report

    def images(self, dataset: str) -> Images:
        """Load a data set."""
        plugin = self._registry.create("dataset", dataset)
        assert isinstance(plugin, Dataset)
        return load_images(plugin, dataset, self._place.data_dir, download=self._place.download)

    def target(self, spec: TargetSpec) -> TargetRecord | None:
        """Return the trained target; train it at its first use.

        Raises:
            NotApplicable: its model cannot take these images.
        """
        images = self.images(spec.dataset)
        record = self._zoo.find(spec, images.digest)
        if record is not None:
            return record
        if self._train:
            return self._zoo.ensure(spec, images, self._report)
        self._zoo.check(spec, images)
        return None
