"""Writes docs/reference.md from the code: every hook, every contract, every rule of the conformance kit."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args

from benchbox import contracts, hookspecs
from benchbox.kinds import KINDS
from benchbox.testing import rules_for

_GROUPS = {
    "Methods": ("Selector", "Generator", "Method"),
    "Trainers": ("Trainer",),
    "What they are given": ("Seat", "Game", "TrainingGame", "Oracle", "Pool", "Insider", "Access", "Grant"),
    "Query attacks": ("QueryAttack", "SearchGame", "Asked"),
    "Defences": ("Defence", "Owner", "Told"),
    "Attacks, data sets, models": ("Attack", "Threat", "Norm", "Dataset", "Arrays", "Splits", "Images", "Model"),
    "Every plugin": ("Plugin", "Options", "Lazy"),
    "Observers": ("Observer", "CellPlace", "CellBegan", "CellScored", "CellEnded", "RunEnded"),
    "Errors": ("BudgetExceeded", "Blocked", "NotApplicable", "DataError", "PluginError"),
}
_VALUES = {"CONTRACT_VERSION", "Array", "Shape", "hookimpl"}
_CHOICES = {"Norm": "How far is measured: the largest change of a value, or the root of the sum of squared changes."}
"""Names for a few allowed words, which carry no docstring of their own."""


def reference(head: str) -> str:
    """Return docs/reference.md.

    Raises:
        ValueError: something public has no docstring, or no place on the page.
    """
    missing = set(contracts.__all__) - {name for names in _GROUPS.values() for name in names} - _VALUES
    if missing:
        raise ValueError(f"docs/reference.py has no place for {sorted(missing)}")
    return "".join([head, *_intro(), *_hooks(), *_contracts(), *_rules()])


def _intro() -> Iterator[str]:
    yield "# Reference for plugin authors\n\n"
    yield "Everything on this page is imported from `benchbox.contracts`, which needs no torch. "
    yield f"This is version {contracts.CONTRACT_VERSION} of the contract; a module says `benchbox_contract = "
    yield f"{contracts.CONTRACT_VERSION}` beside its hooks. The kinds of plugins are {', '.join(KINDS)}. The tutorial is "
    yield "[plugins.md](plugins.md).\n"


def _hooks() -> Iterator[str]:
    yield "\n## Hooks\n\nA module that an entry point of the group `benchbox` names implements them, each marked `@hookimpl`.\n"
    for name, function in inspect.getmembers(hookspecs, inspect.isfunction):
        if hasattr(function, "benchbox_spec"):
            yield _entry("###", name, function)


def _contracts() -> Iterator[str]:
    for title, names in _GROUPS.items():
        yield f"\n## {title}\n"
        for name in names:
            yield from _choice(name) if name in _CHOICES else _class(getattr(contracts, name))


def _choice(name: str) -> Iterator[str]:
    words = ", ".join(repr(word) for word in get_args(getattr(contracts, name)))
    yield f"\n### {name}\n\n{_CHOICES[name]}\n\n```python\n{name} = Literal[{words}]\n```\n"


def _class(cls: type[Any]) -> Iterator[str]:
    bases = ", ".join(base.__name__ for base in cls.__bases__ if base.__module__.startswith("benchbox"))
    yield f"\n### {cls.__name__}{f'({bases})' if bases else ''}\n\n{_doc(cls.__name__, cls)}\n"
    if issubclass(cls, Enum):
        yield "\n" + "\n".join(f"- `{member.name}` = `{member.value}`" for member in cls) + "\n"
        return
    yield from _attributes(cls)
    for name, member in vars(cls).items():
        if name.startswith("_") or not (inspect.isfunction(member) or isinstance(member, property | classmethod)):
            continue
        if issubclass(cls, Exception):
            continue
        yield _entry("####", f"{cls.__name__}.{name}", member)


def _attributes(cls: type[Any]) -> Iterator[str]:
    rows = []
    for name, kind in vars(cls).get("__annotations__", {}).items():
        if not name.startswith("_"):
            value = vars(cls).get(name, inspect.Parameter.empty)
            default = "" if value is inspect.Parameter.empty else f" = {_value(value)}"
            rows.append(f"{name}: {kind}{default}")
    if rows:
        yield "\n```python\n" + "\n".join(rows) + "\n```\n"


def _value(value: object) -> str:
    return value.__name__ if isinstance(value, type) else repr(value.value if isinstance(value, Enum) else value)


def _entry(level: str, name: str, member: Any) -> str:
    short = name.rpartition(".")[2]
    if isinstance(member, property):
        signature, marks = f"{short}: {inspect.signature(member.fget).return_annotation}", []  # type: ignore[arg-type]
    else:
        function = member.__func__ if isinstance(member, classmethod) else member
        marks = ["@abstractmethod"] if getattr(function, "__isabstractmethod__", False) else []
        marks += ["@final"] if getattr(function, "__final__", False) else []
        marks += ["@classmethod"] if isinstance(member, classmethod) else []
        signature = f"def {short}{_signature(function)}"
    code = "\n".join([*marks, signature])
    return f"\n{level} {name}\n\n```python\n{code}\n```\n\n{_doc(name, member)}\n"


def _signature(function: Any) -> str:
    signature = inspect.signature(function)
    return str(signature).replace("'", "")


def _doc(name: str, member: Any) -> str:
    own = getattr(member, "__doc__", None)
    if not own:
        raise ValueError(f"{name} has no docstring, so docs/reference.md cannot say what it is")
    text = inspect.cleandoc(own)
    head, marked, rest = text.partition("\n\n")
    return f"{head}\n\n```text\n{rest}\n```" if marked and ":\n    " in rest else text


def _rules() -> Iterator[str]:
    yield "\n## What the conformance kit expects\n\n"
    yield "`benchbox check` and the test classes of `benchbox.testing` hold these rules.\n"
    yield "\n| rule | kinds | expected |\n|---|---|---|\n"
    seen: dict[str, tuple[str, str]] = {}
    for kind in KINDS:
        for rule in rules_for(kind):
            kinds = "all" if rule.kinds == KINDS else ", ".join(rule.kinds)
            seen.setdefault(rule.name, (kinds, rule.expects))
    for name, (kinds, expects) in seen.items():
        yield f"| `{name}` | {kinds} | {expects} |\n"
