"""A listing is kept for as long as nothing has changed that it came from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchbox.registry.listing import keep, recalled

ROWS = [{"kind": "selector", "name": "mine", "version": 1}]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, one of which has registered a plugin, whose listing is kept."""
    site, home = tmp_path / "site", tmp_path / "home"
    (site / "strange_attacks").mkdir(parents=True)
    (site / "strange_attacks" / "__init__.py").write_text("first = 1\n")
    (site / "elsewhere.py").write_text("second = 2\n")
    install(site, "strange-attacks", "strange_attacks.plugins:registered")
    monkeypatch.setenv("BENCHBOX_HOME", str(home))
    monkeypatch.syspath_prepend(str(site))
    keep(ROWS, ["elsewhere:Mine"])
    assert recalled() == ROWS
    return site


def install(site: Path, name: str, value: str) -> None:
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[console_scripts]\nrun = other:main\n\n[benchbox]\nmine = {value}\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "its source": lambda site: (site / "strange_attacks" / "__init__.py").write_text("third = 33\n"),
    "a module more": lambda site: (site / "strange_attacks" / "more.py").write_text("third = 3\n"),
    "where its class is": lambda site: (site / "elsewhere.py").unlink(),
    "its version": lambda site: (site / "strange_attacks-1.0.dist-info" / "METADATA").write_text("Version: 1.1\n"),
    "what it registers": lambda site: (site / "strange_attacks-1.0.dist-info" / "entry_points.txt").write_text(""),
    "a package more": lambda site: install(site, "other-attacks", "other_attacks"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_it_is_asked_for_again_where_something_changed(change: Callable[[Path], object], site: Path) -> None:
    change(site)
    assert recalled() is None


@pytest.mark.usefixtures("site")
def test_packages_that_are_left_out_make_another_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_BLOCK", "strange-attacks")
    assert recalled() is None


def test_what_somebody_wrote_into_it_is_not_told(site: Path) -> None:
    (kept,) = (site.parent / "home").rglob("*.json")
    found = json.loads(kept.read_text())
    found["rows"][0]["version"] = 2
    for text in (json.dumps(found), "[]", "{", ""):
        kept.write_text(text)
        assert recalled() is None
