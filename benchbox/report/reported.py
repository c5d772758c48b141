"""Figures that papers print, from ``reported/*.toml`` beside the suite files, and how they stand to measured ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from benchbox.contracts import Access
from benchbox.errors import SuiteError

Specs = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]


class Reported(BaseModel):
    """A figure with all that its table (``[[table]]``) and its paper (the file) say of it; each may state what the others do.

    Attributes:
        paper, citation, note: the paper.
        source: where in the paper.
        suites: our suites with the nearest protocol.
        dataset: the data set that it is about.
        target, substitute: our names of the architectures.
        smaller: a smaller target of ours beside which its figures stand, too, as of another protocol.
        attack: the attack's name; ``attack_options`` those of its options that the paper states, by our names.
        unit: ``%`` unless said otherwise.
        protocol: how the paper measured.
        differs: what is different here, or the paper leaves open: it makes the figures not comparable. Empty where nothing is;
            a figure says more with the key ``also``, beside what its table says.
        reason: in one line, why what is measured here differs from the figures by much.
        value: as printed, in that unit.
        name: what the paper calls the method.
        method: our name or ``name[option=value]`` for it, or several; every reading of the method that has these
            options is set beside it. None where benchbox has no counterpart.
        trainer: our name or ``name[option=value]`` for how the paper trained; any where it is not given.
        budget: queries; None where the paper states none: then it stands beside the largest budget, as of another protocol.
        per_example: whether the budget is spent anew on every adversarial example.
        qualifier: ``about``/``below``/``above`` (read off a figure or a sentence), ``derived`` (computed from what the
            paper states), ``suspect`` (its unit is in doubt).
        subset: what part of the test images, or of the data, the figure is for.
        pool: images the attacker owns; None: all training images, or none where the method needs none.
        pool_dataset: the data set that these are of, where it is another.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    paper: str
    citation: str
    note: str = ""
    source: str
    suites: tuple[str, ...]
    dataset: str
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
    value: float
    name: str
    method: Specs = ()
    trainer: Specs = ()
    budget: int | None = Field(default=None, ge=1)
    per_example: bool = False
    qualifier: Literal["", "about", "below", "above", "derived", "suspect"] = ""
    subset: str = ""
    pool: int | None = None
    pool_dataset: str | None = None


def read_papers(folders: Iterable[Path]) -> list[Reported]:
    """Return the figures of every ``reported/*.toml`` in the suite folders, in the order of the files, by name.

    Raises:
        SuiteError: a file is malformed or has an unknown key; the sentence names file and key.
    """
    return [
        figure for folder in folders for path in sorted((folder / "reported").glob("*.toml")) for figure in _read(path)
    ]


def _figure(shared: dict[str, Any], own: dict[str, Any]) -> Reported:
    """Return a figure; what it says with ``also`` differs besides what its table says with ``differs``."""
    told = " ".join(filter(None, (own.get("differs", shared.get("differs")), own.pop("also", ""))))
    return Reported(**shared | own | ({"differs": told} if "differs" in shared | own else {}))


def _read(path: Path) -> list[Reported]:
    try:
        paper: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        tables = paper.pop("table")
        return [_figure(paper | table, own) for table in tables for own in table.pop("figures") or [{}]]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SuiteError(f"reported figures '{path}' cannot be read: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        what = "is not a key" if first["type"] == "extra_forbidden" else str(first["msg"])
        raise SuiteError(f"reported figures '{path}': '{key}' {what}") from None
    except (AttributeError, KeyError, TypeError):
        raise SuiteError(f"reported figures '{path}': it has no '[[table]]', or one has no list of 'figures'") from None
