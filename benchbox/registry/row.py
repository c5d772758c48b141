"""What is known of a plugin without importing it: plain data, made from what a process of its own reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from benchbox.contracts import Access, Grant, Threat
from benchbox.kinds import BY_NAME, KINDS
from benchbox.registry.printable import Line, Page, printable
from benchbox.registry.source import source_of
from benchbox.registry.spec import NAME, render

TARGET = r"^([A-Za-z_]\w*(\.[A-Za-z_]\w*)*:)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$"


def _known(kind: str) -> str:
    if kind not in BY_NAME:
        raise ValueError(f"the unknown kind '{kind}'; known: {', '.join(KINDS)}")
    return kind


def _whole(options: dict[str, Any]) -> dict[str, Any]:
    if not printable(options):
        raise ValueError("holds characters that cannot be printed")
    return options


class _Data(BaseModel):
    # deferred: a listing needs the check of one of these models, and each takes milliseconds to put together
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


@dataclass(frozen=True)
class Broken:
    """A package that could not be loaded; the rest goes on."""

    package: str
    package_version: str
    error: str


class Stated(_Data):
    """What a plugin says of itself when it is listed.

    Attributes:
        kind, name, summary, version, needs, privileged: as the plugin states them.
        target: where its class is: ``package.module:Class``; in a plugin file ``Class``, or ``module:Class`` for a class that
            the file took from a module beside it.
    """

    kind: Annotated[Line, AfterValidator(_known)]
    name: Annotated[str, Field(pattern=f"^{NAME}$", max_length=100)]
    summary: Line
    version: Annotated[int, Field(strict=True, ge=0, le=10**9)]
    needs: Access
    privileged: Annotated[bool, Field(strict=True)]
    target: Annotated[str, Field(pattern=TARGET, max_length=500)]


class Row(Stated):
    """A plugin, as what it says of itself and as what we saw: where it came from. Travels between processes as JSON.

    Attributes:
        package: the distribution that registered it, or the path of a plugin file.
        package_version: that distribution's version.
        file: the plugin file; None where a distribution registered it.
        roots: the file, or the top-level packages that the distribution's entry point and the class are in.
        builtin: whether benchbox itself brought it, from the place where benchbox itself lies.
        once: of a class that this process defined, what stands for its source: a new word each time, since nobody can see
            whether the class is still the same.
    """

    package: Line
    package_version: Line
    file: Path | None = None
    roots: tuple[Path, ...] = ()
    builtin: bool = False
    once: str = ""

    @cached_property
    def source(self) -> str:
        """The sha256 of its source as it lies on this machine, read from the files, whatever the plugin says."""
        return self.once or source_of(self.roots, beside=self.file is not None)

    @property
    def who(self) -> str:
        """``selector 'mine'``."""
        return f"{self.kind} '{self.name}'"


class Facts(_Data):
    """What a plugin's class says about one choice of options.

    Attributes:
        options: every option with its value, defaults included.
        changed: those that differ from their defaults.
        needs: the least access that it can work with.
        wants: what it uses beyond answers and images.
        trains: of a method, whether the scenario's trainer makes its substitutes.
        nested: of a selector, whether its choices are nested; None for other kinds.
        threat: of an attack, the ball that its examples stay in; None for other kinds.
        targeted: of attacks and query attacks, whether they can make examples of a goal class; None for other kinds.
    """

    options: Annotated[dict[str, Any], AfterValidator(_whole)]
    changed: dict[str, Any]
    needs: Access
    wants: tuple[Grant, ...]
    trains: Annotated[bool, Field(strict=True)] = False
    nested: bool | None = None
    threat: Threat | None = None
    targeted: bool | None = None


class Resolved(Facts):
    """A plugin with options: what planning needs to know, without its class."""

    row: Row

    @property
    def spec(self) -> str:
        """``name[option=value,...]`` with the options that differ from their defaults; what tables show."""
        changed: Mapping[str, Any] = {key: self.options[key] for key in self.changed if key in self.options}
        return render(self.row.name, changed)


class OptionRow(_Data):
    """An option of a plugin, for pages about it."""

    name: Line
    default: Line
    description: Line


class About(_Data):
    """What a plugin's class says of itself beyond its row.

    Attributes:
        doc: its docstring.
        options: its options.
        profiles: its named sets of options, and what each stands for, as ``name[option=value,...]``.
    """

    doc: Page
    options: tuple[OptionRow, ...]
    profiles: Annotated[dict[Line, Line], Field(max_length=100)] = {}
