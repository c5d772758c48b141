"""What a child prints: the end of it, without what steers a terminal."""

from __future__ import annotations

import os
import threading

import pytest

from benchbox.isolation.output import KEPT, Output, clean


def printed(*parts: bytes, **options: object) -> Output:
    output = Output(**options)  # type: ignore[arg-type]
    for part in parts:
        os.write(output.inlet, part)
    output.close()
    return output


def test_the_end_is_kept_of_much() -> None:
    output = printed(*[b"%07d\n" % i for i in range(50_000)])
    assert output.text.endswith("0049999\n")
    assert len(output.text) == KEPT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\n\ttext\n", "plain\n\ttext\n"),
        ("\x1b[2J\x1b]0;title\x07red", "[2J]0;titlered"),
        ("over\rwritten\b\x00\x7f\x9b", "overwritten"),
        ("turned \u202e\u2066 around \u200b", "turned  around "),
        ("half a pair \ud800", "half a pair ?"),
        ("grüße 日本 🎲", "grüße 日本 🎲"),
        ("\u2028line\u2029", "line"),
    ],
)
def test_only_what_can_be_printed_is_left(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_long_text_is_cut_to_the_letter() -> None:
    assert clean("x" * 50, 50) == "x" * 50
    assert clean("x" * 51, 50) == "x" * 47 + "..."


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert printed(b"a\xff\xfeb\n").text == "a\ufffd\ufffdb\n"


def test_a_listener_hears_all_as_clean_text_and_no_letter_in_two_parts() -> None:
    heard: list[str] = []
    output = Output(heard.append)
    for byte in "\x1b[1m日本🎲\n".encode():
        os.write(output.inlet, bytes([byte]))
    output.close()
    assert "".join(heard) == "[1m日本🎲\n" == output.text


def test_a_listener_that_fails_keeps_no_child_waiting() -> None:
    calls: list[str] = []

    def fails(text: str) -> None:
        calls.append(text)
        raise ConnectionError("nobody is there")

    output = Output(fails)
    for _ in range(100):
        os.write(output.inlet, b"x" * 60_000)  # a pipe holds 64 KiB
    output.close()
    assert len(calls) == 1
    assert output.text == "x" * KEPT


def test_closing_waits_for_the_last_word() -> None:
    output = Output()
    late = os.dup(output.inlet)

    def speak() -> None:
        os.write(late, b"last")
        os.close(late)

    speaker = threading.Timer(0.2, speak)
    speaker.start()
    output.close()
    assert output.text == "last"
