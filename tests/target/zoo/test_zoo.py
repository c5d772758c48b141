from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from zoo_samples import Lines

from benchbox.errors import TargetError, UnknownNameError
from benchbox.images import ImageSet
from benchbox.images.rows import everything
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ({}, "mnist/lenet5"),
        ({"seed": 2, "holdout": 10_000, "recipe": "long"}, "mnist/lenet5+recipe=long+seed=2+holdout=10000"),
    ],
)
def test_a_name_tells_what_differs_from_the_defaults(extra: dict[str, object], name: str) -> None:
    assert TargetSpec.model_validate({"dataset": "mnist", "model": "lenet5", **extra}).name == name


def test_a_missing_target_is_trained_once_and_said_so(
    zoo: Zoo, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    assert zoo.find(spec, images.digest) is None
    first = zoo.ensure(spec, images, said)
    assert said.trainings == 1
    assert zoo.ensure(spec, images, said) == first == zoo.find(spec, images.digest)
    assert said.trainings == 1
    assert zoo.records() == [first]
    assert not first.pinned
    assert first.accuracy == 1.0
    assert (first.n_test, first.classes, first.shape) == (16, 2, (1, 6, 6))


@pytest.mark.parametrize("change", [{"seed": 1}, {"holdout": 8}, {"recipe": "other"}, {"model": "dnn5[]"}])
def test_what_decides_the_weights_makes_another_target(
    zoo: Zoo, record: TargetRecord, spec: TargetSpec, images: ImageSet, change: dict[str, object], said: Lines
) -> None:
    other = zoo.ensure(spec.model_copy(update=change), images, said)
    if "model" in change:
        assert other == record, "the same model in other words"
    else:
        assert other.sha256 != record.sha256
        assert zoo.find(spec, images.digest) == record
    assert zoo.find(spec, "0" * 64) is None, "other data"


def test_a_target_never_sees_what_was_held_out(
    zoo: Zoo, spec: TargetSpec, images: ImageSet, said: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def trained(build: object, x: torch.Tensor, *args: object, **options: object) -> torch.nn.Module:
        seen.append(len(x))
        return build()  # type: ignore[operator,no-any-return]

    monkeypatch.setattr("benchbox.target.zoo.zoo.train_target", trained)
    zoo.ensure(spec.model_copy(update={"holdout": 8}), images, said)
    assert seen == [40]


def test_the_same_seed_rebuilds_the_same_bytes(
    zoo: Zoo, record: TargetRecord, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    assert zoo.rebuild(spec, images, said).sha256 == record.sha256
    assert said.trainings == 1
    assert len(zoo.records()) == 1


def test_a_loaded_target_has_the_accuracy_of_its_record(zoo: Zoo, record: TargetRecord, images: ImageSet) -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    network = zoo.load(record)
    assert torch.equal(torch.get_rng_state(), before)
    assert not network.training
    predicted = network(torch.from_numpy(everything(images.test)).float() / 255).argmax(1)
    assert (predicted.numpy() == images.test.labels).mean() == record.accuracy


def test_weights_are_verified_at_every_load(zoo: Zoo, record: TargetRecord) -> None:
    zoo.load(record)
    content = bytearray(record.path.read_bytes())
    content[-1] ^= 1
    record.path.write_bytes(content)
    with pytest.raises(TargetError, match=rf"{record.path.name} was changed: .*{record.sha256[:12]}.* --train"):
        zoo.load(record)
    record.path.unlink()
    with pytest.raises(TargetError, match=rf"{record.path.name} cannot be read"):
        zoo.load(record)


def test_weights_of_another_architecture_are_refused(zoo: Zoo, record: TargetRecord) -> None:
    with pytest.raises(TargetError, match=r"do not fit model 'dnn5'"):
        zoo.load(record.model_copy(update={"classes": 3}))


def test_two_at_once_train_once(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, tmp_path: Path, said: Lines
) -> None:
    found: list[TargetRecord] = []

    def ask() -> None:
        found.append(Zoo(catalogue, tmp_path / "zoo", "cpu").ensure(spec, images, said))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len({record.sha256 for record in found}) == 1
    assert said.trainings == 1
    assert [path.suffix for path in (tmp_path / "zoo").glob("*-*")] == [".safetensors"], "no part files are left"


def test_a_folder_that_cannot_be_written_is_named(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TargetError, match=r"target folder .*file.zoo cannot be written"):
        Zoo(catalogue, tmp_path / "file" / "zoo", "cpu").ensure(spec, images, print)


def test_an_unknown_recipe_names_the_nearest(zoo: Zoo, spec: TargetSpec, images: ImageSet) -> None:
    with pytest.raises(UnknownNameError, match="no recipe 'standart'; did you mean 'standard'"):
        zoo.ensure(spec.model_copy(update={"recipe": "standart"}), images, print)


def test_listing_and_finding_import_no_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from benchbox.registry import Catalogue; from benchbox.target.zoo import Zoo; "
        "zoo = Zoo(Catalogue.discover(), Path('nowhere')); "
        "print(len(zoo.records())); zoo.find(zoo.specs()[0], 'x'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
