"""The tutorial is executed, and the sentences that it quotes are the program's."""

from __future__ import annotations

import re
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each command of the page printed, by command."""
    return pages.play("plugins.md", tmp_path_factory.mktemp("tutorial"))


def test_the_selector_of_the_tutorial_keeps_its_contract_and_runs(output: dict[str, str]) -> None:
    checks = [text for line, text in output.items() if line.startswith("benchbox check")]
    assert len(checks) == 2
    assert all("keeps its contract" in text for text in checks)
    assert "rare-first" in output["benchbox results"]


def test_the_page_promises_a_selector_of_forty_lines() -> None:
    code = [line for line in pages.files("plugins.md")["my_selector.py"].splitlines() if line.strip()]
    assert len(code) <= 40


def test_new_and_the_kit_in_pytest_work_as_the_page_says(output: dict[str, str]) -> None:
    said = output["benchbox new selector my-selector"]
    assert "benchbox check my-selector" in said
    install = "python -m pip install -e '.[dev]'"
    page = (pages.DOCS / "plugins.md").read_text(encoding="utf-8")
    readme = (ROOT / "benchbox/scaffold/templates/common/README.md.in").read_text(encoding="utf-8")
    assert all(install in text for text in (said, page, readme)), "one way to install it, wherever it is told"
    assert " passed" in output["pytest test_rare_first.py"]


def test_sentences_that_the_page_quotes_are_in_the_code() -> None:
    page = (pages.DOCS / "plugins.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|", page[page.index("## What is refused") :], re.MULTILINE)
    assert len(rows) > 12
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "benchbox").rglob("*.py")]
    code = re.sub(r'"\s*f?"', "", "\n".join(sources))  # sentences that go on in the next line
    assert [row for row in rows if row not in code] == []
