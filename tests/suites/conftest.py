"""Plans of the small suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plan_samples import EVERYTHING, SUITE, FakeSources

from benchbox.registry import Catalogue
from benchbox.suites import Planned, Selection, expand, load_suite, select


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue.discover()


@pytest.fixture
def planned(catalogue: Catalogue, tmp_path: Path) -> Any:
    """Return a function: (change of the file, selection, sources) -> cells."""

    def make(
        change: tuple[str, str] = ("", ""), selection: Selection = EVERYTHING, sources: FakeSources | None = None
    ) -> list[Planned]:
        assert change[0] in SUITE
        (tmp_path / "mine.toml").write_text(SUITE.replace(*change, 1) if change[0] else SUITE)
        suite = load_suite(str(tmp_path / "mine.toml"), catalogue)
        return expand(select(suite, selection, catalogue), catalogue, sources or FakeSources())

    return make
