"""A training that may be killed: its state behind the last whole epoch, in a file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from benchbox.paths import write_whole

if TYPE_CHECKING:
    import torch

_DIGEST = 32  # bytes: a file that a power cut left half written would end in other weights, or in a traceback


class _Stateful(Protocol):
    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Any, /) -> Any: ...


class Unfinished:
    """Keeps what a training needs to go on as if it had never stopped, to the last bit.

    Args:
        path: the file. One that is there must be of this very training: its name should say so. None keeps nothing.
        parts: what has a state, such as network, optimiser and schedule, by name.
        draws: the generator of order and augmentation. Torch's global ones are kept, too: dropout draws from its device's.
    """

    def __init__(self, path: Path | None, parts: dict[str, _Stateful], draws: torch.Generator) -> None:
        self._path, self._parts, self._draws = path, parts, draws

    def restore(self, report: Callable[[str], None]) -> int:
        """Take up the kept state, where there is one, and return how many epochs lie behind it."""
        import torch

        if self._path is None or not self._path.is_file():
            return 0
        kept = self._path.read_bytes()
        if hashlib.sha256(kept[_DIGEST:]).digest() != kept[:_DIGEST]:
            report(f"{self._path}, the state of a stopped training, is damaged: beginning anew")
            return 0
        state = torch.load(io.BytesIO(kept[_DIGEST:]), map_location="cpu", weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        self._draws.set_state(state["draws"])
        torch.set_rng_state(state["global"])
        torch.cuda.set_rng_state_all(
            state.get("cuda", [])[: torch.cuda.device_count()]
        )  # it may have been another machine
        report(f"going on behind epoch {state['epochs']}, where it was stopped")
        return int(state["epochs"])

    def keep(self, epochs: int) -> None:
        """Write the state behind so many epochs, in place of the one before."""
        import torch

        if self._path is None:
            return
        state = {name: part.state_dict() for name, part in self._parts.items()}
        file = io.BytesIO()
        kept = {
            "draws": self._draws.get_state(),
            "global": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all(),
        }
        torch.save({**state, **kept, "epochs": epochs}, file)
        write_whole(self._path, hashlib.sha256(file.getvalue()).digest() + file.getvalue())
