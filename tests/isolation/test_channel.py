"""Frames between processes: whole round trips, and hostile bytes, of which a receiver knows two outcomes."""

from __future__ import annotations

import io
import json
import math
import resource
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from benchbox.isolation.channel import (
    FRAME_LIMIT,
    HEADER_LIMIT,
    Channel,
    Garbled,
    Gone,
    frame,
    read_file,
    read_frame,
    write_file,
)
from benchbox.isolation.tree import SIZES


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    channel, other = Channel.pair()
    yield channel, other
    channel.close()
    other.close()


@pytest.fixture
def pair(ends: tuple[Channel, socket.socket]) -> tuple[Channel, Channel]:
    return ends[0], Channel(ends[1])


def read(data: bytes) -> Any:
    return read_file(io.BytesIO(data))


def framed(header: Any, rest: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("!I", len(text)) + text + rest


def declaring(*blobs: Any, data: Any = None) -> bytes:
    return framed({"kind": "k", "data": data, "blobs": list(blobs)})


@pytest.mark.parametrize("name", SIZES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (2, 3), (1, 2, 3, 4)])
def test_every_type_and_shape_comes_back_bit_by_bit(
    pair: tuple[Channel, Channel], name: str, shape: tuple[int, ...]
) -> None:
    tensor = (torch.rand(shape) * 100 - 50).to(getattr(torch, name))
    pair[0].send("one", {"a": tensor, 3: (tensor, b"\0\xff")})
    kind, back = pair[1].receive(5)
    assert (kind, list(back), back[3][1]) == ("one", ["a", 3], bytearray(b"\0\xff"))
    for found in (back["a"], back[3][0]):
        assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape)
        assert torch.equal(found, tensor)


def test_nan_and_endless_values_cross(pair: tuple[Channel, Channel]) -> None:
    tensor = torch.tensor([math.nan, math.inf, -math.inf, -0.0])
    pair[0].send("one", [tensor, math.nan])
    back = pair[1].receive(5)[1]
    assert bytes(back[0].view(torch.uint8).tolist()) == bytes(tensor.view(torch.uint8).tolist())
    assert math.isnan(back[1])


def test_views_are_sent_as_what_they_show(pair: tuple[Channel, Channel]) -> None:
    whole = torch.arange(24.0).reshape(2, 3, 4).requires_grad_()
    for view in (whole.transpose(0, 2), whole[:, 1], whole[..., ::2], whole[:1].expand(5, 3, 4)):
        pair[0].send("view", view)
        assert torch.equal(pair[1].receive(5)[1], view.detach())


def test_messages_keep_their_order_and_what_is_larger_than_any_buffer_arrives(pair: tuple[Channel, Channel]) -> None:
    large = torch.arange(12 << 20, dtype=torch.uint8)
    sender = threading.Thread(target=lambda: [pair[0].send(str(i), large) for i in range(3)])
    sender.start()
    for i in range(3):
        kind, back = pair[1].receive(30)
        assert kind == str(i)
        assert torch.equal(back, large)
    sender.join()


def test_threads_that_send_at_once_do_not_mix_their_frames(pair: tuple[Channel, Channel]) -> None:
    senders = [
        threading.Thread(target=lambda n=n: [pair[0].send("n", bytes([n]) * 99_999) for _ in range(40)])
        for n in range(4)
    ]  # type: ignore[misc]
    for sender in senders:
        sender.start()
    for _ in range(160):
        data = pair[1].receive(30)[1]
        assert (len(data), len(set(data))) == (99_999, 1)


@pytest.mark.parametrize("data", [torch.ones(2, dtype=torch.complex64), {"x": object()}, {(1,): 2}])
def test_what_does_not_cross_is_a_type_error_and_leaves_the_channel_whole(
    pair: tuple[Channel, Channel], data: Any
) -> None:
    with pytest.raises(TypeError):
        pair[0].send("no", data)
    pair[0].send("yes", 1)
    assert pair[1].receive(5) == ("yes", 1)


HOSTILE = {
    "header too long": struct.pack("!I", HEADER_LIMIT + 1),
    "not JSON": framed(b"{"),
    "not UTF-8": framed(b'{"kind": "\xff\xfe", "data": null, "blobs": []}'),
    "nothing": framed(b""),
    "a list": framed([]),
    "a number": framed(7),
    "a word": framed("kind"),
    "null": framed(None),
    "no kind": framed({"data": 1, "blobs": []}),
    "no data": framed({"kind": "k", "blobs": []}),
    "no blobs": framed({"kind": "k", "data": 1}),
    "kind is a number": framed({"kind": 3, "data": 1, "blobs": []}),
    "kind is a list": framed({"kind": ["k"], "data": 1, "blobs": []}),
    "blobs is a number": framed({"kind": "k", "data": 1, "blobs": 3}),
    "blobs is a dictionary": framed({"kind": "k", "data": 1, "blobs": {"ab": 1}}),
    "a blob is a word": declaring("bytes"),
    "a blob of three": declaring(["uint8", [1], 2]),
    "a type that torch has": declaring(["complex64", [1]]),
    "a type that is none": declaring(["load", [1]]),
    "a type that is a list": declaring([["uint8"], [1]]),
    "a type that is null": declaring([None, [1]]),
    "a shape that is a number": declaring(["uint8", 3]),
    "a shape that is a word": declaring(["uint8", ""]),
    "a shape that is a dictionary": declaring(["uint8", {}]),
    "a shape that is null": declaring(["uint8", None]),
    "a negative side": declaring(["uint8", [-1]]),
    "two negative sides": declaring(["uint8", [-4, -4]]),
    "a side that is a fraction": declaring(["uint8", [1.0]]),
    "a side that is true": declaring(["uint8", [True]]),
    "a side that is a word": declaring(["uint8", ["1"]]),
    "too many sides": declaring(["uint8", [1] * 17]),
    "very many sides": declaring(["uint8", [1] * 100_000]),
    "a huge side": declaring(["uint8", [FRAME_LIMIT + 1]]),
    "huge in product": declaring(["uint8", [1 << 20, 1 << 20]]),
    "huge in bytes": declaring(["float64", [FRAME_LIMIT // 8 + 1]]),
    "huge in sum": declaring(*[["uint8", [FRAME_LIMIT // 2]]] * 3),
    "empty and overflowing": declaring(["uint8", [0, 1 << 32, 1 << 32, 1 << 32]]),
    "bytes without a length": declaring(["bytes", []]),
    "bytes of two sides": declaring(["bytes", [2, 2]]),
    "a number of 5000 digits": framed(b'{"kind": "k", "blobs": [], "data": ' + b"9" * 5000 + b"}"),
    "a blob that is not there": declaring(data={"$blob": 0}),
    "a blob before the first": declaring(["uint8", [0]], data={"$blob": -1}),
    "a map with a list for a key": declaring(data={"$map": [[[], 1]]}),
    "deep lists": framed(b'{"kind": "k", "blobs": [], "data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "deep enough for JSON alone": framed(b'{"kind": "k", "blobs": [], "data": ' + b"[" * 900 + b"]" * 900 + b"}"),
    "deep dictionaries": framed(b'{"kind": "k", "blobs": [], "data": ' + b'{"a":' * 900 + b"1" + b"}" * 901),
    "deep blobs": framed(b'{"kind": "k", "data": 1, "blobs": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_frame_is_garbled_in_one_printable_line(ends: tuple[Channel, socket.socket], data: bytes) -> None:
    threading.Thread(target=ends[1].sendall, args=(data,), daemon=True).start()
    with pytest.raises(Garbled) as error:
        ends[0].receive(20)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300
    with pytest.raises(Garbled):
        read(data)


WHOLE = b"".join(bytes(part) for part in frame("k", {"x": torch.arange(5), 1: [b"abc", ("t", None)]}))


@pytest.mark.parametrize("kept", range(0, len(WHOLE), 7))
def test_a_frame_that_breaks_off_is_gone_or_a_damaged_file(ends: tuple[Channel, socket.socket], kept: int) -> None:
    ends[1].sendall(WHOLE[:kept])
    ends[1].close()
    with pytest.raises(Gone):
        ends[0].receive(5)
    with pytest.raises(Garbled):
        read(WHOLE[:kept])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=300, deadline=None)
def test_damage_anywhere_is_garbled_or_other_data(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(WHOLE)
    for place, value in changes:
        damaged[place] = value
    try:
        kind, _ = read(bytes(damaged))
    except Garbled:
        return
    assert isinstance(kind, str)


JSON = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["bytes", "uint8", "$blob", "$map"])
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(["$blob", "$map", "$tuple", "a"]), inner)),
    max_leaves=12,
)


@given(data=JSON, blobs=JSON)
@settings(max_examples=300, deadline=None)
def test_any_header_is_garbled_or_read(data: Any, blobs: Any) -> None:
    try:
        read(framed({"kind": "k", "data": data, "blobs": blobs}, bytes(64)))
    except Garbled:
        return


def test_no_memory_is_taken_for_what_is_only_declared() -> None:
    taken: list[int] = []

    def fill(buffer: memoryview) -> None:
        if not taken:
            buffer[:] = declared[: len(buffer)]
            taken.append(len(buffer))
        elif len(taken) == 1:
            buffer[:] = declared[4:]
            taken.append(len(buffer))
        else:
            raise Gone

    declared = declaring(*[["uint8", [FRAME_LIMIT // 64]]] * 64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Gone):
        read_frame(fill)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 << 10  # KiB


def test_a_lack_of_memory_is_the_senders_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: Any, **__: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(torch, "empty", none_left)
    with pytest.raises(Garbled, match="no memory"):
        read(declaring(["uint8", [1 << 20]]))


def test_a_hang_up_is_gone_on_both_sides(pair: tuple[Channel, Channel]) -> None:
    pair[1].close()
    with pytest.raises(Gone):
        pair[0].receive(5)
    with pytest.raises(Gone):
        pair[0].send("k")
    pair[0].close()
    for broken in (lambda: pair[0].send("k"), lambda: pair[0].receive(1), pair[0].receive):
        with pytest.raises(Gone):
            broken()


def test_a_limit_holds_for_a_message_that_drips_and_does_not_outlast_it(ends: tuple[Channel, socket.socket]) -> None:
    over = threading.Event()

    def drip() -> None:
        for byte in framed({"kind": "k" * 1000, "data": 1, "blobs": []}):
            if over.wait(0.05):
                return
            ends[1].sendall(bytes([byte]))

    dripping = threading.Thread(target=drip)
    dripping.start()
    with pytest.raises(TimeoutError):  # each byte comes in time, the message does not
        ends[0].receive(0.5)
    over.set()
    dripping.join()
    assert ends[0]._sock.gettimeout() is None


def test_a_file_holds_frames_one_after_the_other() -> None:
    file = io.BytesIO()
    write_file(file, "first", {"a": torch.ones(2)})
    write_file(file, "second", [1])
    file.seek(0)
    assert read_file(file)[0] == "first"
    assert read_file(file) == ("second", [1])
