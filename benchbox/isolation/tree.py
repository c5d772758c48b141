"""Plain data with tensors and bytes in it, as JSON and a list of blobs: what crosses a wall instead of a pickle.

Imports torch only where there is a tensor: the coordinator, which has no torch, sends and reads the rest.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    Blob = Tensor | bytes | bytearray

SIZES = {
    "float32": 4,
    "float64": 8,
    "float16": 2,
    "bfloat16": 2,
    "int64": 8,
    "int32": 4,
    "int16": 2,
    "int8": 1,
    "uint8": 1,
    "bool": 1,
}
"""The element types of tensors that cross, with the bytes of a value."""

_BLOB, _MAP, _TUPLE = "$blob", "$map", "$tuple"


def pack(data: Any, blobs: list[Blob]) -> Any:
    """Return JSON data for ``data``, its tensors and bytes moved into ``blobs``.

    Dictionaries (keys are strings, numbers, booleans or None), lists, tuples, tensors, bytes, numbers, strings, booleans and
    None can be packed.

    Raises:
        TypeError: there is something else in it.
    """
    if data is None or isinstance(data, str | bool | int | float):
        return data
    if isinstance(data, bytes | bytearray) or is_tensor(data):
        blobs.append(data)
        return {_BLOB: len(blobs) - 1}
    if isinstance(data, tuple):
        return {_TUPLE: [pack(item, blobs) for item in data]}
    if isinstance(data, list):
        return [pack(item, blobs) for item in data]
    if isinstance(data, dict):
        if all(isinstance(key, str) and not key.startswith("$") for key in data):
            return {key: pack(value, blobs) for key, value in data.items()}
        return {_MAP: [[_key(key), pack(value, blobs)] for key, value in data.items()]}
    raise TypeError(f"{type(data).__name__} is neither a tensor nor plain data")


def _key(key: Any) -> Any:
    if key is None or isinstance(key, str | bool | int | float):
        return key
    raise TypeError(f"a dictionary has a key of type {type(key).__name__}; only plain ones cross")


def is_tensor(data: object) -> bool:
    """Return whether it is a tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(data, torch.Tensor)


def unpack(data: Any, blobs: list[Blob]) -> Any:
    """Return what ``pack`` was given.

    Raises:
        ValueError: the data refers to a blob that is not there, or is malformed.
    """
    if isinstance(data, list):
        return [unpack(item, blobs) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        (mark, inside), *_ = data.items()
        if mark == _BLOB:
            return _one(inside, blobs)
        if mark == _TUPLE and isinstance(inside, list):
            return tuple(unpack(item, blobs) for item in inside)
        if mark == _MAP and isinstance(inside, list):
            return dict(_pair(item, blobs) for item in inside)
    return {key: unpack(value, blobs) for key, value in data.items()}


def _one(number: Any, blobs: list[Blob]) -> Blob:
    if not isinstance(number, int) or not 0 <= number < len(blobs):
        raise ValueError(f"there is no blob {number!r:.40}")
    return blobs[number]


def _pair(item: Any, blobs: list[Blob]) -> tuple[Any, Any]:
    if not isinstance(item, list) or len(item) != 2 or isinstance(item[0], dict | list):
        raise ValueError("a map holds something else than pairs of a plain key and a value")
    return item[0], unpack(item[1], blobs)
