from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import report_samples

from benchbox.registry import Catalogue
from benchbox.store import Store

REPORTED = report_samples.paper(
    """
  { method = "drmi", name = "DRMI", budget = 600, value = 95.1 },
  { method = "drmi", name = "DRMI", budget = 150, value = 90.0 },
  { method = "random", name = "baseline", budget = 50, value = 50.0, access = "probabilities" },
"""
)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "results.db"
    with Store.open(path) as store:
        report_samples.fill(store)
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[Store]:
    with Store.open(shutil.copy(filled, tmp_path / "results.db")) as store:
        yield store


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("empty") / "results.db") as store:
        yield store


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    folder = tmp_path / "suites" / "reported"
    folder.mkdir(parents=True)
    (folder / "toy.toml").write_text(REPORTED, encoding="utf-8")
    catalogue = Catalogue()
    catalogue.suite_folders = [folder.parent]
    return catalogue
