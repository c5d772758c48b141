"""Where things lie: what a user writes for a folder, and what is said where it is none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from benchbox.errors import DataError
from benchbox.paths import (
    checked_data_dir,
    data_dir,
    expanded,
    foreign_letters,
    readable,
    unreadable,
    write_whole,
    zoo_dir,
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name in ("BENCHBOX_DATA", "BENCHBOX_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_a_tilde_is_the_users_home_in_variables_and_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_DATA", "~/data")
    monkeypatch.setenv("BENCHBOX_HOME", "~/home")
    assert data_dir(None) == tmp_path / "data"
    assert zoo_dir() == tmp_path / "home" / "targets"
    assert data_dir("~/other") == data_dir(Path("~/other")) == tmp_path / "other"
    assert expanded("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")


def test_a_file_that_cannot_be_written_is_named_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.md"
    write_whole(path, b"before")

    def full(part: Path, content: bytes) -> None:
        part.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left") as error:
        write_whole(path, b"after")
    assert error.value.filename == str(path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"page.md": "before"}


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    link = tmp_path / "page.md"
    link.symlink_to(tmp_path / "kept" / "page.md")
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "kept" / "page.md").read_bytes() == b"new"
    assert [each.name for each in (tmp_path / "kept").iterdir()] == ["page.md"]


def test_a_folder_that_is_there_is_absolute(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    assert checked_data_dir("data") == checked_data_dir("~/data") == tmp_path / "data"
    assert checked_data_dir(None) is None


def test_what_is_no_folder_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "file.npz").touch()
    with pytest.raises(
        DataError, match=f"the data folder 'file.npz' is a file; give the folder that it lies in, '{tmp_path}'"
    ):
        checked_data_dir("file.npz")
    with pytest.raises(DataError, match="'new' does not exist; make it with 'mkdir -p new', and --download fills it"):
        checked_data_dir("new", download=True)
    with pytest.raises(DataError, match=r"the data folder 'dataset' does not exist; did you mean 'datasets'\?"):
        checked_data_dir("dataset")
    for unlike in (".data", ".art", "bar"):
        (tmp_path / "other" / unlike).mkdir(parents=True)
    with pytest.raises(DataError, match=r"the data folder 'other/data' does not exist$"):
        checked_data_dir("other/data")
    with pytest.raises(DataError, match=r"did you mean '\.data'\?"):
        checked_data_dir("other/.dat")
    monkeypatch.setenv("BENCHBOX_DATA", "~/nowhere")
    with pytest.raises(DataError, match="nowhere', which BENCHBOX_DATA names, does not exist"):
        checked_data_dir(None)


def test_letters_that_the_locale_cannot_read_are_named_with_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert readable("ganz-öffentlich")
    assert not readable("ganz-\udcc3\udcb6ffentlich")
    assert "'ganz-öffentlich' has letters that this locale cannot read; set PYTHONUTF8=1" in unreadable(
        "ganz-\udcc3\udcb6ffentlich"
    )
    assert foreign_letters() == ""
    monkeypatch.setenv("BENCHBOX_DATA", "/d/\udcff")
    assert foreign_letters().startswith("BENCHBOX_DATA '/d/")
