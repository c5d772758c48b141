"""Who takes part: the cluster's workers, those among them that fit, and why the others do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchbox.machines import kind_of, other_kind

GPU, CELL = "GPU", "CELL"
"""What workers say that they offer: ``dask worker --resources CELL=1``."""


@dataclass(frozen=True)
class Fitting:
    """A worker that takes part: what it is called, and how many cells it plays at once."""

    name: str
    cells: int


class Roster:
    """The workers of one run. All of its methods are called in one thread, but for ``slots`` and ``addresses``.

    Args:
        device: ``auto``, ``cpu`` or ``cuda``.
        known: the environments that earlier cells of these games recorded.
        any_machine: whether cells may be played on machines of several kinds.
        tell: is told who joined, left, or was refused.
    """

    def __init__(
        self, device: str, known: Sequence[Mapping[str, Any]], any_machine: bool, tell: Callable[[str], None]
    ) -> None:
        self.resource = {"cpu": CELL, "cuda": GPU}.get(device, "")
        self._environments, self._any = list(known), any_machine
        self._tell = tell
        self._known: dict[str, Fitting | None] = {}
        self._refused: set[tuple[str, str]] = set()
        self._fitting: dict[str, Fitting] = {}

    @property
    def slots(self) -> int:
        """How many cells can be played at once."""
        return sum(worker.cells for worker in self._fitting.values())

    @property
    def addresses(self) -> list[str]:
        """Those that take part now."""
        return list(self._fitting)

    def called(self, address: str) -> str:
        """Return what people call a worker."""
        known = self._known.get(address)
        return address if known is None else known.name

    def look(self, present: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Take note of who is there, and return those who offer something and have not been asked yet."""
        for address in [known for known in self._known if known not in present]:
            gone = self._known.pop(address)
            if gone is not None:
                self._tell(f"worker {gone.name} left")
        self._update()
        new = {address: worker for address, worker in present.items() if address not in self._known}
        for address, worker in new.items():
            if not _offered(worker, self.resource):
                self._refuse(address, worker, _offers_nothing(self.resource))
        return [address for address in new if address not in self._known]

    def forget(self, address: str) -> None:
        """Ask a worker again: it is another process than it was."""
        self._known.pop(address, None)
        self._update()

    def join(self, address: str, worker: Mapping[str, Any], answer: Mapping[str, Any] | BaseException) -> None:
        """Take a worker in, or refuse it.

        Args:
            address: where it is.
            worker: what the scheduler says of it.
            answer: what it said of itself; an exception where it could not be asked.
        """
        why = _unfit(answer) or self._other_kind(answer)
        offered = _offered(worker, self.resource)
        if not why and not offered:  # another one has decided meanwhile what is played on
            why = _offers_nothing(self.resource)
        if why:
            self._refuse(address, worker, why)
            return
        assert isinstance(answer, Mapping)
        self.resource, cells = next(iter(offered.items()))
        self._environments = self._environments or [answer["environment"]]
        self._known[address] = Fitting(_name(address, worker), cells)
        self._tell(f"worker {_name(address, worker)} takes part: {kind_of(answer['environment'])}")
        self._update()

    def _refuse(self, address: str, worker: Mapping[str, Any], why: str) -> None:
        self._known[address] = None
        who = str(worker.get("id"))
        if (who, why) not in self._refused:  # a nanny starts it again and again
            self._refused.add((who, why))
            self._tell(f"worker {_name(address, worker)} is refused: {why}")

    def _other_kind(self, answer: Mapping[str, Any] | BaseException) -> str:
        assert isinstance(answer, Mapping)
        other = "" if self._any else other_kind(answer["environment"], self._environments)
        return (
            other
            and f"it is another kind of machine than these games are played on ({other}); --any-machine mixes them"
        )

    def _update(self) -> None:
        self._fitting = {address: known for address, known in self._known.items() if known is not None}


def _name(address: str, worker: Mapping[str, Any]) -> str:
    name = str(worker.get("id") or worker.get("name") or "")
    return address if name in ("", address) else f"'{name}' at {address}"


def _unfit(answer: Mapping[str, Any] | BaseException) -> str:
    if isinstance(answer, ModuleNotFoundError | AttributeError):
        return f"it has another benchbox, or none ({answer}); install the coordinator's version there"
    if isinstance(answer, BaseException):
        return f"it could not be asked ({type(answer).__name__}: {answer})"
    return str(answer.get("refused", ""))


def _offered(worker: Mapping[str, Any], resource: str) -> dict[str, int]:
    """Return what a worker offers of a resource, or of either where it is not decided yet, GPUs first."""
    found = {name: int(worker.get("resources", {}).get(name, 0)) for name in (GPU, CELL) if resource in ("", name)}
    return {name: number for name, number in found.items() if number >= 1}


def _offers_nothing(resource: str) -> str:
    resource = resource or CELL
    return f"it offers no {resource}; start it with 'dask worker ... --nthreads 1 --resources {resource}=1'"
