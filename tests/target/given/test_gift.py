"""What a user may name as a target, and the sentences about what is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import given_toys
import pytest
import torch

import benchbox
from benchbox.errors import BenchboxError, OptionError
from benchbox.target.given import Gift, read_gift
from benchbox.target.given.shelf import Shelf


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    torch.save(given_toys.network().state_dict(), "mine.pt")
    return tmp_path / "mine.pt"


def test_files_of_one_suffix_are_told_apart_by_what_they_hold(weights: Path) -> None:
    example = (torch.rand(2, 1, 6, 6),)
    torch.jit.trace(given_toys.network(), example).save("script.pt")  # type: ignore[no-untyped-call]
    torch.export.save(torch.export.export(given_toys.network(), example), "exported.pt")
    assert [read_gift(name).form for name in ("script.pt", "exported.pt")] == ["torchscript", "exported"]
    mine = read_gift("mine.pt", model="mynet:Net")
    assert (mine.form, mine.name, mine.place) == ("weights", "mine", str(weights))
    assert read_gift("pkg.mod:answer").form == "function"
    assert read_gift("https://api.example.com/v1").name == "api.example.com"
    assert (read_gift("http://[::1]:8000/").name, read_gift("http://[::1]:8000/").host) == ("--1", "::1")


@pytest.mark.parametrize(
    ("place", "options", "said"),
    [
        ("mine.pt", {}, "mine.pt holds weights alone; --model says whose"),
        ("yours.pt", {}, "'yours.pt' is no file, no URL and no module:function"),
        ("mine.pt", {"model": "a:b", "send": "uint8"}, "is sent floats in"),
        ("mine.pt", {"model": "a:b", "rate": 2.0}, "--token-env, --rate and --reply-timeout are for endpoints"),
        ("mine.pt", {"model": "a:b", "reply_timeout": 5.0}, "--reply-timeout are for endpoints"),
        ("mine.pt", {"model": "a:b", "classes": ["1", "1"]}, "--classes names an output twice"),
        ("mine.pt", {"model": "a:b", "name": "a b"}, "'a b' cannot be a target's name"),
        ("mod:f", {"model": "a:b"}, "--model is for weights alone"),
        ("mod:f", {"send": "png"}, "--send float or uint8"),
        ("http://[bad", {}, r"target 'http://\[bad' is no URL: Invalid IPv6 URL"),
        ("http://x.org:99999/", {}, "is no URL: Port out of range"),
        ("https://me:secret@api.example.com/", {}, "should name a host and no password"),
        ("http://api.example.com/", {"token_env": "KEY"}, "a token would cross the network in clear"),
        ("https://api.example.com/", {"rate": -1.0}, "rate should be greater than 0"),
        ("https://api.example.com/", {"send": "jpeg"}, "sends should be 'float', 'uint8' or 'png'"),
        ("https://api.example.com/", {"token_env": "abc-123"}, "is no name of an environment variable"),
    ],
)
def test_what_does_not_fit_is_one_sentence(weights: Path, place: str, options: dict[str, Any], said: str) -> None:
    with pytest.raises(BenchboxError, match=said):
        read_gift(place, **options)


class TestAdded:
    @pytest.fixture(autouse=True)
    def _added(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BENCHBOX_HOME", str(tmp_path))
        Shelf(tmp_path / "targets").add(read_gift("https://api.example.com/v1", name="shop"))

    def test_an_endpoint_is_asked_only_where_the_command_names_its_host(self) -> None:
        with pytest.raises(OptionError, match=r"say that it is yours to ask by naming it: --host api\.example\.com"):
            benchbox.given("shop")
        with pytest.raises(OptionError, match=r"is on api\.example\.com, and --host names other\.example\.com"):
            benchbox.given("shop", host="other.example.com")
        assert benchbox.given("shop", host="api.example.com").place == "https://api.example.com/v1"

    def test_its_options_are_those_that_it_was_added_with(self) -> None:
        with pytest.raises(OptionError, match="was added with its options; leave rate out"):
            benchbox.given("shop", host="api.example.com", rate=1.0)


def test_pages_show_neither_folders_nor_queries() -> None:
    assert Gift(name="a", form="endpoint", place="https://x.org/v1?key=1").shown_place == "https://x.org/v1"
    assert Gift(name="a", form="onnx", place="/home/me/a.onnx").shown_place == "a.onnx"
