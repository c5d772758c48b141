"""The targets that ship: what issue and papers ask of them, from the manifest, and their weights, from the files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from benchbox_plugins.datasets.digits import Digits

from benchbox.images import load_images
from benchbox.images.rows import as_float, everything
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, Zoo

LEAST = {
    "digits/lenet5": 0.97,
    "digits/conv4": 0.97,
    "mnist/lenet5": 0.989,
    "mnist/c3f2": 0.992,
    "mnist/dnn5": 0.980,
    "mnist/conv4": 0.991,
    "fashion-mnist/conv4": 0.91,
}
ZOO = Zoo(Catalogue.discover(), Path("nowhere"), "cpu")
RECORDS = {record.name: record for record in ZOO.records()}


@pytest.mark.parametrize("name", LEAST)
def test_a_target_reaches_what_is_asked_of_it(name: str) -> None:
    assert RECORDS[name].accuracy >= LEAST[name]
    assert RECORDS[name].pinned


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_the_weights_are_the_pinned_ones_and_small(record: TargetRecord) -> None:
    assert record.path.stat().st_size < 3_000_000
    network = ZOO.load(record)
    with torch.no_grad():
        assert network(torch.zeros(1, *record.shape)).shape == (1, record.classes)


def test_every_named_target_ships_with_the_recipe_of_today() -> None:
    for spec in ZOO.specs():
        assert RECORDS[spec.name].recipe == ZOO.recipe(spec.recipe)


def test_the_digits_target_has_the_accuracy_that_it_states() -> None:
    images = load_images(Digits(), "digits", None)
    record = RECORDS["digits/lenet5"]
    assert record.dataset_hash == images.digest
    with torch.no_grad():
        predicted = ZOO.load(record)(torch.from_numpy(as_float(everything(images.test)))).argmax(1)
    assert (predicted.numpy() == images.test.labels).mean() == pytest.approx(record.accuracy)
