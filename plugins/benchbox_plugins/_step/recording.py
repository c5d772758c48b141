"""Writing down what a training step computes, in memory that stays, so that it can be computed again without autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from benchbox_plugins._step.batch_last import Shifted, convolve, gradients, is_batch_last

_aten = torch.ops.aten
_SMALL = 30_000_000
"""Multiplications of a convolution up to which ours, and a recording at all, are worth it; beyond, the library's are faster."""
_POOLINGS = {_aten.max_pool2d_with_indices.default, _aten.max_pool2d_with_indices_backward.default}
_COPIES = {"clone", "copy_", "detach", "empty_like", "zeros_like", "view", "_unsafe_view"}
_ANY_LAYOUT = {_aten.convolution_backward.default, *_POOLINGS, *(getattr(_aten, name).default for name in _COPIES)}
_UNREPEATABLE = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}


class Look(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Looks at what happens in its context.

    Attributes:
        repeatable: False once Python read a result, or a size depended on data.
        small: whether recording is worth it: no convolution was large.
        random: whether anything was drawn.
        suited: whether convolutions could all be computed batch last, and what else has images is as fast in any layout.
        convolutions: how many there were.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.repeatable, self.small, self.random, self.suited, self.convolutions = True, True, False, True, 0

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute an operation; see ``TorchDispatchMode``."""
        result = operation(*args, **kwargs or {})
        self.repeatable &= not _UNREPEATABLE & set(operation.tags)
        self.random |= torch.Tag.nondeterministic_seeded in operation.tags
        if operation is _aten.convolution.default:
            x, weight, _, stride, _, dilation, transposed, _, groups = args
            images = x.ndim == 4 and x.dtype == torch.float32
            self.suited &= images and stride == dilation == [1, 1] and not transposed and groups == 1
            self.small &= result.numel() * weight[0].numel() <= _SMALL
            self.convolutions += 1
        elif args and isinstance(args[0], Tensor) and args[0].ndim == 4:
            self.suited &= operation in _ANY_LAYOUT or torch.Tag.pointwise in operation.tags
        return result


class Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Computes what happens in its context, and can compute it again.

    Every tensor that the step made stays where it is, and holds its new value after ``replay``; views need no computing. So the
    step must ask the same of the same tensors every time. ``script`` tells: two steps are alike if their scripts are equal.

    Args:
        inputs: the batch, whose values the caller changes before every replay.
        batch_last: whether to compute convolutions batch last. Those give float noise, all else the very same numbers.

    Attributes:
        script: what was computed of what.
    """

    def __init__(self, *inputs: Tensor, batch_last: bool) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.script: list[object] = []
        self._calls: list[Callable[[], object]] = []
        self._batch_last = batch_last
        self._made = {id(t): number for number, t in enumerate(inputs)}
        self._alive: list[object] = [inputs]  # an address names a tensor only while it lives
        self._shifted: dict[tuple[int, int], Shifted] = {}

    def replay(self) -> None:
        """Compute the step again, of what its inputs, the weights and whatever else lasts hold now."""
        with torch.no_grad():
            for call in self._calls:
                call()

    def forget(self) -> None:
        """Let go of ``script`` and what only it needs: among that is autograd's graph."""
        self.script, self._made, self._alive, self._shifted = [], {}, [], {}

    def __torch_dispatch__(self, operation: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute an operation, and note how to compute it again; see ``TorchDispatchMode``."""
        kwargs = kwargs or {}
        if operation.namespace == "profiler":
            return operation(*args, **kwargs)
        self.script.append((operation, _map(self._name, args), _map(self._name, kwargs)))
        self._alive.append((args, kwargs))
        args, kwargs = _map(Tensor.detach, args), _map(Tensor.detach, kwargs)
        result = self._ours(operation, args)
        if result is NotImplemented:
            result = self._computed(operation, args, kwargs)
        self._alive.append(result)
        for t in _tensors(result):
            self._made.setdefault(id(t), len(self._made))
        return result

    def _name(self, t: Tensor) -> tuple[str, int]:
        """Return what a tensor is to the step: the n-th that it made, or one that was there before."""
        made = self._made.get(id(t))
        return ("there", id(t)) if made is None else ("made", made)

    def _do(self, function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        self._calls.append(partial(function, *args, **kwargs))
        return function(*args, **kwargs)

    def _computed(self, operation: OpOverload, args: Any, kwargs: Any) -> Any:
        result = operation(*args, **kwargs)
        given = {t.untyped_storage().data_ptr() for t in _tensors((args, kwargs))}
        made = list(_tensors(result))
        fresh = [t.untyped_storage().data_ptr() not in given for t in made]
        into, places = _into(operation)
        if into and all(fresh) and len(places) == len(made):
            self._calls.append(partial(into, *args, **kwargs, **dict(zip(places, made, strict=True))))
        elif any(fresh):
            self._calls.append(partial(_refill, made, operation, *args, **kwargs))
        elif operation._schema.is_mutable:
            self._calls.append(partial(operation, *args, **kwargs))
        return result

    def _ours(self, operation: OpOverload, args: Any) -> Any:
        """Return the result of our own way to compute, or NotImplemented where we have none."""
        if operation is _aten._foreach_add_.Scalar and _adjoin(args[0]):
            self._do(args[0][0].as_strided((len(args[0]),), (1,)).add_, args[1])
            return None
        if not self._batch_last:
            return NotImplemented
        if operation is _aten.convolution.default:
            x, weight, bias, _, padding, *_ = args
            result, self._shifted[x.data_ptr(), weight.data_ptr()] = convolve(self._do, x, weight, bias, padding)
            return result
        if operation is _aten.convolution_backward.default:
            gradient, x, weight, _, _, padding, *_, wanted = args
            shifted = self._shifted[x.data_ptr(), weight.data_ptr()]
            return gradients(self._do, gradient, weight, shifted, padding, wanted)
        if operation in _POOLINGS and is_batch_last(args[0]):
            # Channels and images trade places: what lies batch last looks channels last to the library.
            return _map(_traded, self._computed(operation, _map(_traded, args), {}))
        if operation is _aten.mm.default and _is_slow_product(*args):
            return self._computed(operation, [args[1].t(), args[0].t()], {}).t()
        return NotImplemented


def _map(change: Callable[[Tensor], object], value: Any) -> Any:
    """Return a value of tensors, numbers, sequences and dictionaries with its tensors changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)([_map(change, item) for item in value])
    return {key: _map(change, item) for key, item in value.items()} if isinstance(value, dict) else value


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _tensors(item)


@cache
def _into(operation: OpOverload) -> tuple[OpOverload | None, list[str]]:
    """Return the variant of an operation that fills given tensors, and the names of those; none where there is none."""
    wanted = [(a.name, str(a.type)) for a in operation._schema.arguments]
    packet = operation.overloadpacket
    for variant in (getattr(packet, name) for name in packet.overloads()):
        arguments = variant._schema.arguments
        places = [a.name for a in arguments if a.is_out]
        if places and [(a.name, str(a.type)) for a in arguments if not a.is_out] == wanted:
            return variant, places
    return None, []


def _refill(made: list[Tensor], operation: OpOverload, *args: Any, **kwargs: Any) -> None:
    for place, value in zip(made, _tensors(operation(*args, **kwargs)), strict=True):
        place.copy_(value)


def _traded(x: Tensor) -> Tensor:
    return x.transpose(0, 1)


def _adjoin(numbers: list[Tensor]) -> bool:
    """Say whether numbers lie one behind the other in memory."""
    places = [t.data_ptr() - i * t.element_size() for i, t in enumerate(numbers)]
    return (
        all(t.ndim == 0 for t in numbers)
        and len({*places}) == len({t.untyped_storage().data_ptr() for t in numbers}) == 1
    )


def _is_slow_product(a: Tensor, b: Tensor) -> bool:
    """Say whether both factors lie by columns and the result is narrow: MKL is ten times as fast with all three turned."""
    by_columns = all(t.t().is_contiguous() and not t.is_contiguous() for t in (a, b))
    return by_columns and b.shape[1] < min(a.shape)
