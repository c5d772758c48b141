"""Where an audit may be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchbox.auditing.writing import check_folder
from benchbox.errors import OptionError


@pytest.mark.parametrize("name", ["README.md", "index.html"])
def test_an_audit_writes_over_no_file_of_another_program(tmp_path: Path, name: str) -> None:
    check_folder(tmp_path / "new")
    (tmp_path / "results.db").touch()
    check_folder(tmp_path)
    (tmp_path / name).write_text("# My project")
    with pytest.raises(OptionError, match=f"{name}' is no page of an audit"):
        check_folder(tmp_path)
    with pytest.raises(OptionError, match="is a file; an audit writes a folder"):
        check_folder(tmp_path / name)
