"""What passes between two processes: a JSON header of limited size, then the raw bytes of the tensors that it declares.

A frame is ``length of header (4 bytes) | header | bytes of each blob``; a blob is a tensor or plain bytes. Nothing of it is
ever unpickled or executed, and nothing is read into memory before its declared size was held against a limit.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from math import prod
from typing import TYPE_CHECKING, Any, BinaryIO

from benchbox.isolation.tree import SIZES, is_tensor, pack, unpack

if TYPE_CHECKING:
    from benchbox.isolation.tree import Blob

HEADER_LIMIT = 16 << 20
"""Bytes of a header between our own processes: confusion matrices of a thousand classes are text. What it says can take a
hundred times as much memory, so a player is held to less."""

FRAME_LIMIT = 16 << 30
"""Bytes in all blobs of a frame between our own processes; a player is held to less."""

MOST_BLOBS = 100_000
"""Blobs of a frame: an empty one costs the reader a tensor all the same."""

SIDES = 16
"""Dimensions of a tensor."""

_LENGTH = struct.Struct("!I")
_BUFFER = 4 << 20
_BYTES = "bytes"


class Gone(Exception):  # noqa: N818 - an outcome
    """The other side closed the channel, or its process ended."""


class Garbled(Exception):  # noqa: N818 - an outcome
    """The other side sent something that is no frame; the message says what."""


class Channel:
    """One end of a stream socket between two processes. Threads may share the sending; one receives.

    Args:
        sock: the connected socket; the channel owns it.
        limit: bytes that the blobs of one frame may have that comes from the other side.
        header_limit: bytes that its header may have.
    """

    def __init__(self, sock: socket.socket, limit: int = FRAME_LIMIT, header_limit: int = HEADER_LIMIT) -> None:
        self._sock, self.limit, self.header_limit = sock, limit, header_limit
        self._sending = threading.Lock()
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, option, _BUFFER)

    @classmethod
    def pair(cls) -> tuple[Channel, socket.socket]:
        """Return a channel, and the socket of its other end, to be handed to another process."""
        mine, other = socket.socketpair()
        return cls(mine), other

    def send(self, kind: str, data: Any = None) -> None:
        """Send a message.

        Args:
            kind: what it is.
            data: plain data with tensors in it (``benchbox.isolation.tree``).

        Raises:
            Gone: nobody is there to read it.
            TypeError: the data holds something that does not cross; nothing was sent.
        """
        parts = frame(kind, data)
        with self._sending:  # else a frame of another thread could begin in the middle of this one
            try:
                for part in parts:
                    self._sock.sendall(part)
            except OSError as error:
                raise Gone(str(error)) from None

    def receive(self, timeout: float | None = None) -> tuple[str, Any]:
        """Return the next message: its kind and its data.

        Raises:
            Gone: the other side is gone.
            Garbled: it sent no frame; the channel is of no use any more.
            TimeoutError: no whole message came within ``timeout`` seconds; the channel is of no use any more.
        """
        until = None if timeout is None else time.monotonic() + timeout
        try:
            return read_frame(lambda buffer: self._fill(buffer, until), self.limit, self.header_limit)
        finally:
            if until is not None:
                self._limit(None)  # sending waits as long as it takes

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _fill(self, buffer: memoryview, until: float | None) -> None:
        done = 0
        while done < len(buffer):
            if until is not None:  # one limit for the whole: a byte now and then keeps nobody waiting
                self._limit(max(until - time.monotonic(), 1e-3))
            try:
                got = self._sock.recv_into(buffer[done:])
            except TimeoutError:
                raise
            except OSError:
                got = 0
            if not got:
                raise Gone("the other side hung up")
            done += got

    def _limit(self, seconds: float | None) -> None:
        try:
            self._sock.settimeout(seconds)
        except OSError:
            raise Gone("the channel is closed") from None


def frame(kind: str, data: Any) -> Iterable[bytes | memoryview]:
    """Return the parts of a frame, in order.

    Raises:
        TypeError: the data holds something that does not cross.
    """
    found: list[Blob] = []
    body = pack(data, found)
    blobs = [_plain(blob) for blob in found]
    header = json.dumps({"kind": kind, "data": body, "blobs": [_declared(blob) for blob in blobs]}).encode()
    return [_LENGTH.pack(len(header)) + header, *(memory for memory in map(_memory, blobs) if len(memory))]


def read_frame(
    fill: Callable[[memoryview], None], limit: int = FRAME_LIMIT, header_limit: int = HEADER_LIMIT
) -> tuple[str, Any]:
    """Read one frame through ``fill``, which fills a memoryview or raises.

    Raises:
        Garbled: what comes is no frame, or its blobs have more bytes than ``limit``, or its header more than ``header_limit``.
    """
    start = bytearray(_LENGTH.size)
    fill(memoryview(start))
    (length,) = _LENGTH.unpack(start)
    if length > header_limit:
        raise Garbled(f"a header of {length} bytes; at most {header_limit} are read")
    text = bytearray(length)
    fill(memoryview(text))
    kind, body, declared = _header(text, limit)
    blobs = [_filled(name, shape, fill) for name, shape in declared]
    try:
        return kind, unpack(body, blobs)
    except (ValueError, TypeError, RecursionError) as error:
        raise Garbled(f"malformed data ({error})") from None


def write_file(file: BinaryIO, kind: str, data: Any) -> None:
    """Write a frame into a file, to be read by ``read_file``."""
    for part in frame(kind, data):
        file.write(part)


def read_file(file: BinaryIO) -> tuple[str, Any]:
    """Read the frame at the present position of a file.

    Raises:
        Garbled: it is damaged or cut short.
    """

    def fill(buffer: memoryview) -> None:
        if file.readinto(buffer) != len(buffer):  # type: ignore[attr-defined]
            raise Garbled("the file ends too early")

    return read_frame(fill)


def _header(text: bytearray, limit: int) -> tuple[str, Any, list[tuple[str, list[int]]]]:
    try:
        header = json.loads(text)
        if len(header["blobs"]) > MOST_BLOBS:
            raise Garbled(f"{len(header['blobs'])} tensors; at most {MOST_BLOBS} are read")
        kind, body, declared = header["kind"], header["data"], [_shape(row) for row in header["blobs"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Garbled("a header that is no frame's") from None
    if not isinstance(kind, str):
        raise Garbled("a header without a kind")
    total = sum(_size(name, shape) for name, shape in declared)
    if total > limit:
        raise Garbled(f"tensors of {total} bytes; at most {limit} are read")
    return kind, body, declared


def _shape(row: Any) -> tuple[str, list[int]]:
    name, shape = row
    if not isinstance(name, str) or name not in (*SIZES, _BYTES):
        raise ValueError("an unknown type")
    if not isinstance(shape, list) or not all(type(side) is int and 0 <= side <= FRAME_LIMIT for side in shape):
        raise ValueError("a shape that is none")
    # An empty tensor's sides are multiplied too, by torch, in 64 bits.
    if len(shape) > SIDES or (name == _BYTES and len(shape) != 1) or prod(side or 1 for side in shape) > FRAME_LIMIT:
        raise ValueError("a shape that is none")
    return name, shape


def _size(name: str, shape: list[int]) -> int:
    return SIZES.get(name, 1) * prod(shape)


def _plain(blob: Blob) -> Blob:
    """Return a blob whose memory can be sent: a tensor on the CPU, contiguous, of a type that crosses."""
    if isinstance(blob, bytes | bytearray):
        return blob
    tensor = blob.detach().cpu().contiguous()
    if str(tensor.dtype).removeprefix("torch.") not in SIZES:
        raise TypeError(f"a tensor of {tensor.dtype} does not cross")
    return tensor


def _declared(blob: Blob) -> tuple[str, list[int]]:
    if isinstance(blob, bytes | bytearray):
        return _BYTES, [len(blob)]
    return str(blob.dtype).removeprefix("torch."), list(blob.shape)


def _filled(name: str, shape: list[int], fill: Callable[[memoryview], None]) -> Blob:
    """Return a blob whose bytes come through ``fill``; each is made when it comes, so that a word takes no memory."""
    try:
        blob = _empty(name, shape)
    except (MemoryError, RuntimeError):  # torch's word for a lack of memory
        raise Garbled(f"{_size(name, shape)} bytes, for which there is no memory") from None
    memory = _memory(blob)
    if len(memory):
        fill(memory)
    return blob


def _empty(name: str, shape: list[int]) -> Blob:
    if name == _BYTES:
        return bytearray(shape[0])
    import torch

    return torch.empty(shape, dtype=getattr(torch, name))


def _memory(blob: Blob) -> memoryview:
    if isinstance(blob, bytes | bytearray):
        return memoryview(blob)
    assert is_tensor(blob)
    import torch

    return blob.reshape(-1).view(torch.uint8).numpy().data if blob.numel() else memoryview(b"")
