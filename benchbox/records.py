"""What a cell gives back: plain, picklable data that workers return and the store keeps. Imports no torch."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from math import isfinite
from typing import Any

SCORING = "scoring"
"""The ledger's phase of the referee's own queries, of test images: they cost a method nothing."""
_MOST_BYTES, _MOST_SIDE = 4 << 20, 8192  # of a picture
_COLUMNS = ("which", "spent", "values")  # of packed notes, with 4, 8 and 8 bytes a value
_MOST_COUNTED = 2**53  # whole numbers up to here are the same in a store, in JSON and on a page


class Status(StrEnum):
    """How a cell ended.

    ``FAILED`` is a plugin or a bug that raised: it is run again only with ``--retry-failed``. ``INTERRUPTED`` is a worker
    that died: the same command runs it again.
    """

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NOT_APPLICABLE = "not-applicable"


class Sealed(StrEnum):
    """How far the player was shut in.

    ``NO`` is this very process (``jobs=0``); ``PROCESS`` a process of its own; ``SANDBOX`` one that sees no files but Python's
    and its plugin's, no network and no other process.
    """

    NO = "no"
    PROCESS = "process"
    SANDBOX = "sandbox"


@dataclass(frozen=True)
class Measurement:
    """One number.

    Attributes:
        metric: a name in ``benchbox.scoring.metrics``, which says what it is.
        attack: the attack plan's label; empty for metrics of the substitute itself.
        budget: the budget point.
        spent: queries that were paid for when the scored substitute was offered.
        value: in the metric's unit, a share in [0, 1]. None where the denominator is 0, or a loss is beyond all numbers.
        n: sample size, the denominator.
    """

    metric: str
    attack: str
    budget: int
    spent: int
    value: float | None
    n: int


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: rows are true (or original) classes, columns what was answered.

    Attributes:
        attack: the attack plan's label; empty for the substitute on clean test images.
    """

    attack: str
    budget: int
    matrix: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LedgerRow:
    """What was asked in one phase up to one budget point.

    Attributes:
        budget: the budget of the oracle that was asked (selectors play one game a budget), or the budget point up to which
            a generator's queries are summed.
        phase: the method's word for these queries, or one of the core's own.
        queries: images answered in this phase.
        clipped: images among them that were clipped to [0, 1].
        digest: running sha256 over images and answers, hex.
    """

    budget: int
    phase: str
    queries: int
    clipped: int
    digest: str


def spent(ledger: Iterable[LedgerRow]) -> int:
    """Return the most queries that were paid for up to one budget point; scoring is free.

    A ledger is summed from the start at each of its points, so that all its rows together count most queries several times.
    """
    paid: dict[int, int] = {}
    for row in ledger:
        if row.phase != SCORING:
            paid[row.budget] = paid.get(row.budget, 0) + row.queries
    return max(paid.values(), default=0)


@dataclass(frozen=True)
class Diagnostic:
    """A method's own note of a number, at a number of queries."""

    spent: int
    name: str
    value: float


def packed_notes(notes: Sequence[Diagnostic]) -> dict[str, Any]:
    """Return notes as columns of bytes: a million of them one by one would be more text than a process takes from another."""
    names = list(dict.fromkeys(note.name for note in notes))
    number = {name: i for i, name in enumerate(names)}
    return {
        "names": names,
        "which": array("i", [number[note.name] for note in notes]).tobytes(),
        "spent": array("q", [note.spent for note in notes]).tobytes(),
        "values": array("d", [note.value for note in notes]).tobytes(),
    }


def unpacked_notes(data: Any) -> list[Diagnostic]:
    """Return what ``packed_notes`` was given.

    Raises:
        ValueError: these are no notes.
    """
    try:
        which, spent, values = (array(kind, bytes(data[name])) for kind, name in zip("iqd", _COLUMNS, strict=True))
        columns = zip(spent, which, values, strict=True)
        return [Diagnostic(queries, data["names"][i], value) for queries, i, value in columns]
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise ValueError(f"diagnostics that are none ({error})") from None


@dataclass(frozen=True)
class Searches:
    """What a query attack spent on each example: lists of one length, an entry an example.

    Attributes:
        rows: which test image it is.
        goals: the class to be reached; -1 where any other than the true one will do.
        asked: queries spent on it.
        first: the query at which it succeeded, from 1; 0 where it did not.
        linf, l2: how far the successful image lies from the clean one; None where there is none.
        late: queries that were spent on examples that had been told to be solved, in all.
    """

    rows: list[int]
    goals: list[int]
    asked: list[int]
    first: list[int]
    linf: list[float | None]
    l2: list[float | None]
    late: int = 0

    @property
    def digest(self) -> str:
        """The sha256 of rows, goals and counts, hex: equal where two games spent and solved the same."""
        return sha256(json.dumps([self.rows, self.goals, self.asked, self.first]).encode()).hexdigest()

    def histogram(self, points: Sequence[int]) -> list[int]:
        """Return how many examples were solved up to each of ``points`` (ascending) and behind the one before it."""
        bounds = [0, *points]
        return [sum(low < at <= high for at in self.first) for low, high in pairwise(bounds)]


@dataclass(frozen=True)
class Picture:
    """A PNG that a method kept."""

    name: str
    png: bytes


@dataclass
class CellResult:
    """Everything that is stored of a cell.

    Attributes:
        searches: what a query attack spent on each example; None of other methods.
        error: the reason (not applicable) or one sentence (failed).
        traceback: the traceback of a failure.
        timings: seconds: ``total``, of which ``load``, ``method`` (with its trainer) and ``score``; ``earlier``: of killed
            runs that this one went on from, in all but ``load``.
        environment: versions, processor, threads and device; equal environments are stored once.
        started: when it began, ISO 8601 in UTC.
        sealed: how far the player was shut in; None where that was not recorded (before version 0.2).
        output: the end of what the players printed, without control characters.
        sources: sha256 of the source of each contestant that played, by ``kind name``.
    """

    cell_id: str
    status: Status
    measurements: list[Measurement] = field(default_factory=list)
    confusions: list[Confusion] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    searches: Searches | None = None
    error: str = ""
    traceback: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    environment: dict[str, Any] = field(default_factory=dict)
    started: str = ""
    sealed: Sealed | None = None
    output: str = ""
    sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def failed(cls, cell_id: str, error: str) -> CellResult:
        """Return the result of a cell that was not played to its end, for a reason beside the match."""
        return cls(cell_id, Status.FAILED, error=error)

    def data(self) -> dict[str, Any]:
        """Return it as plain data: what crosses from the referee to the coordinator."""
        return {**asdict(replace(self, diagnostics=[])), "diagnostics": packed_notes(self.diagnostics)}

    @classmethod
    def read(cls, data: Any, cell_id: str) -> CellResult:
        """Return the result of a cell from what its referee sent.

        Raises:
            ValueError: it is not the result of that cell, or malformed.
        """
        from pydantic import TypeAdapter

        if not isinstance(data, dict):
            raise ValueError(f"it is a {type(data).__name__}")
        pictures = data.get("pictures", [])
        if not isinstance(pictures, list):
            raise ValueError("pictures that are none")
        pictures = [_checked_picture(picture) for picture in pictures]
        for text in _texts(data):
            text.encode()  # half a surrogate pair is a ValueError
            if "\0" in text:
                raise ValueError("a text with a NUL character")
        checked = {**data, "pictures": pictures, "diagnostics": unpacked_notes(data.get("diagnostics"))}
        result: CellResult = TypeAdapter(CellResult).validate_python(checked)
        if result.cell_id != cell_id:
            raise ValueError(f"it is the result of cell '{result.cell_id}'")
        _check_storable(result)
        return result


def _texts(data: Any) -> Iterator[str]:
    """Yield every text in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from _texts([*data, *data.values()])
    elif isinstance(data, list | tuple):
        for item in data:
            yield from _texts(item)


def _check_storable(result: CellResult) -> None:
    """Refuse what would make a store refuse the whole transaction, and end the run with it.

    Raises:
        ValueError: a number does not fit, or two rows have one key.
    """
    keys: dict[str, list[Any]] = {
        "measurement": [(m.metric, m.attack, m.budget, m.spent) for m in result.measurements],
        "confusion matrix": [(c.attack, c.budget) for c in result.confusions],
        "row of the ledger": [(row.budget, row.phase) for row in result.ledger],
        "picture": [picture.name for picture in result.pictures],
    }
    for what, rows in keys.items():
        if len(set(rows)) < len(rows):
            raise ValueError(f"a {what} comes twice")
    if not all(m.value is None or isfinite(m.value) for m in result.measurements):
        raise ValueError("a measurement that is no number")
    if not all(re.fullmatch("(?:[0-9a-f]{2})*", row.digest) for row in result.ledger):
        raise ValueError("a digest that is none")
    counts = [[m.budget, m.spent, m.n] for m in result.measurements]
    counts += [[row.budget, row.queries, row.clipped] for row in result.ledger]
    counts += [[c.budget, *(n for row in c.matrix for n in row)] for c in result.confusions]
    if result.searches is not None:
        counts += _checked_counts(result.searches)
    if not all(0 <= number <= _MOST_COUNTED for row in counts for number in row):
        raise ValueError("a count that is none")


def _checked_counts(searches: Searches) -> list[list[int]]:
    sizes = {len(getattr(searches, name)) for name in ("rows", "goals", "asked", "first", "linf", "l2")}
    if len(sizes) > 1:
        raise ValueError("searches of which some lack a count")
    if not all(far is None or isfinite(far) for far in (*searches.linf, *searches.l2)):
        raise ValueError("a distance that is no number")
    return [searches.rows, [goal + 1 for goal in searches.goals], searches.asked, searches.first, [searches.late]]


def _checked_picture(picture: Any) -> dict[str, Any]:
    if not isinstance(picture, dict) or not isinstance(picture.get("png"), bytes | bytearray):
        raise ValueError("a picture that is none")
    return {**picture, "png": _checked_png(bytes(picture["png"]))}


def _checked_png(png: bytes) -> bytes:
    """Return a picture by its signature and header alone: nothing decodes it here.

    Raises:
        ValueError: it is no PNG, or larger than any picture of ours.
    """
    if len(png) > _MOST_BYTES or png[:8] != b"\x89PNG\r\n\x1a\n" or png[12:16] != b"IHDR":
        raise ValueError("a picture that is no small PNG")
    width, height = (int.from_bytes(png[i : i + 4], "big") for i in (16, 20))
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE):
        raise ValueError(f"a picture of {width} x {height} pixels")
    return png


def printable(text: str) -> str:
    """Return text that a plugin brought without what could steer a terminal or turn its direction; lines stay lines."""
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in text.splitlines())


def finite(data: Any) -> Any:
    """Return the data with None for what JSON has no number for."""
    if isinstance(data, dict):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return None if isinstance(data, float) and not isfinite(data) else data


def flat(data: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield ``(key.key, JSON value)`` for every leaf of JSON data; lists of plain values are leaves."""
    if isinstance(data, dict) and data:
        for key in sorted(data):
            yield from flat(data[key], f"{prefix}.{key}" if prefix else key)
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for i, item in enumerate(data):
            yield from flat(item, f"{prefix}[{i}]")
    else:
        yield prefix, json.dumps(data, ensure_ascii=False)
