"""The defender's tutorial works as it is typed: with a file of PyTorch's, a function, and the reference server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pages
import pytest

from benchbox.auditing import words

SERVER = Path(__file__).parents[2] / "examples" / "target_server.py"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the function of the page's files, as its reader is told to but at a port that is free; return where."""
    monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path / "home"))
    text = (pages.DOCS / "audit.md").read_text(encoding="utf-8")
    (typed,) = re.findall(r"^    TARGET_TOKEN=(\w+) python target_server\.py (\S+) \d+$", text, re.MULTILINE)
    for name, content in pages.files("audit.md").items():
        (tmp_path / name).write_text(content)
    shutil.copy(SERVER, tmp_path)
    token, function = typed
    environment = {**os.environ, "TARGET_TOKEN": token}
    command = [sys.executable, "target_server.py", function, "0"]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
    yield url
    server.kill()
    server.wait()
    server.stdout.close()


SMALLER = {  # the whole line-up, with few questions
    "--pool others.npz --out audit\n": "--pool others.npz --budgets 50,100 --out audit\n",
    'pool="others.npz")\n': 'pool="others.npz", budgets=[50, 100])\n',
}


@pytest.mark.timeout(1800)  # several audits, on a busy machine
def test_it_works_as_it_is_typed_with_few_questions(served: str, tmp_path: Path) -> None:
    usual = "http://127.0.0.1:8931/"
    elsewhere = {f"{before} {usual}": f"{before} {served}" for before in ("--target", "add shop")}
    printed = pages.play("audit.md", tmp_path, changed={**SMALLER, **elsewhere})
    audits = {line.split("--out ")[-1]: text for line, text in printed.items() if "benchbox audit" in line}
    assert set(audits) == {"audit", "audit-defended", "audit-function", "audit-service"}
    for out, said in audits.items():
        assert f"the page: {out}/index.html" in said
        assert ("it is not trained" in said) is (out != "audit-defended")  # said once of each target
        _check_page(tmp_path / out)
    defended = (tmp_path / "audit-defended" / "README.md").read_text(encoding="utf-8")
    for defence in ("rounding", "blacklight"):
        assert re.search(rf"^- \*\*`{defence}`:\*\* with probabilities, ", defended, re.MULTILINE)
    assert "is asked about 847 images in all" in audits["audit-service"]
    assert printed["python again.py"].startswith("audit/index.html\n"), "nothing is played twice"
    listed = next(text for line, text in printed.items() if "--dry-run" in line)
    assert "4 cells: 4 to run" in listed
    function, service = ((tmp_path / out / "README.md").read_text() for out in ("audit-function", "audit-service"))
    number = re.compile(r"\[(\d+\.\d %)\]")
    assert number.findall(function) == number.findall(service), "the same model, asked in two ways"


def _check_page(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    board = (folder / words.BOARD).read_text(encoding="utf-8")
    cells = set(re.findall(rf"\({words.BOARD}#(/cell/[0-9a-f]{{16}})\)", text))
    assert cells
    assert all(f'id="{cell}"' in board for cell in cells), "every number leads to its cell"
    assert "**Answering with" in text
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == text.count("](pictures/")
    assert all((folder / path).is_file() for path in re.findall(r"\]\((pictures/[^)]+)\)", text))
