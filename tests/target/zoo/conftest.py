from __future__ import annotations

from pathlib import Path

import pytest
from zoo_samples import Lines

from benchbox.images import ImageSet
from benchbox.registry import Catalogue
from benchbox.target.zoo import TargetRecord, TargetSpec, Zoo


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
