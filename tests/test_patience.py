"""What the environment may say of how long is waited."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from benchbox.cli import main
from benchbox.errors import OptionError
from benchbox.patience import seconds_from


def test_a_variable_that_is_not_set_or_empty_leaves_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, expected in ((None, 10.0), ("", 10.0), ("2.5", 2.5)):
        if text is not None:
            monkeypatch.setenv("BENCHBOX_TEST_SECONDS", text)
        assert seconds_from("BENCHBOX_TEST_SECONDS", 10.0) == expected


@pytest.mark.parametrize("text", ["two", "0", "-1", "nan", "inf", "1e300"])
def test_what_is_no_number_of_seconds_is_one_sentence(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHBOX_TEST_SECONDS", text)
    with pytest.raises(OptionError, match=f"BENCHBOX_TEST_SECONDS: '{text}' should be a number of seconds above 0"):
        seconds_from("BENCHBOX_TEST_SECONDS", 10.0)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("BENCHBOX_IMPORT_SECONDS", ["plugins", "drmi"]),
        ("BENCHBOX_RULES_SECONDS", ["run", "--suite", "smoke", "--dry-run"]),
    ],
)
def test_commands_say_so(name: str, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "two")
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, f"{name}: 'two' should be" in result.stderr) == (2, True), result.stderr
