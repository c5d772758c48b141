"""Every malformed message is refused with a sentence that names the plugin, and nothing of it is read."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchbox.errors import PluginError
from benchbox.match.messages import KINDS, checked

IMAGES = torch.zeros(1, 1, 2, 2)
WHO = "selector 'mine'"
SOUND: dict[str, dict[str, Any]] = {
    "query": {"phase": "main", "images": IMAGES},
    "ask": {"phase": "main", "rows": torch.arange(1), "images": IMAGES},
    "peek": {"what": "activations", "images": IMAGES},
    "note": {"values": {"loss/d 1": 0.5}},
    "show": {"name": "queries", "images": IMAGES},
    "rows": {"rows": torch.arange(3), "wanted": 3, "nested": True},
    "recall": {"wanted": 3, "nested": True},
    "read": {"set": 0, "rows": torch.arange(3)},
    "offer": {"weights": {"0.bias": IMAGES}, "spent": 3, "refused": False},
    "state": {"state": {"rng": IMAGES, 3: [None]}},
    "examples": {"images": IMAGES},
    "prepared": {"tensors": {"features": IMAGES}},
    "lesson": {"weights": {"0.bias": IMAGES}},
    "failed": {"error": "exception", "sentence": "ValueError: no", "traceback": "Traceback"},
    "done": {},
}


def changed(kind: str, **changes: Any) -> tuple[str, Any]:
    return kind, {**SOUND[kind], **changes}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sound_is_read(kind: str) -> None:
    message = checked(WHO, kind, SOUND[kind])
    assert {name: getattr(message, name) for name in SOUND[kind]} == SOUND[kind]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (("steal", {}), "sent a message 'steal', which there is not"),
        (("\x1b[2J" + "x" * 99, {}), r"sent a message '\[2Jx+\.\.\.', which there is not"),
        (("query", None), "sent a malformed query"),
        (("query", []), "sent a malformed query"),
        (("query", {"images": IMAGES}), "sent a malformed query"),
        (("done", {"more": 1}), r"sent a malformed done \(more: "),
        (changed("query", more=1), r"sent a malformed query \(more: "),
        (changed("query", **{"\x1b[2J\n" * 50: 1}), r"sent a malformed query \(\[2J"),
        (changed("query", images=[[0.5]]), "sent a malformed query"),
        (changed("query", images=None), "sent a malformed query"),
        (changed("query", phase="Main"), "named a phase 'Main'; expected lower-case letters"),
        (changed("query", phase=""), "named a phase ''; expected"),
        (changed("query", phase="a" * 41), "named a phase 'aaa"),
        (changed("query", phase="a\n"), "named a phase"),
        (changed("query", phase="ä"), "named a phase"),
        (changed("query", phase="a\ud800"), "named a phase"),
        (changed("query", phase=3), "named a phase 3"),
        (changed("query", phase=None), "named a phase"),
        (changed("peek", what="weights"), "sent a malformed peek"),
        (changed("note", values=[]), "sent a malformed note"),
        (changed("note", values={"a": "1"}), "sent a malformed note"),
        (changed("note", values={"a": True}), "sent a malformed note"),
        (changed("note", values={"a": IMAGES}), "sent a malformed note"),
        (changed("note", values={3: 1.0}), "under the name 3; expected letters"),
        (changed("note", values={"": 1.0}), "under the name ''"),
        (changed("note", values={" a": 1.0}), "under the name ' a'"),
        (changed("note", values={"a" * 65: 1.0}), "under the name 'aaa"),
        (changed("note", values={"\x1b[2J": 1.0}), r"under the name '\\x1b\[2J'"),
        (changed("show", name="<script>"), "under the name '<script>'"),
        (changed("show", name=None), "under the name"),
        (changed("rows", rows=[1, 2]), "sent a malformed rows"),
        (changed("read", rows=[1, 2]), "sent a malformed read"),
        (changed("read", set="0"), "sent a malformed read"),
        (changed("rows", wanted="3"), "sent a malformed rows"),
        (changed("rows", wanted=3.0), "sent a malformed rows"),
        (changed("rows", nested=1), "sent a malformed rows"),
        (changed("offer", weights=[IMAGES]), "sent a malformed offer"),
        (changed("offer", weights={0: IMAGES}), "sent a malformed offer"),
        (changed("offer", weights={"a": 1.0}), "sent a malformed offer"),
        (changed("offer", spent=True), "sent a malformed offer"),
        (changed("offer", refused="no"), "sent a malformed offer"),
        (changed("examples", images=b"png"), "sent a malformed examples"),
        (("examples", {}), "sent a malformed examples"),
        (changed("failed", error="done"), "sent a malformed failed"),
        (changed("failed", sentence="x" * 20_001), "sent a malformed failed"),
        (changed("failed", traceback=None), "sent a malformed failed"),
    ],
)
def test_what_is_malformed_is_refused_by_the_plugins_name(message: tuple[str, Any], said: str) -> None:
    with pytest.raises(PluginError, match=f"^{WHO} .*{said}") as error:
        checked(WHO, *message)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 400


def test_numbers_that_are_none_may_be_noted() -> None:
    message: Any = checked(WHO, "note", {"values": {"loss": math.nan, "most": math.inf, "count": 3}})
    assert math.isnan(message.values["loss"])


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.just(IMAGES)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=6,
)


@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
@settings(max_examples=200, deadline=None)
def test_nothing_else_comes_of_any_message(data: st.DataObject, kind: str) -> None:
    fields = st.sampled_from([*SOUND[kind], "other"]) if SOUND[kind] else st.just("other")
    message = {**SOUND[kind], **data.draw(st.dictionaries(fields, PLAIN, max_size=2))}
    said = WHO
    try:
        checked(WHO, kind, message)
    except PluginError as error:
        said = str(error)
    assert said.startswith(WHO)
    assert said.isprintable()
