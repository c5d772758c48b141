"""A folder that strangers wrote into goes with all that is in it."""

from __future__ import annotations

import os
from pathlib import Path

from benchbox.isolation.folders import passing_folder, remove


def nest(folder: Path, depth: int) -> None:
    """Make folders in folders, deeper than a path can say."""
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("a-folder", dir_fd=inner)
        outer, inner = inner, os.open("a-folder", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(os.open("a-file", os.O_CREAT, dir_fd=inner))
    os.close(inner)


def test_folders_deeper_than_python_or_a_path_can_go_are_removed(tmp_path: Path) -> None:
    with passing_folder("test-") as folder:
        nest(folder, 1500)
        (folder / "beside").write_text("x")
    assert not folder.exists()


def test_what_is_closed_is_removed_and_what_links_lead_to_stays(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    folder = tmp_path / "folder"
    inner = folder / "closed" / "inner"
    inner.mkdir(parents=True)
    (inner / "link").symlink_to(kept, target_is_directory=True)
    (folder / "link").symlink_to(kept, target_is_directory=True)
    os.mkfifo(inner / "fifo")
    for path in (inner, inner.parent, folder):
        path.chmod(0)
    remove(folder)
    assert not folder.exists()
    assert (kept / "file").read_text() == "x"


def test_what_is_not_there_needs_no_removal(tmp_path: Path) -> None:
    remove(tmp_path / "nowhere")
