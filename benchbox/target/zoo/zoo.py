"""The zoo: finds targets, trains those that are missing, and verifies every one it loads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchbox.contracts import Model
from benchbox.devices import choose_device
from benchbox.errors import TargetError, UnknownNameError
from benchbox.images.images import ImageSet
from benchbox.images.pool import target_rows
from benchbox.paths import data_targets, write_whole
from benchbox.registry import Catalogue, Spec, create_spec
from benchbox.registry.loading import resolve_here
from benchbox.target.loading import load_target, verified
from benchbox.target.network import build_network, check_logits, check_weights
from benchbox.target.recipe import Recipe
from benchbox.target.training import train_target
from benchbox.target.zoo.folder import TargetFolder
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec

if TYPE_CHECKING:
    from torch import nn

Report = Callable[[str], None]


class Zoo:
    """The targets that installed packages pin, those that this machine trained, and those in the user's data folder.

    Weights that a package pins and does not bring are looked for beside the others: first here, then in the data folder.

    Listing them imports no plugin. Finding, training and loading one imports its model into this process: a referee's, or that
    of the rules' plugins, never the one that keeps the results.

    Args:
        catalogue: where models come from, and the folders that packages bring.
        zoo_dir: where targets trained here are kept; made when the first one is.
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:N``: where targets are trained and loaded to.
        data_dir: the user's data folder, or None. The folder ``targets`` in it is read like the zoo's own, and never written.
    """

    def __init__(
        self, catalogue: Catalogue, zoo_dir: Path, device: str = "auto", *, data_dir: Path | None = None
    ) -> None:
        self._catalogue, self._device = catalogue, device
        own = [zoo_dir]
        if data_dir is not None and data_targets(data_dir).resolve() != zoo_dir.resolve():
            own.append(data_targets(data_dir))
        pinned = [TargetFolder(path, pinned=True, others=own) for path in catalogue.target_folders]
        mine, *others = (TargetFolder(path, pinned=False) for path in own)
        self._mine, self._folders = mine, [*pinned, mine, *others]

    def specs(self) -> list[TargetSpec]:
        """Return the targets that installed packages name, trained or not."""
        return [spec for folder in self._folders for spec in folder.targets]

    def records(self) -> list[TargetRecord]:
        """Return every target that was trained: the pinned ones first, whose weights need not be here."""
        return [record for folder in self._folders for record in folder.records()]

    def recipe(self, name: str) -> Recipe:
        """Return a recipe by name.

        Raises:
            UnknownNameError: there is none.
        """
        recipes = {key: recipe for folder in reversed(self._folders) for key, recipe in folder.recipes.items()}
        if name not in recipes:
            raise UnknownNameError("recipe", name, recipes)
        return recipes[name]

    def find(self, spec: TargetSpec, dataset_hash: str) -> TargetRecord | None:
        """Return the target that was trained as ``spec`` says on the data of that hash.

        The pinned one comes first. Where its weights are nowhere, one that the user trained takes its place; another package's
        never does.
        """
        wanted = self._made_of(spec, dataset_hash)
        found = [record for record in self.records() if record.made_of() == wanted]
        choice = [*found[:1], *(record for record in found[1:] if not record.pinned)]
        return next((record for record in choice if record.path.is_file()), found[0] if found else None)

    def ensure(self, spec: TargetSpec, images: ImageSet, report: Report) -> TargetRecord:
        """Return the target, training it where it is missing: once, however many processes ask at the same time.

        Args:
            spec: the target.
            images: its data set.
            report: is given lines before, during and after training.

        Raises:
            TargetError: the zoo's folder cannot be written; or the target's weights are not there, or not what is pinned.
            NotApplicable: its model cannot take these images.
        """
        found = self.find(spec, images.digest)
        if found is not None:
            verified(found)
            return found
        with self._lock(report):
            return self.find(spec, images.digest) or self._train(spec, images, report)

    def check(self, spec: TargetSpec, images: ImageSet) -> None:
        """Build the target's network, untrained.

        Raises:
            NotApplicable: its model cannot take these images.
            PluginError: its model gives no logits, or weights that are trained.
        """
        import torch

        with torch.random.fork_rng(devices=[]):
            self._check(self._model(spec)[0], images, self.recipe(spec.recipe))

    def rebuild(self, spec: TargetSpec, images: ImageSet, report: Report) -> TargetRecord:
        """Train the target anew by its recipe, whatever there is already, and keep it in the zoo's folder.

        A training that was killed goes on behind its last epoch.
        """
        with self._lock(report):
            return self._train(spec, images, report)

    def load(self, record: TargetRecord) -> nn.Module:
        """Load a target and verify its weights; see ``load_target``. It lies on the zoo's device."""
        return load_target(record, lambda: self._build(record.model, record), choose_device(self._device))

    def _model(self, spec: TargetSpec) -> tuple[str, int]:
        parsed = Spec.parse(spec.model)
        row = self._catalogue.get("model", parsed.name)
        return resolve_here(row, parsed).spec, row.version

    def _made_of(self, spec: TargetSpec, dataset_hash: str) -> tuple[object, ...]:
        """Return all that decides a target's weights, as its record has it."""
        return (dataset_hash, *self._model(spec), self.recipe(spec.recipe), spec.seed, spec.holdout)

    def _build(self, model: str, like: TargetRecord | ImageSet) -> nn.Module:
        plugin = create_spec(self._catalogue, "model", model)
        assert isinstance(plugin, Model)
        network = build_network(plugin, like.shape, like.classes)
        check_logits(plugin.name, network, like.shape, like.classes)
        return network

    def _check(self, model: str, images: ImageSet, recipe: Recipe) -> None:
        """Build a network, and refuse one that a recipe cannot take."""
        check_weights(model, lambda: self._build(model, images), trains=recipe.epochs > 0)

    def _train(self, spec: TargetSpec, images: ImageSet, report: Report) -> TargetRecord:
        import torch
        from safetensors.torch import save

        from benchbox.images.row_tensor import as_read
        from benchbox.target.zoo.accuracy import test_accuracy

        recipe, device = self.recipe(spec.recipe), choose_device(self._device)
        model, version = self._model(spec)
        self._check(model, images, recipe)
        rows = target_rows(spec.holdout, len(images.train), draw=spec.seed, where=f"target '{spec.name}'")

        def build() -> nn.Module:
            network = self._build(model, images)
            passes = recipe.passes(len(rows))
            training = f"training target '{spec.name}' on {len(rows)} images for {passes} epochs, once"
            report(training if passes else f"taking target '{spec.name}' with the weights that its model brings")
            return network

        making = repr((*self._made_of(spec, images.digest), torch.__version__, device.type)).encode()
        state = self._mine.path / f".{_file_name(spec)}-{hashlib.sha256(making).hexdigest()[:12]}.state"
        network = train_target(
            build,
            as_read(images.train, rows),
            torch.from_numpy(images.train.labels[rows]),
            recipe,
            seed=spec.seed,
            device=device,
            state=state,
            report=report,
        )
        content = save({name: tensor.cpu().contiguous() for name, tensor in network.state_dict().items()})
        record = self._record(spec, images, recipe, model, version, content, test_accuracy(network, images, device))
        write_whole(record.path, content)
        self._mine.add(record)
        state.unlink(missing_ok=True)
        report(f"target '{spec.name}': {record.accuracy:.2%} of {record.n_test} test images, kept in {record.path}")
        return record

    def _record(
        self,
        spec: TargetSpec,
        images: ImageSet,
        recipe: Recipe,
        model: str,
        version: int,
        content: bytes,
        accuracy: float,
    ) -> TargetRecord:
        sha256 = hashlib.sha256(content).hexdigest()
        return TargetRecord(
            name=spec.name,
            dataset=spec.dataset,
            dataset_hash=images.digest,
            model=model,
            model_version=version,
            recipe_name=spec.recipe,
            recipe=recipe,
            seed=spec.seed,
            holdout=spec.holdout,
            sha256=sha256,
            accuracy=accuracy,
            n_test=len(images.test),
            classes=images.classes,
            shape=images.shape,
            path=self._mine.path / f"{_file_name(spec)}-{sha256[:12]}.safetensors",
        )

    @contextmanager
    def _lock(self, report: Report) -> Iterator[None]:
        from filelock import FileLock, Timeout

        folder = self._mine.path
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / ".lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                report(f"waiting for another process that trains a target in {folder}")
                lock.acquire()
        except OSError as error:
            raise TargetError(f"the target folder {folder} cannot be written: {error.strerror or error}") from None
        try:
            yield
        finally:
            lock.release()


def _file_name(spec: TargetSpec) -> str:
    return "".join(c if c.isalnum() or c in "-_.=+" else "-" for c in spec.name)
