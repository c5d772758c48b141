"""Weights that torchvision publishes, found in a data folder; nothing here is downloaded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torchvision.models import get_model

from benchbox.cli import main
from benchbox.contracts import Access
from benchbox.errors import BenchboxError, OptionError, TargetError, UnknownNameError
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources import LocalSources
from benchbox.target.given import published
from benchbox.target.given.gift import read_gift
from benchbox.target.given.published import as_file, url_of

DATASET = "imagenet-sample[resize=64,crop=64]"


@pytest.fixture
def content() -> bytes:
    torch.manual_seed(0)
    file = io.BytesIO()
    torch.save(get_model("squeezenet1_1", num_classes=1000).state_dict(), file)
    return file.getvalue()


@pytest.fixture
def root(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a sample of ImageNet and the file of weights that torchvision is made to publish."""
    name = f"squeezenet-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    monkeypatch.setattr(published, "url_of", lambda architecture, weights: f"https://weights.invalid/models/{name}")
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    for wnid in ("n01440764", "n03127925", "n15075141"):
        (tmp_path / "data" / "imagenet-sample" / wnid).mkdir(parents=True)
        for i in range(4):
            noise = rng.integers(0, 256, (70, 80, 3), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / "data" / "imagenet-sample" / wnid / f"{i}.JPEG")
    (tmp_path / "data" / "checkpoints").mkdir()
    (tmp_path / "data" / "checkpoints" / name).write_bytes(content)
    return tmp_path / "data"


def weights(root: Path) -> Path:
    [file] = (root / "checkpoints").iterdir()
    return file


def test_they_are_opened_as_torchvision_does_with_the_normalisation_inside(root: Path, content: bytes) -> None:
    catalogue = Catalogue.discover()
    place = Place(data_dir=root, zoo_dir=root / "zoo", device="cpu")
    sources = LocalSources(catalogue, place, train=True, report=lambda line: None)
    record = sources.given(read_gift("SqueezeNet1_1@IMAGENET1K_V1"), DATASET)
    catalogue.close()
    assert record is not None
    assert (record.gift.form, record.gift.place) == ("weights", str(weights(root)))
    assert (record.file_sha256, record.access) == (hashlib.sha256(content).hexdigest(), Access.PROBABILITIES)
    network = get_model("squeezenet1_1", num_classes=1000).eval()
    network.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
    images = sources._load(DATASET)
    test = torch.from_numpy(images.test.rows(np.arange(len(images.test)))).float() / 255
    mean, std = (torch.tensor(v)[:, None, None] for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    said = network((test - mean) / std).softmax(1)
    assert list(record.probe.labels) == said.argmax(1).tolist()
    np.testing.assert_allclose(record.probe.probabilities, said.detach().numpy(), atol=1e-3)


def test_a_file_of_torchvisions_weights_is_given_with_its_architecture(root: Path) -> None:
    catalogue = Catalogue.discover()
    sources = LocalSources(catalogue, Place(data_dir=root, zoo_dir=root / "zoo"), train=True, report=lambda line: None)
    file = read_gift(str(weights(root)), model="torchvision:squeezenet1_1")
    records = [sources.given(gift, DATASET) for gift in (file, read_gift("squeezenet1_1@imagenet1k_v1"))]
    catalogue.close()
    assert records[0] is not None and records[1] is not None
    assert records[0].probe == records[1].probe


def test_the_listing_knows_them_once_they_were_measured(root: Path) -> None:
    def targets(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["targets", *arguments])
        assert result.exit_code == 0, result.output
        return next((line for line in result.stdout.splitlines() if line.startswith("shop ")), "")

    targets("add", "shop", "squeezenet1_1@imagenet1k_v1")
    assert targets("--data-dir", str(root)).endswith("not asked yet")
    targets("add", "shop", "squeezenet1_1@imagenet1k_v1", "--dataset", DATASET, "--data-dir", str(root))
    assert targets("--data-dir", str(root)).split()[1].endswith("%")
    weights(root).unlink()
    assert "there is no squeezenet-" in targets("--data-dir", str(root))


def test_a_file_that_is_not_what_its_name_says_is_refused(root: Path) -> None:
    file = weights(root)
    file.write_bytes(file.read_bytes()[:-1])
    gift = read_gift("squeezenet1_1@imagenet1k_v1")
    with pytest.raises(TargetError, match=r"squeezenet-\w+\.pth is truncated or another file: its sha256 is"):
        as_file(gift, Place(data_dir=root, zoo_dir=root))
    file.unlink()
    with pytest.raises(
        TargetError, match=r"there is no squeezenet-.*; add --download, or fetch https://weights\.invalid"
    ):
        as_file(gift, Place(data_dir=root, zoo_dir=root))
    with pytest.raises(TargetError, match="set --data-dir or BENCHBOX_DATA to the folder with squeezenet"):
        as_file(gift, Place(zoo_dir=root))


def test_they_are_fetched_where_the_user_says_so_and_held_against_their_hash(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, whole = weights(root).name, weights(root).read_bytes()
    weights(root).unlink()
    asked: list[str] = []

    def fetch(url: str, path: str, hash_prefix: str, progress: bool) -> None:
        asked.append(f"{url} {hash_prefix}")
        Path(path).write_bytes(whole)

    monkeypatch.setattr(torch.hub, "download_url_to_file", fetch)
    place = Place(data_dir=root, zoo_dir=root, download=True)
    found = as_file(read_gift("squeezenet1_1@imagenet1k_v1"), place)
    assert found.place == str(root / "checkpoints" / name)
    assert asked == [f"https://weights.invalid/models/{name} {name[11:19]}"]

    def refused(*_: object, **__: object) -> None:
        raise OSError("no network")

    weights(root).unlink()
    monkeypatch.setattr(torch.hub, "download_url_to_file", refused)
    with pytest.raises(TargetError, match=r"could not be downloaded to .*checkpoints: no network"):
        as_file(read_gift("squeezenet1_1@imagenet1k_v1"), place)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("resnet151@imagenet1k_v1", "there is no torchvision architecture 'resnet151'; did you mean 'resnet152'"),
        ("resnet152@imagenet1k_v7", "there is no weights of resnet152 'imagenet1k_v7'; did you mean 'imagenet1k_v2'"),
    ],
)
def test_unknown_names_say_the_nearest(text: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        url_of(*text.split("@"))


def test_every_published_file_says_its_hash() -> None:
    assert url_of("inception_v3", "imagenet1k_v1").endswith("inception_v3_google-0cc3c7bd.pth")
    assert url_of("resnet152", "imagenet1k_v2").endswith("resnet152-f82ba261.pth")


@pytest.mark.parametrize("options", [{"model": "lenet5"}, {"send": "uint8"}, {"rate": 3.0}])
def test_options_that_say_nothing_of_published_weights_are_refused(options: dict[str, object]) -> None:
    with pytest.raises((OptionError, BenchboxError), match=r"resnet152.imagenet1k_v1"):
        read_gift("resnet152@imagenet1k_v1", **options)  # type: ignore[arg-type]
