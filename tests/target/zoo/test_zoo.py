from __future__ import annotations

import json
import math
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from benchbox.errors import NotApplicable, PluginError, TargetError, UnknownNameError
from benchbox.images import ImageSet
from benchbox.images.rows import everything
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo

SQUASHED = """
from math import prod
from benchbox.contracts import Model


class Squashed(Model):
    name = "squashed"

    def build(self, shape, classes):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), classes), nn.Softmax(1))
"""


BROUGHT = """
from math import prod
from benchbox.contracts import Model


class Brought(Model):
    name = "brought"

    def build(self, shape, classes):
        import torch
        from torch import nn

        network = nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), classes))
        kept = torch.linspace(-1, 1, prod(shape) * classes).reshape(classes, -1)
        network.load_state_dict({"1.weight": kept, "1.bias": torch.zeros(classes)})
        return network
"""

REMOTE = """
from benchbox.contracts import Model


class Remote(Model):
    name = "remote"

    def build(self, shape, classes):
        from torch import nn

        return nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(classes))
"""


class Lines(list[str]):
    """Collects what a zoo reports."""

    def __call__(self, line: str) -> None:
        self.append(line)

    @property
    def trainings(self) -> int:
        return sum(line.startswith("training") for line in self)


@pytest.fixture
def said() -> Lines:
    return Lines()


@pytest.fixture
def zoo(catalogue: Catalogue, tmp_path: Path) -> Zoo:
    return Zoo(catalogue, tmp_path / "zoo", "cpu")


@pytest.fixture
def spec(zoo: Zoo) -> TargetSpec:
    return zoo.specs()[0]


@pytest.fixture
def record(zoo: Zoo, spec: TargetSpec, images: ImageSet) -> TargetRecord:
    return zoo.ensure(spec, images, lambda line: None)


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


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_images_that_the_model_cannot_take_are_no_target(
    way: str, zoo: Zoo, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    order = spec.model_copy(update={"model": "conv4"})
    with pytest.raises(NotApplicable, match=r"model 'conv4' cannot take images of shape \(1, 6, 6\)"):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said
    zoo.check(spec, images)


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_a_network_that_ends_in_a_softmax_is_no_target(
    way: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    path = tmp_path / "squashed.py"
    path.write_text(SQUASHED)
    zoo = Zoo(Catalogue.discover([path]), tmp_path / "zoo", "cpu")
    order = spec.model_copy(update={"model": "squashed"})
    with pytest.raises(PluginError, match=r"^model 'squashed' builds a network that ends in a softmax"):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said.trainings
    assert not list((tmp_path / "zoo").glob("*.safetensors"))


@pytest.mark.parametrize("way", ["ensure", "check"])
def test_a_model_that_brings_trained_weights_is_no_recipe_s(
    way: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, said: Lines
) -> None:
    path = tmp_path / "brought.py"
    path.write_text(BROUGHT)
    zoo = Zoo(Catalogue.discover([path]), tmp_path / "zoo", "cpu")
    order = spec.model_copy(update={"model": "brought"})
    with pytest.raises(
        PluginError, match=r"^model 'brought' builds the same weights under every seed.*--target WEIGHTS"
    ):
        zoo.ensure(order, images, said) if way == "ensure" else zoo.check(order, images)
    assert not said.trainings


@pytest.mark.parametrize("recipe", ["standard", "ready"])
def test_a_network_without_weights_is_no_recipe_s(
    recipe: str, tmp_path: Path, spec: TargetSpec, images: ImageSet, catalogue: Catalogue, said: Lines
) -> None:
    path = tmp_path / "remote.py"
    path.write_text(REMOTE)
    remote = Catalogue.discover([path])
    remote.target_folders = catalogue.target_folders
    zoo = Zoo(remote, tmp_path / "zoo", "cpu")
    with pytest.raises(
        PluginError, match=r"^model 'remote' builds a network without weights.*--target MODULE:FUNCTION"
    ):
        zoo.ensure(spec.model_copy(update={"model": "remote", "recipe": recipe}), images, said)
    assert not said.trainings


def test_a_recipe_without_epochs_takes_a_model_that_brings_trained_weights_as_it_is(
    tmp_path: Path, spec: TargetSpec, images: ImageSet, catalogue: Catalogue, said: Lines
) -> None:
    path = tmp_path / "brought.py"
    path.write_text(BROUGHT)
    brought = Catalogue.discover([path])
    brought.target_folders = catalogue.target_folders
    zoo = Zoo(brought, tmp_path / "zoo", "cpu")
    order = spec.model_copy(update={"model": "brought", "recipe": "ready"})
    record = zoo.ensure(order, images, said)
    assert not said.trainings
    assert torch.equal(zoo.load(record).state_dict()["1.weight"].flatten(), torch.linspace(-1, 1, 72))
    with pytest.raises(PluginError, match="model 'dnn5' brings no trained weights, and this recipe has 0 epochs"):
        zoo.ensure(spec.model_copy(update={"recipe": "ready"}), images, said)


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


@pytest.mark.parametrize(
    "text", ["{", '{"targets": [{"name": 1}]}', "[]", '{"targets": [1]}', '{"targets": {}}', "[" * 100_000]
)
def test_a_broken_manifest_is_named(zoo: Zoo, record: TargetRecord, text: str) -> None:
    manifest = record.path.parent / "manifest.json"
    manifest.write_text(text)
    with pytest.raises(TargetError, match=r"manifest\.json is not a manifest of targets"):
        zoo.records()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"accuracy": 97.0}, "accuracy: Input should be less than or equal to 1"),
        ({"accuracy": -0.1}, "accuracy: Input should be greater than or equal to 0"),
        ({"accuracy": math.nan}, "accuracy: Input should be"),
        ({"accuracy": "0.97"}, "accuracy: Input should be a valid number"),
        ({"n_test": 0}, "n_test: Input should be greater than or equal to 1"),
        ({"classes": -10}, "classes: Input should be greater than or equal to 1"),
        ({"holdout": -1}, "holdout: Input should be greater than or equal to 0"),
        ({"file": "../secret.safetensors"}, "file '../secret.safetensors' is not the name of a file in this folder"),
        ({"file": "/etc/passwd"}, "is not the name of a file in this folder"),
        ({"file": "..\\up.safetensors"}, "is not the name of a file in this folder"),
        ({"file": ".."}, "is not the name of a file in this folder"),
        ({"file": None}, "file 'None' is not the name of a file in this folder"),
    ],
)
def test_a_foreign_row_of_a_manifest_is_named(
    zoo: Zoo, record: TargetRecord, changes: dict[str, object], said: str
) -> None:
    manifest = record.path.parent / "manifest.json"
    row = {**record.row(), **changes}
    manifest.write_text(json.dumps({"targets": [record.row(), row]}))
    with pytest.raises(TargetError) as error:
        zoo.records()
    assert f"{manifest} is not a manifest of targets (target 2, '{record.name[:80]}': " in str(error.value)
    assert said in str(error.value)
    assert str(error.value).endswith("); restore it or delete it")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["[recipes", "[recipes.standard]\nepoch = 3\n", "[[targets]]\nmodel = 'dnn5'\n"])
def test_a_malformed_targets_file_is_named(catalogue: Catalogue, tmp_path: Path, text: str) -> None:
    (catalogue.target_folders[0] / "targets.toml").write_text(text)
    with pytest.raises(TargetError, match=r"targets\.toml is malformed: "):
        Zoo(catalogue, tmp_path / "zoo", "cpu").specs()


def test_listing_and_finding_import_no_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from benchbox.registry import Catalogue; from benchbox.target.zoo import Zoo; "
        "zoo = Zoo(Catalogue.discover(), Path('nowhere')); "
        "print(len(zoo.records())); zoo.find(zoo.specs()[0], 'x'); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
