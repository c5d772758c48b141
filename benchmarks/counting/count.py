"""What query attacks of other libraries spend, counted at the target: ``python benchmarks/counting/count.py [--write]``.

Each attack is used as its documentation shows, on the same test images of one pinned target, which stands behind benchbox's own
meter. Square's radius is one at which few images are solved, so that its budget is spent. Beside what the meter counted stands
what a reader takes from the library: its parameters, since none reports a number.
With ``--write`` the table is put into ``docs/counting.md``. Needs ``benchmarks/counting/requirements.txt``.
"""

from __future__ import annotations

import argparse
import logging
import math
import tempfile
import warnings
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from tabulate import tabulate
from torch import Tensor, nn

from benchbox.contracts import Access
from benchbox.images import load_images
from benchbox.images.rows import everything
from benchbox.registry import Catalogue, create_spec
from benchbox.seeds import reseed
from benchbox.target.meter import MeteredOracle
from benchbox.target.zoo import TargetSpec, Zoo

PAGE = Path(__file__).parents[2] / "docs" / "counting.md"
MARKS = ("<!-- counted -->", "<!-- end -->")
IMAGES = 10
Play = Callable[["Metered", Tensor, Tensor], object]


class Metered(nn.Module):
    """The target as a network that libraries take for their own: each image that goes in is counted.

    Args:
        target: gives logits.
        probabilities: whether it answers with probabilities, in place of their logarithms.
    """

    def __init__(self, target: nn.Module, shape: tuple[int, int, int], *, probabilities: bool = False) -> None:
        super().__init__()

        def answer(images: Tensor, _: Access) -> Tensor:
            return target(images).softmax(1)

        self.oracle = MeteredOracle(answer, Access.PROBABILITIES, 10**9, shape, "a library")
        self._probabilities = probabilities

    def forward(self, images: Tensor) -> Tensor:
        answers = self.oracle.query(images)
        return answers if self._probabilities else answers.clamp_min(1e-12).log()


@dataclass(frozen=True)
class Row:
    """An attack as people use it.

    Attributes:
        settings: as the call writes them; what is not named is the library's default.
        says: queries an image that the parameters promise.
        reading: how that number follows from them.
        probabilities: whether the class asks for a model that answers with probabilities.
    """

    library: str
    attack: str
    settings: str
    says: int
    reading: str
    play: Play
    probabilities: bool = False


def art(name: str, **settings: object) -> Play:
    """Return an attack of ART on a classifier made as its README shows."""

    def play(model: Metered, images: Tensor, labels: Tensor) -> object:
        from art.attacks import evasion
        from art.estimators.classification import PyTorchClassifier

        classifier = PyTorchClassifier(
            model=model,
            loss=nn.CrossEntropyLoss(),
            input_shape=tuple(images.shape[1:]),
            nb_classes=10,
            clip_values=(0.0, 1.0),
            device_type="cpu",
        )
        one_hot = nn.functional.one_hot(labels, 10).numpy()  # its SimBA takes no other labels
        return getattr(evasion, name)(classifier, verbose=False, **settings).generate(x=images.numpy(), y=one_hot)

    return play


def foolbox(name: str, epsilon: float | None = None, **settings: object) -> Play:
    """Return an attack of foolbox."""

    def play(model: Metered, images: Tensor, labels: Tensor) -> object:
        import foolbox as fb

        wrapped = fb.PyTorchModel(model, bounds=(0, 1), device="cpu")
        return getattr(fb.attacks, name)(**settings)(
            wrapped, images, fb.criteria.Misclassification(labels), epsilons=epsilon
        )

    def targeted(model: Metered, images: Tensor, labels: Tensor) -> object:
        import foolbox as fb

        wrapped = fb.PyTorchModel(model, bounds=(0, 1), device="cpu")
        goal = fb.criteria.TargetedMisclassification((labels + 1) % 10)
        return getattr(fb.attacks, name)(**settings)(wrapped, images, goal, epsilons=epsilon)

    return targeted if name == "GenAttack" else play  # it knows targeted goals alone


def torchattacks(name: str, **settings: object) -> Play:
    """Return an attack of torchattacks."""

    def play(model: Metered, images: Tensor, labels: Tensor) -> object:
        import torchattacks as ta

        return getattr(ta, name)(model, **settings)(images, labels)

    return play


_HSJA = sum(round(100 * math.sqrt(t)) for t in range(1, 6))
ROWS = (
    Row(
        "ART",
        "SquareAttack",
        "eps=0.03, max_iter=300",
        300,
        "a query an iteration, as in the paper",
        art("SquareAttack", eps=0.03, max_iter=300),
    ),
    Row(
        "ART",
        "HopSkipJump",
        "max_iter=5, init_eval=100",
        _HSJA,
        "100 times the root of the iteration, summed",
        art("HopSkipJump", max_iter=5, init_eval=100),
    ),
    Row(
        "ART",
        "SimBA",
        "attack='px', max_iter=300",
        300,
        "a query an iteration",
        art("SimBA", attack="px", max_iter=300),
        probabilities=True,
    ),
    Row(
        "ART",
        "ZooAttack",
        "max_iter=10, use_resize=False, use_importance=False",
        10 * 128 * 2,
        "two a coordinate, nb_parallel=128 an iteration",
        art("ZooAttack", max_iter=10, use_resize=False, use_importance=False),
    ),
    Row(
        "ART",
        "SignOPTAttack",
        "targeted=False, query_limit=2000",
        2000,
        "its limit for number of queries",
        art("SignOPTAttack", targeted=False, query_limit=2000),
    ),
    Row(
        "ART", "GeoDA", "max_iter=1000", 1000, "the paper's Q_max, here called iterations", art("GeoDA", max_iter=1000)
    ),
    Row(
        "ART",
        "BoundaryAttack",
        "targeted=False, max_iter=20",
        20 * (20 + 20),
        "sample_size=20 for each of two step sizes, one trial an iteration",
        art("BoundaryAttack", targeted=False, max_iter=20),
    ),
    Row(
        "foolbox",
        "HopSkipJumpAttack",
        "steps=5",
        _HSJA,
        "100 times the root of the step, summed",
        foolbox("HopSkipJumpAttack", steps=5),
    ),
    Row("foolbox", "BoundaryAttack", "steps=500", 500, "a query a step", foolbox("BoundaryAttack", steps=500)),
    Row(
        "foolbox",
        "GenAttack",
        "steps=50, population=10, epsilons=0.3",
        500,
        "a population a step",
        foolbox("GenAttack", 0.3, steps=50, population=10),
    ),
    Row(
        "torchattacks",
        "Square",
        "eps=0.03, n_queries=300",
        300,
        "its max number of queries",
        torchattacks("Square", eps=0.03, n_queries=300),
    ),
    Row(
        "torchattacks",
        "SPSA",
        "eps=0.3, nb_iter=5, nb_sample=128",
        5 * 128,
        "nb_sample an iteration",
        torchattacks("SPSA", eps=0.3, nb_iter=5, nb_sample=128),
    ),
    Row(
        "torchattacks",
        "Pixle",
        "restarts=20, max_iterations=10",
        200,
        "an iteration a query, ten a restart",
        torchattacks("Pixle", restarts=20, max_iterations=10),
    ),
)


def main() -> None:
    """Play every row and print the table, or put it into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the table into docs/counting.md")
    write = parser.parse_args().write
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    target, shape, images, labels = _game()
    table = []
    for row in ROWS:
        model = Metered(target, shape, probabilities=row.probabilities)
        reseed(0)
        with tempfile.TemporaryDirectory() as folder, chdir(folder):  # ART's GeoDA writes a file where it stands
            name = f"{row.library} {version(_PACKAGES[row.library])}"
            try:
                row.play(model, images.clone(), labels.clone())
            except AttributeError:  # ART's GeoDA calls what NumPy 2 no longer has
                table.append(
                    [name, f"`{row.attack}`", f"`{row.settings}`", row.says, row.reading, "fails with NumPy 2", None]
                )
                continue
        asked = model.oracle.spent / len(images)
        table.append(
            [name, f"`{row.attack}`", f"`{row.settings}`", row.says, row.reading, round(asked), asked / row.says]
        )
        print(f"{name} {row.attack}: {row.says} said, {asked:.1f} asked", flush=True)
    heads = ["library", "attack", "settings", "said", "how it is said", "asked", "asked / said"]
    text = tabulate(table, heads, "pipe", floatfmt=("", "", "", ",.0f", "", ",.0f", ".2f"), intfmt=",")
    print(text)
    if write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        PAGE.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


_PACKAGES = {"ART": "adversarial-robustness-toolbox", "foolbox": "foolbox", "torchattacks": "torchattacks"}


def _game() -> tuple[nn.Module, tuple[int, int, int], Tensor, Tensor]:
    """Return the target, the shape of an image, and the first test images that the target classifies correctly."""
    catalogue = Catalogue.discover()
    digits = load_images(create_spec(catalogue, "dataset", "digits"), "digits", None)
    zoo = Zoo(catalogue, Path("unused"), "cpu")
    record = zoo.find(TargetSpec(dataset="digits", model="lenet5"), digits.digest)
    assert record is not None
    target = zoo.load(record)
    x, y = torch.from_numpy(everything(digits.test)), torch.from_numpy(digits.test.labels)
    x = x.float() / 255 if x.dtype == torch.uint8 else x.float()
    with torch.no_grad():
        right = (target(x).argmax(1) == y).nonzero().squeeze(1)[:IMAGES]
    return target, digits.shape, x[right], y[right]


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
