"""Errors that a user can cause. Each message is one sentence: what is wrong, where, and the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class BenchboxError(Exception):
    """Base of every error that is printed as one sentence, without a traceback, with exit code 2."""


class UnknownNameError(BenchboxError):
    """A suite, plugin, option or key that does not exist.

    Args:
        what: what is asked for.
        name: the name that was written.
        known: the names that there are.
        where: where it was written.
        listed: how to list the known ones, if not by name.
        instead: what to say in place of the nearest name.
    """

    def __init__(
        self, what: str, name: str, known: Iterable[str], where: str = "", listed: str = "", instead: str = ""
    ) -> None:
        self.what, self.name, self.known, self.where, self.listed = what, name, tuple(known), where, listed
        self.instead = instead or nearest(name, self.known, listed)
        place = f" in {where}" if where else ""
        super().__init__(f"there is no {what} '{shown(name)}'{place}; {self.instead}")

    def __reduce__(self) -> tuple[type[UnknownNameError], tuple[object, ...]]:
        return type(self), (self.what, self.name, self.known, self.where, self.listed, self.instead)


class OptionError(BenchboxError):
    """An option with a value that its plugin does not take."""


class SuiteError(BenchboxError):
    """A suite file that is malformed or contradicts itself."""


class DataError(BenchboxError):
    """A data file that is missing, truncated or not what it should be."""


class TargetError(BenchboxError):
    """A target that is missing, was tampered with, or does not fit its scenario."""


class Unanswered(TargetError):  # noqa: N818 - what happened, which may pass
    """A remote target that gave no answer, however often it was asked: the same command asks again."""


class PluginError(BenchboxError):
    """A plugin that failed to load or broke its contract; the message names it."""


class StoreError(BenchboxError):
    """A results store that cannot be opened, written or merged."""


class BaselineError(BenchboxError):
    """A baseline that cannot be saved, read or compared with."""


class SubmissionError(BenchboxError):
    """A submission that cannot be packed, or is none."""


class ClusterError(BenchboxError):
    """A Dask cluster that cannot be reached or used, or a worker that does not fit."""


class MachineError(BenchboxError):
    """A machine of another kind than a game was played on so far."""


class SandboxError(BenchboxError):
    """A sandbox that this system does not let us build; the message says what was forbidden."""


class BudgetError(BenchboxError):
    """A budget that a scenario cannot have."""


class BudgetExceeded(BenchboxError):  # noqa: N818 - the field's word, and the contract's
    """A request for more answers than remain. It was refused whole: nothing was asked, nothing was spent."""

    def __init__(self, asked: int, remaining: int) -> None:
        self.asked, self.remaining = asked, remaining
        super().__init__(f"asked for {asked} answers with {remaining} queries remaining")

    def __reduce__(self) -> tuple[type[BudgetExceeded], tuple[int, int]]:
        return type(self), (self.asked, self.remaining)


class Blocked(BudgetExceeded):
    """A request that the scenario's defence did not answer, or not whole.

    Attributes:
        kept: bool (n,): which of the asked images were answered; none where it is None.
        answers: the answers to those, in order.
        spent: queries paid for so far.
        ends: whether nothing is answered from now on; else a method may go on.
    """

    def __init__(
        self, asked: int, remaining: int, kept: Any = None, answers: Any = None, spent: int = 0, *, ends: bool = True
    ) -> None:
        super().__init__(asked, remaining)
        self.kept, self.answers, self.spent, self.ends = kept, answers, spent, ends
        answered = 0 if kept is None else int(kept.sum())
        self.args = (f"asked for {asked} answers, of which the defence let {answered} pass",)

    def data(self) -> dict[str, Any]:
        """Return the arguments that it is made of: plain data and tensors, to cross to a player."""
        return {name: getattr(self, name) for name in ("asked", "remaining", "kept", "answers", "spent", "ends")}


class NotApplicable(BenchboxError):  # noqa: N818 - an outcome of a cell rather than a fault
    """A cell that cannot be played under its scenario's rules; the message is the reason that is stored."""


def nearest(name: str, known: Iterable[str], listed: str = "") -> str:
    """Return 'did you mean ...?' for the nearest known name, or, where none is near, ``listed`` or all known names.

    Args:
        name: what was written.
        known: what could have been meant.
        listed: how to list the known ones, if not by name.
    """
    names = sorted(known, key=lambda known_name: (int(known_name) if known_name.isdecimal() else -1, known_name))
    lower = {known_name.lower(): known_name for known_name in reversed(names)}
    close = difflib.get_close_matches(name[:100].lower(), lower, n=1)
    if close:
        return f"did you mean '{lower[close[0]]}'?"
    return (listed or f"known: {', '.join(names)}") if names else "none is known"


def shown(value: object, longest: int = 80) -> str:
    """Return what somebody wrote as a sentence can hold it: one line, no control characters, at most 80 characters."""
    if isinstance(value, int) and value.bit_length() > 250:  # Python refuses to write the longest out
        return f"a number of about {round(value.bit_length() * 0.30103)} digits"
    text = value if isinstance(value, str) else repr(value)
    cut = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def quoted(value: object) -> str:
    """Return a value as ``shown`` does, text in quotation marks."""
    return f"'{shown(value)}'" if isinstance(value, str) else shown(value)


def described(error: BaseException) -> str:
    """Return what a stranger's code raised: its kind and, where it has one, its text."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def as_data(error: BenchboxError) -> dict[str, Any]:
    """Return an error as JSON data, for another process to raise; a plugin's own subclass goes as the class of ours."""
    own = next(cls for cls in type(error).__mro__ if cls.__module__ == __name__)
    arguments: Any = error.__reduce__()[1] if own is type(error) else [str(error)]
    return {"error": own.__name__, "arguments": [list(a) if isinstance(a, tuple) else a for a in arguments]}


def from_data(data: dict[str, Any]) -> BenchboxError:
    """Return the error that ``as_data`` wrote; what does not fit becomes a PluginError."""
    cls, arguments = globals().get(str(data.get("error"))), data.get("arguments")
    if isinstance(cls, type) and issubclass(cls, BenchboxError) and isinstance(arguments, list):
        try:
            return cls(*arguments)
        except (TypeError, ValueError, AttributeError):
            pass
    return PluginError(" ".join(map(str, arguments)) if isinstance(arguments, list) else str(data))
