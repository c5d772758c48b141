"""What packages registered is remembered until their source changes, and never of our own package."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchbox.distribution import DISTRIBUTION
from benchbox.registry.remembered import Remembered


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("first = 1\n")
    return folder


def origin(package: str = "strangers") -> dict[str, str]:
    return {"package": package, "version": "1", "point": "p", "value": "mine"}


def test_an_answer_counts_until_a_source_file_changes(package: Path, tmp_path: Path) -> None:
    first = Remembered(tmp_path / "kept.json")
    key = first.key(origin(), [package])
    assert key is not None
    assert first.get(key) is None
    first.put(key, {"found": {"plugins": []}})
    first.save()

    again = Remembered(tmp_path / "kept.json")
    assert again.get(again.key(origin(), [package]) or "") == {"found": {"plugins": []}}
    (package / "other.py").write_text("second = 2\n")
    assert again.get(again.key(origin(), [package]) or "") is None


def test_a_package_that_failed_is_asked_again(package: Path, tmp_path: Path) -> None:
    first = Remembered(tmp_path / "kept.json")
    key = first.key(origin(), [package]) or ""
    first.put(key, {"failure": "it could not be imported"})
    first.save()
    assert Remembered(tmp_path / "kept.json").get(key) is None


def test_our_own_package_and_one_without_source_are_asked_every_time(package: Path, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "kept.json")
    assert remembered.key(origin(DISTRIBUTION), [package]) is None
    assert remembered.key(origin(), []) is None


def test_a_memory_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    in_the_way = tmp_path / "kept.json"
    in_the_way.mkdir()
    remembered = Remembered(in_the_way)
    remembered.put("k", {"found": {"plugins": []}})
    remembered.save()
    assert list(tmp_path.iterdir()) == [in_the_way]


@pytest.mark.parametrize("text", ["", "not JSON", "[1]", "[" * 100_000, json.dumps({"k": 3})])
def test_a_damaged_file_is_no_memory(text: str, tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(text)
    assert Remembered(tmp_path / "kept.json").get("k") is None
