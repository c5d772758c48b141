"""Strangers' packages, laid out as pip leaves them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from strangers import Install


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a distribution of one module."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))

    def installed(name: str, body: str, *, distribution: str = "", metadata: bool = True) -> None:
        folder = tmp_path / "site"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(textwrap.dedent(body))
        info = folder / f"{distribution or name}-1.2.dist-info"
        info.mkdir()
        if metadata:
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution or name}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[benchbox]\n{name} = {name}\n")

    return installed
