"""What a child prints is shown line by line."""

from __future__ import annotations

import os

from benchbox.isolation.output import KEPT, Output


def printed(*parts: bytes) -> tuple[str, list[str]]:
    """Print parts one by one, and return what is kept and what was shown."""
    shown: list[str] = []
    output = Output(shown.append)
    for part in parts:
        os.write(output.inlet, part)
    output.close()
    return output.text, shown


def test_a_line_that_is_written_word_by_word_is_shown_whole() -> None:
    kept, shown = printed(b"most", b" ", b"ink", b"\n", b"and no end")
    assert kept == "most ink\nand no end"
    assert "".join(shown) == "most ink\nand no end\n"
    assert all(part.endswith("\n") for part in shown)


def test_a_letter_of_several_bytes_is_not_torn() -> None:
    euro = "\u20ac".encode()
    assert printed(euro[:1], euro[1:] + b"\n")[1] == ["\u20ac\n"]


def test_a_line_without_an_end_is_shown_before_it_fills_the_memory() -> None:
    kept, shown = printed(*[b"." * 4096] * 40)
    assert len(shown) > 1
    assert len(kept) == KEPT


def test_a_terminal_is_told_nothing_but_text() -> None:
    assert printed(b"\x1b[31mred\x07\n") == ("[31mred\n", ["[31mred\n"])
