"""Which version of the plugin contract a module or class keeps, and what to change where it is another."""

from __future__ import annotations

from types import ModuleType

from benchbox.contracts import CONTRACT_VERSION, Attack, Dataset, Generator, Method, Plugin, Selector
from benchbox.errors import PluginError

FROM_1_TO_2 = (
    "an attack states threat(), the norm and radius that its examples stay in; a selector has no known(), a generator no "
    "state_dict(), a data set no content() and no method play(); wants() stands in place of wants_insider(), and names "
    "Grant.LABELS where game.pool.labels is read"
)
_GONE: tuple[tuple[type[Plugin], str, str], ...] = (
    (Selector, "known", "since the referee keeps what was answered in a game, and charges no image twice"),
    (
        Generator,
        "state_dict",
        "since a killed run goes on from the tensors, numbers and texts on self, and what has a state_dict",
    ),
    (Generator, "load_state_dict", "since what lasts on self is put back after setup()"),
    (Dataset, "content", "since the core hashes the arrays that load() returns"),
    (Method, "play", "since the referee says when to choose or to play a round"),
    (Plugin, "wants_insider", "since wants() names Grant.INSIDER, and whatever else it uses"),
)
"""What version 1 asked for or allowed, by contract: left in a class it would be silently ignored."""


def check_module(module: ModuleType, package: str) -> None:
    """Refuse a module that says it was written for another version.

    Raises:
        PluginError: it does; the sentence says what to install or to change.
    """
    wanted = getattr(module, "benchbox_contract", CONTRACT_VERSION)
    if wanted == CONTRACT_VERSION:
        return
    newer = isinstance(wanted, int) and wanted > CONTRACT_VERSION
    advice = f"install a {'newer benchbox' if newer else 'newer release of the package'}"
    if wanted == 1:
        advice += f", or change it: {FROM_1_TO_2}; then write benchbox_contract = {CONTRACT_VERSION}"
    raise PluginError(
        f"'{package}' needs version {wanted!r} of benchbox's plugin contract, and this benchbox has version "
        f"{CONTRACT_VERSION}; {advice}"
    )


def check_class(plugin: type[Plugin]) -> None:
    """Refuse a class that lacks what this version asks of its kind, or has what an earlier one did.

    Raises:
        PluginError: the sentence says what to change.
    """
    missing: frozenset[str] = getattr(plugin, "__abstractmethods__", frozenset())
    if issubclass(plugin, Attack) and plugin.threat is Attack.threat:
        raise PluginError(
            f"attack '{plugin.name}' does not state its threat; expected a method "
            f"'def threat(self) -> Threat: return Threat(\"inf\", self.options.eps)', the norm and radius within which its "
            f"examples stay"
        )
    if missing:
        wanted = " and ".join(f"{name}()" for name in sorted(missing))
        raise PluginError(f"{plugin.kind} '{plugin.name}' does not write {wanted}, which its contract asks for")
    for contract, name, why in _GONE:
        if issubclass(plugin, contract) and not hasattr(contract, name) and hasattr(plugin, name):
            raise PluginError(
                f"{plugin.kind} '{plugin.name}' has a method {name}() of version 1 of the contract; expected none, {why}"
            )
