"""What the tests of clusters share: a real one, and cells that only sleep."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_cluster import Cluster, cluster
from naps import NAPPING


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and three workers, each with a folder of its own, over TCP."""
    patch = pytest.MonkeyPatch()
    patch.delenv("BENCHBOX_DATA", raising=False)
    with cluster(tmp_path_factory.mktemp("cluster")) as made:
        yield made
    patch.undo()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The coordinator's own folder and home, with the plugin file ``napping.py``."""
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BENCHBOX_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "napping.py").write_text(NAPPING)
    return tmp_path
