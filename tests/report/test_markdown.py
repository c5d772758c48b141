from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_samples import put

from benchbox.registry import Catalogue
from benchbox.report import read_pages
from benchbox.report.markdown import render_index, render_page
from benchbox.report.markdown.escape import folded, name, paragraph, words
from benchbox.report.suite import suite_views
from benchbox.report.text import render_pages
from benchbox.store import Store

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "a | b\n# heading",
    "`tick` ``two``",
    "[click](javascript:alert(1)) **bold** <!-- -->",
    "$\\alpha^{$ _x_",
    "_hidden",
    "\x1b[31mred\x07",
    "</svg><script>alert(1)</script>",
    "日本\u202etxt",
]


@pytest.fixture
def hostile(tmp_path: Path) -> Store:
    store = Store.open(tmp_path / "hostile.db")
    for i, label in enumerate(HOSTILE):
        put(store, "random", (0.6, 0.7 + i / 100, 0.8), label=label, wanted=(0, 1), seeds=(0, 1), position=i)
    return store


def in_code_spans_only(line: str, text: str) -> bool:
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", line)
    return text not in outside


def test_hostile_names_show_as_text_in_markdown(hostile: Store, catalogue: Catalogue) -> None:
    page = render_page(read_pages(hostile, catalogue)[0])
    lines = page.splitlines()[1:]
    assert "<img src=x onerror=alert(1)>" in page
    assert all(
        in_code_spans_only(line, bad) for line in lines for bad in ("<img", "<script", "](java", "<!--", "**bold")
    )
    assert not any(line.startswith("# heading") for line in lines)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", page)


def test_hostile_names_keep_the_columns_of_a_table(hostile: Store, catalogue: Catalogue) -> None:
    pages = read_pages(hostile, catalogue)
    for text in (render_page(pages[0]), render_index(suite_views(pages))):
        widths: list[int] = []
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
            if cells and widths and widths[-1]:
                assert cells == widths[-1], line
            widths.append(cells)


def test_hostile_names_cannot_steer_the_terminal(hostile: Store, catalogue: Catalogue) -> None:
    text = render_pages(read_pages(hostile, catalogue))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert "<img src=x onerror=alert(1)>" in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain", "`plain`"), ("a`b", "`` a`b ``"), ("a\nb", "`a b`"), ("`", "`` ` ``"), ("", "` `")],
)
def test_code_spans(text: str, shown: str) -> None:
    assert name(text) == shown


def test_phrases_are_escaped() -> None:
    assert words("a<b>|*c*_d_`e`") == r"a\<b\>\|\*c\*\_d\_\`e\`"
    assert "://" not in words("see https://evil.example")


@pytest.mark.parametrize("text", ["- a list", "1. a list", "+ a list", "=== x"])
def test_a_paragraph_stays_a_paragraph(text: str) -> None:
    assert not re.match(r"[-+=]|\d+[.)]", paragraph(text))


def test_an_item_stays_an_item() -> None:
    lines = folded(f"- {'word ' * 22}12 - 3. + 4 " + "- and " * 30).splitlines()
    assert len(lines) > 2
    assert lines[0].startswith("- word")
    assert not any(re.match(r"\s*([-+=]|\d+[.)]) ", line) for line in lines[1:])


def test_reported_and_measured_are_two_columns(store: Store, catalogue: Catalogue) -> None:
    text = render_page(read_pages(store, catalogue)[0])
    line = next(line for line in text.splitlines() if "Toy, Table 1" in line and "accuracy at 600" in line)
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[2:6] == ["95.1", "95.0 [93.9, 95.9]", "-0.1", "agrees"]


def test_four_kinds_of_absence_look_different(store: Store, catalogue: Catalogue) -> None:
    text = render_page(read_pages(store, catalogue)[0])
    for what, method in (("missing", "absent"), ("failed", "broken"), ("not applicable", "picky")):
        assert re.search(rf"^\| {what} +\| `{method}` ", text, re.M)
    assert re.search(r"^\| privileged +\| `cpb \(privileged\)` ", text, re.M)
    assert re.search(r"^\| 3 of 5 seeds +\| `partial` ", text, re.M)


def test_the_page_names_queries_paid(store: Store, catalogue: Catalogue) -> None:
    text = render_page(read_pages(store, catalogue)[0]).split("### Queries paid")[1]
    assert re.search(r"`partial` +\| +50 \| +150 \| +600 \|", text)
