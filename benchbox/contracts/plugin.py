"""What every plugin is: a name, a kind, a version, options, and a docstring that says where it comes from."""

from __future__ import annotations

import inspect
from abc import ABC
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from benchbox.contracts.access import Access, Grant
from benchbox.errors import PluginError

CONTRACT_VERSION = 2
"""Raised when a plugin that kept the contract would no longer do so; a module states it as ``benchbox_contract``."""


class Options(BaseModel):
    """A plugin's options: typed, validated, frozen. Describe each field with ``Field(description=...)``.

    The same model makes the command line's ``name[option=value]``, the suite's table, the docs and a cell's identity.
    """

    # deferred: the validators of 200 installed plugins cost a listing a third of a second, and it needs none of them
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, defer_build=True)


class Plugin(ABC):
    """Base of every plugin. Subclass one of the kinds (Selector, Generator, Trainer, Attack, Dataset, ...), not this.

    Attributes:
        name: what users type; lower case, words joined by hyphens.
        version: raised whenever the plugin's results change, so that stored numbers of the old one are not reused.
        Options: the typed options, a nested class.
        profiles: named sets of option values, chosen with ``name[profile=...]``.
        argument: the option that ``name:VALUE`` sets, for plugins that take a path or the like.
    """

    kind: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[int] = 1
    Options: ClassVar[type[Options]] = Options
    profiles: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    argument: ClassVar[str | None] = None
    needs: ClassVar[Access] = Access.LABEL
    privileged: ClassVar[bool] = False
    """Whether some of its options ask for more than a black box gives."""

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Refuse a class that replaces what the core does for every plugin of its kind.

        Raises:
            PluginError: the class overrides a final method; the sentence names what to write instead.
        """
        super().__init_subclass__(**arguments)
        for base in cls.__mro__[1:]:
            for name, value in vars(base).items():
                if getattr(value, "__final__", False) and getattr(cls, name) is not value:
                    instead = " and ".join(sorted(getattr(base, "__abstractmethods__", ())))
                    raise PluginError(
                        f"class '{cls.__name__}' overrides {base.__name__}.{name}, which checks and meters what every "
                        f"{base.__name__.lower()} does; expected it to write {instead}"
                    )

    def __init__(self, options: Any = None) -> None:
        self.options: Any = options if options is not None else type(self).Options()

    @classmethod
    def summary(cls) -> str:
        """Return the first line of the class docstring."""
        return (inspect.getdoc(cls) or "").strip().splitlines()[0] if cls.__doc__ else ""

    def needed_access(self) -> Access:
        """Return the least access that it needs with these options."""
        return self.needs

    def wants(self) -> Collection[Grant]:
        """Return what it uses with these options beyond answers and images; a scenario that grants less is not for it."""
        return {Grant.INSIDER} if self.privileged else set()


@dataclass(frozen=True)
class Lazy:
    """A plugin that is listed without importing its module (and so without torch).

    It states what listing shows. When the plugin is first used, the registry imports ``target`` and refuses it if its
    class says something else.

    Attributes:
        kind: what it is: ``selector``, ``attack`` and so on (``benchbox plugins`` lists the kinds).
        name: the plugin's name.
        target: ``"package.module:Class"``.
        summary: the first line of the class docstring.
        version: the class's ``version``.
        needs: the least access that the method can work with.
        privileged: whether it can ask for more than a black box gives.
    """

    kind: str
    name: str
    target: str
    summary: str
    version: int = 1
    needs: Access = Access.LABEL
    privileged: bool = False
