"""A tensor of images that are read when they are indexed: what stands for a set that no memory holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from benchbox.contracts import Array, Images
from benchbox.errors import PluginError
from benchbox.images.rows import CHUNK, HELD, as_float, everything, too_large

Read = Callable[[Tensor], Tensor]
"""Maps rows, int64 (m,) on the CPU, to images, uint8 in 0..255 or float32 in [0, 1], (m, channels, height, width)."""

_ATEN = torch.ops.aten
_AS_IT_IS = (_ATEN.detach.default, _ATEN.alias.default, _ATEN.clone.default)


class RowTensor(Tensor):
    """Images, float32 (n, channels, height, width), of which ``images[rows]`` and ``images[i:j]`` are read.

    ``len``, ``shape``, ``dtype`` and ``device`` are those of the whole; ``split`` gives parts as unread. It is never changed.
    Whatever else is done with it reads the whole, and is refused where memory does not hold that.
    """

    _read: Read

    @staticmethod
    def __new__(cls, shape: tuple[int, ...], read: Read, device: torch.device) -> RowTensor:
        """Make one.

        Args:
            shape: of the whole.
            read: reads rows.
            device: where what is read shall lie.
        """
        make = torch.Tensor._make_wrapper_subclass
        made: RowTensor = make(cls, shape, dtype=torch.float32, device=device)
        made._read = read
        return made

    def take(self, rows: Tensor) -> RowTensor:
        """Return some of the images, as unread as these."""
        rows, read = rows.detach().cpu(), self._read
        return RowTensor((len(rows), *self.shape[1:]), lambda some: read(rows[some]), self.device)

    def read(self, rows: Tensor) -> Tensor:
        """Return images as they are read, on the CPU: uint8 where they are files."""
        return self._read(rows)

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"RowTensor({tuple(self.shape)})"

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(cls, function: Any, _: Any, args: Any = (), kwargs: Any = None) -> Any:  # type: ignore[override]
        """Read the rows that an index names."""
        whole, rest, kwargs = args[0], args[1:], kwargs or {}
        if isinstance(whole, RowTensor):
            if function in _AS_IT_IS:
                return whole
            if function is _ATEN._to_copy.default and kwargs.get("dtype") in (None, torch.float32):
                return RowTensor(tuple(whole.shape), whole._read, kwargs.get("device") or whole.device)
            rows = _indexed(function, len(whole), rest)
            if rows is not None:
                return whole._floats(rows)[0] if function is _ATEN.select.int else whole._floats(rows)
            if function is _ATEN.split.Tensor and (len(rest) < 2 or rest[1] == 0):
                return [whole.take(rows) for rows in torch.split(torch.arange(len(whole)), rest[0])]
        args, kwargs = tree_map_only(cls, lambda images: images._whole(function), (args, kwargs))
        return function(*args, **kwargs)

    def _whole(self, function: Any) -> Tensor:
        if 4 * self.numel() > HELD:
            name, shape = function.__name__.partition(".")[0], "x".join(map(str, self.shape[1:]))
            raise PluginError(
                f"'{name}' would read all {len(self):,} images of {shape} into memory; take some: images[rows], images[i:j]"
            )
        return self._floats(torch.arange(len(self)))

    def _floats(self, rows: Tensor) -> Tensor:
        made = torch.empty((len(rows), *self.shape[1:]))
        for start in range(0, len(rows), CHUNK):
            found = self._read(rows[start : start + CHUNK])
            made[start : start + CHUNK] = found / 255 if found.dtype == torch.uint8 else found
        return made.to(self.device)


def _indexed(function: Any, total: int, rest: tuple[Any, ...]) -> Tensor | None:
    """Return the rows that an operation takes, int64 on the CPU; None where it takes something else."""
    if function is _ATEN.index.Tensor and len(rest[0]) == 1:
        rows = rest[0][0].cpu()
        if rows.dtype == torch.bool and rows.ndim == 1:
            if len(rows) != total:
                raise IndexError(f"a mask of {len(rows)} values cannot choose of {total} rows")
            rows = rows.nonzero()[:, 0]
    elif function is _ATEN.index_select.default and rest[0] == 0:
        rows = rest[1].cpu()
    elif function is _ATEN.select.int and rest[0] == 0:
        rows = torch.tensor([rest[1]])
    elif function is _ATEN.slice.Tensor and (not rest or rest[0] == 0):
        rows = torch.arange(total)[slice(*rest[1:])]
    else:
        return None
    if rows.ndim != 1:
        return None
    rows = rows.long()
    rows = torch.where(rows < 0, rows + total, rows)
    if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < total:
        raise IndexError(f"there are rows 0 to {total - 1}")
    return rows


def as_tensor(images: Images, device: torch.device, rows: Array | None = None) -> Tensor:
    """Return images as a float32 tensor in [0, 1], all of them or some: in memory, or where they are too many, by rows.

    Args:
        images: any.
        device: where they shall lie.
        rows: which, integers (m,).
    """
    count = len(images) if rows is None else len(rows)
    if too_large(count, images):
        some = None if rows is None else torch.from_numpy(rows)
        return RowTensor((count, *images.shape), _reader(images, some), device)
    whole = everything(images) if rows is None else images.rows(rows)
    return torch.from_numpy(as_float(whole)).to(device)


def as_read(images: Images, rows: Array) -> Tensor:
    """Return some images as ``as_tensor`` does, but uint8 where they are, and memory holds them: a quarter of the bytes."""
    if too_large(len(rows), images):
        return as_tensor(images, torch.device("cpu"), rows)
    return torch.from_numpy(images.rows(rows))


def _reader(images: Images, some: Tensor | None) -> Read:
    def read(rows: Tensor) -> Tensor:
        return torch.from_numpy(images.rows((rows if some is None else some[rows]).numpy()))

    return read


def taken(images: Tensor, rows: Tensor) -> Tensor:
    """Return some images: of what is unread, as unread as before."""
    return images.take(rows) if isinstance(images, RowTensor) else images[rows.to(images.device)]


def in_parts(images: Tensor) -> Iterator[Tensor]:
    """Yield images as they are asked: whole where memory holds them, else in chunks."""
    if isinstance(images, RowTensor):
        yield from (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
    else:
        yield images
