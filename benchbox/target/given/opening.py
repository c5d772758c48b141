"""Opening a given target: whatever it is, it becomes something that is asked with images and gives raw answers."""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchbox.errors import TargetError, described
from benchbox.target.given.code import content_of, hash_of, load_named
from benchbox.target.given.endpoint import Endpoint
from benchbox.target.given.gift import Gift, in_code
from benchbox.target.given.onnx import OnnxNetwork, onnx_hash

Ask = Callable[[Tensor], Any]
"""Maps float32 images (n, *shape) in [0, 1] to raw answers."""
_NESTED = ("state_dict", "model_state_dict", "model")
_PARALLEL = "module."


@dataclass(frozen=True)
class Opened:
    """A given target, ready to be asked.

    Attributes:
        ask: asks it.
        network: where it is weights, the network, in eval mode; None of what shows nothing of its inside.
        batch: how many images it takes at a time, where that is fixed.
        file_sha256, source, source_sha256: as ``GivenRecord`` has them.
    """

    ask: Ask
    network: nn.Module | None = None
    batch: int | None = None
    file_sha256: str = ""
    source: Path | None = None
    source_sha256: str = ""


def open_gift(gift: Gift, build: Callable[[], nn.Module] | None, device: torch.device) -> Opened:
    """Open what its owner gave.

    Args:
        gift: what it is.
        build: of weights whose network is a model plugin, builds that.
        device: where networks of PyTorch's run; functions and ONNX files see the CPU.

    Raises:
        TargetError: it cannot be read, imported or built; one sentence.
    """
    who = f"target '{gift.name}'"
    if gift.form == "endpoint":
        return Opened(Endpoint(gift))
    if gift.form == "function":
        found = load_named(gift.place, gift.folder, who)
        if not callable(found.value):
            raise TargetError(f"{who}: {gift.place} is a {type(found.value).__name__}; expected a function of images")
        return Opened(_Arrays(found.value, gift.sends), source=found.source, source_sha256=found.sha256)
    digest = file_hash(gift)
    if gift.form == "onnx":
        network = OnnxNetwork(Path(gift.place), who)
        return Opened(network, batch=network.batch, file_sha256=digest)
    content = content_of(Path(gift.place), who)
    if hashlib.sha256(content).hexdigest() != digest:
        raise TargetError(f"{who}: {gift.place} is being written; wait until it is whole")
    if gift.form == "weights":
        return _weights(gift, content, digest, build, device)
    load = _torchscript if gift.form == "torchscript" else _exported
    try:
        ask, batch = load(content, device)
    except Exception as error:  # a file of another version of PyTorch fails in many ways
        raise TargetError(f"{who}: {gift.place} cannot be opened: {_first_line(error)}") from None
    return Opened(ask, batch=batch, file_sha256=digest)


def file_hash(gift: Gift) -> str:
    """Return the sha256 of a file as it is now, without opening it."""
    path, who = Path(gift.place), f"target '{gift.name}'"
    return onnx_hash(path, who) if gift.form == "onnx" else hash_of(path, who)


class _Arrays:
    """A function of the owner's, which is given numpy arrays."""

    def __init__(self, function: Callable[[Any], Any], sends: str) -> None:
        self._function, self._sends = function, sends

    def __call__(self, images: Tensor) -> Any:
        sent = images.detach().cpu()
        if self._sends == "uint8":
            sent = (sent * 255).round().to(torch.uint8)
        return self._function(sent.contiguous().numpy())


def _weights(
    gift: Gift, content: bytes, digest: str, build: Callable[[], nn.Module] | None, device: torch.device
) -> Opened:
    who = f"target '{gift.name}'"
    tensors = _tensors(content, gift, who)
    source, source_hash = None, ""
    with torch.random.fork_rng(devices=[]):
        if build is not None:
            network = build()
        else:
            network, source, source_hash = _from_factory(gift, who)
    try:
        network.load_state_dict(tensors)
    except (RuntimeError, TypeError) as error:
        raise TargetError(f"{who}: the weights in {gift.place} do not fit {gift.model}: {_first_line(error)}") from None
    network = network.to(device).eval()

    def ask(images: Tensor) -> Any:
        with torch.no_grad():
            return network(images.to(device))

    return Opened(ask, network, None, digest, source, source_hash)


def _from_factory(gift: Gift, who: str) -> tuple[nn.Module, Path | None, str]:
    """Return the network that the owner's code builds; a class or a function without arguments, or the network itself."""
    if not in_code(gift.model):
        raise TargetError(f"{who}: --model {gift.model} is no model plugin, and no module:factory")
    found = load_named(gift.model, gift.folder, who)
    try:
        network = found.value if isinstance(found.value, nn.Module) else found.value()
    except (Exception, SystemExit) as error:  # the owner's code may fail in any way, and wants to know which
        raise TargetError(
            f"{who}: {gift.model} failed ({described(error)}); expected a function without arguments that returns the network"
        ) from None
    if not isinstance(network, nn.Module):
        raise TargetError(
            f"{who}: {gift.model} gives a {type(network).__name__}; expected a network, a torch.nn.Module"
        )
    return network, found.source, found.sha256


def _tensors(content: bytes, gift: Gift, who: str) -> dict[str, Tensor]:
    """Read tensors by name and run no code: a pickle of anything else is refused."""
    try:
        if Path(gift.place).suffix == ".safetensors":
            from safetensors.torch import load

            found: Any = load(content)
        else:
            found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:  # what is no such file fails in many ways
        raise TargetError(
            f"{who}: {gift.place} is no state dict ({_first_line(error)}); torch.save(network.state_dict(), PATH) writes one"
        ) from None
    for name in _NESTED:  # what training scripts save: the state dict beside the optimiser's
        found = found[name] if isinstance(found, Mapping) and isinstance(found.get(name), Mapping) else found
    named = isinstance(found, Mapping) and found
    if not named or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in found.items()):
        raise TargetError(f"{who}: {gift.place} holds no state dict; torch.save(network.state_dict(), PATH) writes one")
    parallel = all(name.startswith(_PARALLEL) for name in found)
    return {name.removeprefix(_PARALLEL) if parallel else name: tensor for name, tensor in found.items()}


def _torchscript(content: bytes, device: torch.device) -> tuple[Ask, int | None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # that TorchScript is old is no news to whoever has such a file
        network: Any = torch.jit.load(io.BytesIO(content), map_location=device).eval()  # type: ignore[no-untyped-call]

    def ask(images: Tensor) -> Any:
        with torch.no_grad():
            return network(images.to(device))

    return ask, None


def _exported(content: bytes, device: torch.device) -> tuple[Ask, int | None]:
    program: Any = torch.export.load(io.BytesIO(content))
    first = next(
        node
        for node in program.graph.nodes
        if node.op == "placeholder" and node.name in program.graph_signature.user_inputs
    )
    length = first.meta["val"].shape[0]
    network = program.module()  # it stays where it was exported: moving a program is not for all of them

    def ask(images: Tensor) -> Any:
        with torch.no_grad():
            return network(images.cpu())

    return ask, length if isinstance(length, int) else None


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in described(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:300]
