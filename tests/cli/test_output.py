"""Tables on terminals of any width: fewer columns rather than split words, and nothing that steers a terminal."""

from __future__ import annotations

import click
import pytest

from benchbox.cli.output import print_table, say
from benchbox.cli.results import _MEASURED, _SPARE, SHOWN

ROW = (
    *("4f0c1d2e3a4b5c6d", "label-only", "digits", "real data", "drmi-best", "0", "done", "sandbox"),
    *("asr_untargeted", "pgd untargeted", "600", "0.9130", "1000"),
)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_word_of_a_result_is_split(
    width: int, term: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    print_table((*SHOWN, *_MEASURED), [ROW], _SPARE)
    table, _, left_out = click.unstyle(capsys.readouterr().out).partition("left out at this width: ")
    assert max(map(len, table.splitlines())) <= width
    assert ROW[0] in table.splitlines()[1]
    gone = set(left_out.replace("\n", "").split(", ")) - {""}
    for name, text in zip((*SHOWN, *_MEASURED), ROW, strict=True):
        assert name in gone or set(text.split()) <= set(table.split())
    assert gone <= set(_SPARE)
    assert bool(gone) == (width < 160)


def test_an_empty_column_goes_before_one_that_says_something(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    print_table(
        ("cell", "method", "attack"), [("7719912d", "random", ""), ("5538f157", "drmi", "")], ("method", "attack")
    )
    head = click.unstyle(capsys.readouterr().out).splitlines()[0]
    assert head.split() == ["cell", "method"]


def test_control_characters_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("method",), [("a\x1b[2Jb\nc",)])
    say("x\x1b[31m\x07y")
    assert capsys.readouterr().out == "method\na [2Jb c\nx [31m y\n"
