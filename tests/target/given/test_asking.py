"""Opening, reading and pinning what an owner gives."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import given_toys
import numpy as np
import pytest
import torch

from benchbox.contracts import Access
from benchbox.errors import TargetError
from benchbox.images import ImageSet
from benchbox.images.rows import everything
from benchbox.place import Place
from benchbox.registry import Catalogue
from benchbox.sources.given import pinned
from benchbox.target.given import GivenRecord, read_gift
from benchbox.target.opening import open_target

CPU = torch.device("cpu")


class Lines(list[str]):
    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The owner's code, importable from the current folder alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    given_toys.write_code(tmp_path, "owners")
    yield "owners"
    sys.modules.pop("owners", None)


@pytest.fixture
def pin(images: ImageSet, catalogue: Catalogue, tmp_path: Path) -> Callable[..., GivenRecord]:
    """Return a function that pins what a user names."""

    def pin(place: str, *, said: Lines | None = None, **options: Any) -> GivenRecord:
        where = Place(device="cpu", zoo_dir=tmp_path / "zoo")
        report = (lambda line: None) if said is None else said
        record = pinned(read_gift(place, **options), images, catalogue, where, ask=True, report=report)
        assert record is not None
        return record

    return pin


Pin = Callable[..., GivenRecord]


def answers(record: GivenRecord, images: ImageSet) -> torch.Tensor:
    """Return the probabilities that a referee would get for the test images."""
    test = torch.from_numpy(everything(images.test)).float() / 255
    return open_target(record, None, CPU).answer(test, Access.PROBABILITIES)


def wanted(images: ImageSet) -> torch.Tensor:
    with torch.no_grad():
        return given_toys.network()(torch.from_numpy(everything(images.test)).float() / 255).softmax(1)


@pytest.mark.parametrize(
    "form", ["plain", "checkpoint", "parallel", "safetensors", "torchscript", "squashed", "exported"]
)
def test_every_file_answers_as_its_network_does(form: str, module: str, pin: Pin, images: ImageSet) -> None:
    from safetensors.torch import save_file

    state, example, options = given_toys.network().state_dict(), (torch.rand(3, 1, 6, 6),), {"model": f"{module}:Net"}
    match form:
        case "plain":
            torch.save(state, "net.pt")
        case "checkpoint":
            torch.save({"epoch": 3, "state_dict": state}, "net.pt")
        case "parallel":
            torch.save({f"module.{name}": tensor for name, tensor in state.items()}, "net.pt")
        case "safetensors":
            save_file(state, "net.safetensors")
        case _:
            options, network = {}, given_toys.Squashed().eval() if form == "squashed" else given_toys.network()
            if form == "exported":  # for batches of three alone: it is asked in parts of three
                torch.export.save(torch.export.export(network, example), "net.pt")
            else:
                torch.jit.trace(network, example).save("net.pt")  # type: ignore[no-untyped-call]
    record = pin("net.safetensors" if form == "safetensors" else "net.pt", **options)
    assert record.accuracy == 1.0
    assert record.reading.scale == ("probabilities" if form == "squashed" else "logits")
    assert torch.allclose(answers(record, images), wanted(images), atol=1e-6)


@pytest.mark.parametrize(
    ("function", "options", "access"),
    [
        ("labels", {}, Access.LABEL),
        ("bytes_only", {"send": "uint8"}, Access.LABEL),
        ("words", {"classes": ["dark", "bright"]}, Access.LABEL),
        ("shares", {}, Access.PROBABILITIES),
    ],
)
def test_functions_answer_labels_words_or_rounded_probabilities(
    function: str, options: dict[str, Any], access: Access, module: str, pin: Pin, images: ImageSet
) -> None:
    record = pin(f"{module}:{function}", **options)
    assert (record.accuracy, record.access) == (1.0, access)
    assert (answers(record, images).argmax(1).numpy() == images.test.labels).all()


def test_classes_in_another_order_are_mapped(module: str, pin: Pin, images: ImageSet) -> None:
    torch.save(given_toys.network().state_dict(), "net.pt")
    said = Lines()
    swapped = pin("net.pt", model=f"{module}:Net", classes=["1", "0"], said=said)
    assert swapped.accuracy == 0.0
    assert any("--classes" in line for line in said)
    assert torch.allclose(answers(swapped, images), wanted(images).flip(1), atol=1e-6)


@pytest.mark.parametrize(
    ("place", "options", "said"),
    [
        ("owners:fails", {}, r"cannot take images of shape \(1, 6, 6\): KeyError: 'no such layer'"),
        ("owners:leaves", {}, r"cannot take images of shape \(1, 6, 6\): SystemExit: no licence"),
        ("owners:label", {}, r"owners has no 'label'; did you mean 'labels'\?"),
        ("nobodys:f", {}, "'nobodys' cannot be imported"),
        ("owners:labels", {"classes": ["a", "b", "c"]}, "--classes names 3 classes, and data set .* has 2"),
        ("owners:nothing", {}, "gives values that are no finite numbers"),
        ("owners:words", {}, "says 'dark', which is no class of the data; --classes names its labels"),
        ("owners:words", {"classes": ["dark", "light"]}, "says 'bright', which is no class of the data"),
        ("wide.pt", {}, "gives 5 values for an image, and data set .* has 2 classes; --classes says"),
        ("wide.pt", {"classes": ["0", "7"]}, "gives 5 values for an image; --classes should name these, 0 to 4"),
        ("large.pt", {}, r"cannot take images of shape \(1, 6, 6\)"),
        ("net.pt", {"model": "owners:needs"}, "expected a function without arguments that returns the network"),
        ("net.pt", {"model": "owners:leaves"}, "no licence"),
        ("net.pt", {"model": "dnn5"}, "do not fit dnn5: RuntimeError"),
        ("code.pt", {"model": "owners:Net"}, "is no state dict"),
        ("numbered.pt", {"model": "owners:Net"}, "holds no state dict"),
    ],
)
def test_what_does_not_fit_the_images_is_one_sentence(
    place: str, options: dict[str, Any], said: str, module: str, pin: Pin
) -> None:
    torch.save(given_toys.network().state_dict(), "net.pt")
    torch.save({0: torch.zeros(1)}, "numbered.pt")
    torch.save(given_toys.network(), "code.pt")  # a pickle of objects, which would run code
    for name, shape in {"wide": (36, 5), "large": (49, 2)}.items():
        network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(*shape))
        torch.jit.trace(network, (torch.rand(2, shape[0]),)).save(f"{name}.pt")  # type: ignore[no-untyped-call]
    with pytest.raises(TargetError, match=said):
        pin(place, **options)


def test_a_file_that_changed_is_another_target_and_said_so(module: str, pin: Pin, images: ImageSet) -> None:
    said, network = Lines(), given_toys.network()
    torch.save(network.state_dict(), "net.pt")
    before = pin("net.pt", model=f"{module}:Net", said=said)
    said.clear()
    assert pin("net.pt", model=f"{module}:Net", said=said) == before
    assert not said, "what did not change is not opened"
    with torch.no_grad():
        network[1].bias.neg_()  # type: ignore[union-attr,index]
    torch.save(network.state_dict(), "net.pt")
    with pytest.raises(TargetError, match="changed since the run was planned"):
        open_target(before, None, CPU)
    after = pin("net.pt", model=f"{module}:Net", said=said)
    assert after.sha256 != before.sha256
    assert "is another one than on" in said[0]


def test_a_function_is_asked_the_probe_at_every_run(module: str, pin: Pin, images: ImageSet, tmp_path: Path) -> None:
    said = Lines()
    before = pin(f"{module}:labels", said=said)
    del sys.modules[module]
    given_toys.write_code(tmp_path, module, split=0.45)  # another source, and the same answers
    same = pin(f"{module}:labels", said=said)
    assert same.sha256 == before.sha256
    assert (answers(same, images).argmax(1).numpy() == images.test.labels).all()
    del sys.modules[module]
    given_toys.write_code(tmp_path, module, split=2)
    after = pin(f"{module}:labels", said=said)
    assert after.sha256 != before.sha256
    assert after.accuracy == 0.5
    assert any("it answers otherwise, and 8 of 16 images" in line for line in said)


def test_modules_of_one_name_in_two_projects_are_two_targets(module: str, pin: Pin, tmp_path: Path) -> None:
    said, before = Lines(), pin(f"{module}:labels")
    (tmp_path / "other").mkdir()
    given_toys.write_code(tmp_path / "other", module, split=2)
    del sys.modules[module]
    sys.path.insert(0, str(tmp_path / "other"))
    other = pin(f"{module}:labels", said=said)
    assert other.sha256 != before.sha256
    assert not any("is another one" in line for line in said)
    del sys.modules[module]
    sys.path.remove(str(tmp_path / "other"))
    assert pin(f"{module}:labels").sha256 == before.sha256


def test_a_dry_run_asks_nobody(images: ImageSet, catalogue: Catalogue, module: str, tmp_path: Path) -> None:
    where = Place(device="cpu", zoo_dir=tmp_path / "zoo")
    gift = read_gift(f"{module}:fails")
    assert pinned(gift, images, catalogue, where, ask=False, report=print) is None


def test_no_image_is_asked_twice_of_what_may_cost(module: str, pin: Pin) -> None:
    record = pin(f"{module}:labels")
    asked: list[int] = []

    def count(images: Any) -> Any:
        asked.append(len(images))
        return np.zeros(len(images), dtype=int)

    sys.modules[module].labels = count  # type: ignore[attr-defined]
    open_target(record, None, CPU).answer(torch.rand(70, 1, 6, 6), Access.LABEL)
    assert sum(asked) == 70
