"""Which version of the plugin contract a module or class keeps, and what to change where it is another."""

from __future__ import annotations

from types import ModuleType

from benchbox.contracts import CONTRACT_VERSION, Attack, Plugin, Selector
from benchbox.errors import PluginError

FROM_1_TO_2 = (
    "an attack states threat(), the norm and radius that its examples stay in, and a selector has no known(), since the "
    "referee keeps what was answered"
)


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
    if issubclass(plugin, Attack) and plugin.threat is Attack.threat:
        raise PluginError(
            f"attack '{plugin.name}' does not state its threat; expected a method "
            f"'def threat(self) -> Threat: return Threat(\"inf\", self.options.eps)', the norm and radius within which its "
            f"examples stay"
        )
    if issubclass(plugin, Selector) and hasattr(plugin, "known"):
        raise PluginError(
            f"selector '{plugin.name}' has a method known(), which version 1 of the contract asked for; expected none, "
            f"since the referee keeps what was answered"
        )
