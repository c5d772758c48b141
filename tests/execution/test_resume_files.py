"""States of killed cells: whole or not at all, and gone with the last of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.execution.resume import ResumeFiles


def test_a_state_is_kept_until_it_is_removed_and_the_folder_with_the_last(tmp_path: Path) -> None:
    files = ResumeFiles(tmp_path / "results.db.work")
    assert files.load("a") is None
    for cell, state in (("a", b"1"), ("b", b""), ("a", b"2" * 100_000)):
        files.save(cell, state)
    assert (files.load("a"), files.load("b")) == (b"2" * 100_000, b"")
    assert sorted(path.name for path in (tmp_path / "results.db.work").iterdir()) == ["a.resume", "b.resume"]
    files.remove("a")
    assert files.load("a") is None
    files.remove("b")
    files.remove("never there")
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_cannot_be_written_costs_the_state_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = ResumeFiles(tmp_path / "file")
    files.save("a", b"1")
    assert files.load("a") is None
    files.remove("a")


def test_a_write_that_breaks_off_leaves_the_earlier_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ResumeFiles(tmp_path)
    files.save("a", b"whole")

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    files.save("a", b"another")
    assert files.load("a") == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a.resume"]


def test_without_a_folder_nothing_is_kept() -> None:
    files = ResumeFiles(None)
    files.save("a", b"1")
    files.remove("a")
    assert files.load("a") is None
