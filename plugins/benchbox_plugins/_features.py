"""A network's features: what its last dense layer reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from benchbox.contracts import NotApplicable


@contextmanager
def reading_features(network: nn.Module) -> Iterator[Callable[[Tensor], Tensor]]:
    """Give a function of images (n, *shape) to features, float32 (n, d); gradients pass through it.

    Raises:
        NotApplicable: the network has no dense layer.
    """
    dense = [module for module in network.modules() if isinstance(module, nn.Linear)]
    if not dense:
        raise NotApplicable("the substitute has no dense layer (nn.Linear) whose inputs could serve as features")
    kept = Tensor()

    def keep(_module: nn.Module, inputs: tuple[Tensor]) -> None:
        nonlocal kept
        kept = inputs[0].flatten(1).clone()  # some networks change theirs afterwards

    def read(images: Tensor) -> Tensor:
        network(images)
        return kept

    handle = dense[-1].register_forward_pre_hook(keep)
    try:
        yield read
    finally:
        handle.remove()
