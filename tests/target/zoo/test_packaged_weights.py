from __future__ import annotations

import json
from pathlib import Path

import pytest
from zoo_samples import Lines

from benchbox.errors import TargetError
from benchbox.images import ImageSet
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo


def test_pinned_targets_come_first(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, tmp_path: Path, said: Lines
) -> None:
    package = catalogue.target_folders[0]
    Zoo(catalogue, package, "cpu").rebuild(spec, images, said)
    zoo = Zoo(catalogue, tmp_path / "elsewhere", "cpu")
    found = zoo.ensure(spec, images, said)
    assert said.trainings == 1
    assert found.pinned
    assert found.path.parent == package
    assert not (tmp_path / "elsewhere").exists()
    found.path.write_bytes(b"")
    with pytest.raises(TargetError, match="reinstall the package"):
        zoo.load(found)


@pytest.fixture
def unshipped(catalogue: Catalogue, spec: TargetSpec, images: ImageSet, tmp_path: Path) -> TargetRecord:
    """A target that a package pins, whose weights lie in the data folder."""
    package, data = catalogue.target_folders[0], tmp_path / "data"
    record = Zoo(catalogue, package, "cpu").rebuild(spec, images, lambda line: None)
    (data / "targets").mkdir(parents=True)
    return record.model_copy(update={"path": record.path.rename(data / "targets" / record.path.name), "pinned": True})


def test_weights_that_a_package_pins_and_does_not_bring_are_read_in_the_data_folder(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, unshipped: TargetRecord, tmp_path: Path, said: Lines
) -> None:
    zoo = Zoo(catalogue, tmp_path / "zoo", "cpu", data_dir=tmp_path / "data")
    assert zoo.ensure(spec, images, said) == unshipped
    zoo.load(unshipped)
    assert not said
    assert not (tmp_path / "zoo").exists()
    assert [path.name for path in unshipped.path.parent.iterdir()] == [unshipped.path.name], "it is only read"


def test_other_weights_than_those_that_a_package_pins_are_refused(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, unshipped: TargetRecord, tmp_path: Path, said: Lines
) -> None:
    unshipped.path.write_bytes(b"others")
    zoo = Zoo(catalogue, tmp_path / "zoo", "cpu", data_dir=tmp_path / "data")
    with pytest.raises(TargetError) as error:
        zoo.ensure(spec, images, said)
    assert f"its file {unshipped.path} was changed" in str(error.value)
    assert f"{unshipped.sha256[:12]}... is pinned" in str(error.value)
    assert "or remove it and train the target with 'benchbox targets --train " in str(error.value)
    assert not said.trainings


@pytest.mark.parametrize("with_data", [True, False])
def test_missing_weights_are_asked_for_where_they_belong_and_may_be_trained(
    with_data: bool,
    catalogue: Catalogue,
    spec: TargetSpec,
    images: ImageSet,
    unshipped: TargetRecord,
    tmp_path: Path,
    said: Lines,
) -> None:
    unshipped.path.unlink()
    zoo = Zoo(catalogue, tmp_path / "zoo", "cpu", data_dir=tmp_path / "data" if with_data else None)
    with pytest.raises(TargetError) as error:
        zoo.ensure(spec, images, said)
    place = unshipped.path if with_data else tmp_path / "zoo" / unshipped.path.name
    assert f"are not at {place}; put them there, or train the target with 'benchbox targets --train " in str(
        error.value
    )
    assert not said.trainings, "a pinned target is not trained unasked"
    zoo.rebuild(spec, images, said)
    assert zoo.load(zoo.ensure(spec, images, said))


def test_no_other_package_stands_in_for_pinned_weights_that_are_missing(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, unshipped: TargetRecord, tmp_path: Path, said: Lines
) -> None:
    unshipped.path.unlink()
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    (stranger / "weights.safetensors").write_bytes(b"theirs")
    row = {**unshipped.row(), "file": "weights.safetensors", "sha256": "0" * 64}
    (stranger / "manifest.json").write_text(json.dumps({"targets": [row]}))
    catalogue.target_folders.append(stranger)
    with pytest.raises(TargetError, match=f"sha256 {unshipped.sha256[:12]}.* did not come with the package"):
        Zoo(catalogue, tmp_path / "zoo", "cpu").ensure(spec, images, said)


def test_targets_in_the_data_folder_come_after_those_that_were_trained_here(
    catalogue: Catalogue, spec: TargetSpec, images: ImageSet, tmp_path: Path, said: Lines
) -> None:
    data = tmp_path / "data"
    theirs = Zoo(catalogue, data / "targets", "cpu", data_dir=data).rebuild(spec, images, said)
    zoo = Zoo(catalogue, tmp_path / "zoo", "cpu", data_dir=data)
    assert zoo.ensure(spec, images, said) == theirs
    assert said.trainings == 1
    mine = zoo.rebuild(spec, images, said)
    assert mine.path.parent == tmp_path / "zoo"
    assert zoo.find(spec, images.digest) == mine
    assert zoo.records() == [mine, theirs]
    assert Zoo(catalogue, data / "targets", "cpu", data_dir=data).records() == [theirs], "one folder is listed once"
