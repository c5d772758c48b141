"""What a new root shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.isolation.root import shown


def test_what_passes_meanwhile_is_left_out_where_it_may(tmp_path: Path) -> None:
    (tmp_path / "store.db").touch()
    paths = (tmp_path / "store.db", tmp_path / "store.db-journal")
    assert shown(paths, passing=True).paths == ((tmp_path / "store.db").resolve(),)
    with pytest.raises(FileNotFoundError):
        shown(paths)
