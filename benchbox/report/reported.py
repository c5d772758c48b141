"""Figures that papers print, from ``reported/*.toml`` beside the suite files, and how they stand to measured ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from benchbox.contracts import Access
from benchbox.errors import SuiteError

Specs = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
Qualifier = Literal["", "about", "below", "above", "derived", "suspect"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Printed(_Strict):
    """One figure inside a table; what it leaves out, its table says.

    Attributes:
        value: as printed, in the table's unit.
        name: what the paper calls the method.
        method: our name or ``name[option=value]`` for it, or several; every reading of the method that has these
            options is set beside it. None where benchbox has no counterpart.
        budget: queries; None where the paper states none: then it stands beside the largest budget, as of another protocol.
        per_example: whether the budget is spent anew on every adversarial example.
        qualifier: ``about``/``below``/``above`` (read off a figure or a sentence), ``derived`` (computed from what the
            paper states), ``suspect`` (its unit is in doubt).
        subset: what part of the test images, or of the data, the figure is for.
        pool: images the attacker owns; None: all training images, or none where the method needs none.
    """

    value: float
    name: str
    method: Specs = ()
    budget: int | None = Field(default=None, ge=1)
    per_example: bool = False
    qualifier: Qualifier = ""
    subset: str = ""
    pool: int | None = None


class Protocol(_Strict):
    """How figures were measured.

    Attributes:
        source: where in the paper.
        suites: our suites with the nearest protocol.
        dataset: the data set that it is about.
        target, substitute: our names of the architectures.
        smaller: a smaller target of ours beside which its figures stand, too, as of another protocol.
        attack: the attack's name; ``attack_options`` those of its options that the paper states, by our names.
        unit: ``%`` unless said otherwise.
        protocol: how the paper measured.
        differs: what is different here, or the paper leaves open: it makes the figures not comparable. Empty where nothing is.
        reason: in one line, why what is measured here differs from the figures by much.
    """

    source: str
    suites: tuple[str, ...]
    dataset: str
    pool_dataset: str | None = None
    access: Access
    metric: str
    attack: str = ""
    attack_options: dict[str, float | str] = Field(default_factory=dict)
    goal: str = ""
    target: str | None = None
    substitute: str | None = None
    smaller: str | None = None
    unit: Literal["%", "points", "queries", "nats", "seconds"] = "%"
    protocol: str
    differs: str
    reason: str = ""


class OwnFigure(Printed):
    """A figure as a file has it: of its table's protocol it may state some otherwise."""

    dataset: str | None = None
    target: str | None = None
    substitute: str | None = None
    access: Access | None = None
    metric: str | None = None
    attack: str | None = None
    goal: str | None = None
    reason: str | None = None


class PrintedTable(Protocol):
    """A table of a paper: its protocol, and its figures."""

    figures: tuple[OwnFigure, ...] = Field(min_length=1)


class Paper(_Strict):
    """One file: a paper and its tables."""

    paper: str
    citation: str
    note: str = ""
    table: tuple[PrintedTable, ...] = Field(min_length=1)


class Reported(Printed, Protocol):
    """A figure with all that its table and paper say of it."""

    paper: str
    citation: str
    note: str


def read_paper(path: Path) -> Paper:
    """Read one file.

    Raises:
        SuiteError: it is malformed or has an unknown key; the sentence names file and key.
    """
    try:
        return Paper.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SuiteError(f"reported figures '{path}' cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        what = "is not a key" if first["type"] == "extra_forbidden" else str(first["msg"])
        raise SuiteError(f"reported figures '{path}': '{key}' {what}") from None


def read_papers(folders: Iterable[Path]) -> list[Paper]:
    """Read every ``reported/*.toml`` in the suite folders, by file name."""
    return [read_paper(path) for folder in folders for path in sorted((folder / "reported").glob("*.toml"))]


def figures(papers: Iterable[Paper]) -> list[Reported]:
    """Return every figure of the papers, in the order of the files."""
    return [_resolve(paper, table, printed) for paper in papers for table in paper.table for printed in table.figures]


def _resolve(paper: Paper, table: PrintedTable, printed: OwnFigure) -> Reported:
    stated = {key: value for key, value in printed.model_dump().items() if value is not None}
    about = {"paper": paper.paper, "citation": paper.citation, "note": paper.note}
    return Reported.model_construct(**{**table.model_dump(exclude={"figures"}), **stated, **about})
