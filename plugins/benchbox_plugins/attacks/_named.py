"""What the adapters share: a library's class by its name, and the ball that its examples are brought back into."""

from __future__ import annotations

import difflib
import inspect
from types import ModuleType
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from benchbox.contracts import Options
from benchbox_plugins.attacks._grey import check_reach


class NamedOptions(Options):
    """Options of an adapter."""

    attack: str = Field(default="", description="the class, by its name in the library")
    norm: Literal["inf", "2"] = Field(default="inf", description="norm of the ball")
    eps: float = Field(default=0.3, gt=0, description="radius of the ball, in grey levels of [0, 1] under norm inf")
    step: float | None = Field(default=None, gt=0, description="size of one step, where the class has steps")
    steps: int | None = Field(default=None, ge=1, description="number of steps, where the class has steps")

    @model_validator(mode="after")
    def _within_images(self) -> Self:
        check_reach("eps", self.eps, self.norm)
        return self


def named(library: str, home: ModuleType, base: type, name: str) -> Any:
    """Return a library's class of that name.

    Raises:
        ValueError: there is none; the sentence says the nearest.
    """
    known = {key: value for key, value in vars(home).items() if inspect.isclass(value) and issubclass(value, base)}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.4)
        raise ValueError(f"{library} has no attack class '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""))
    return known[name]


def check_steps(library: str, found: Any, options: NamedOptions, names: dict[str, str]) -> None:
    """Refuse an option that a class does not have.

    Args:
        library: as sentences call it.
        found: the class.
        options: as they were given.
        names: by option, what the library calls it.

    Raises:
        ValueError: the sentence names the option.
    """
    for option, name in names.items():
        if getattr(options, option) is not None and not known_arguments(found, {name: True}):
            raise ValueError(f"{library}'s {options.attack} has no {option} ({name})")


def known_arguments(found: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return those of the wanted arguments that a class takes and that are given."""
    taken = inspect.signature(found.__init__).parameters
    return {key: value for key, value in wanted.items() if value is not None and key in taken}
