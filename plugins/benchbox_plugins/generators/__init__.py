"""Generators: methods that make their own queries."""

from benchbox.contracts import Lazy

_HERE = "benchbox_plugins.generators"

PLUGINS = (
    Lazy(
        "generator",
        "mega",
        f"{_HERE}.mega:Mega",
        "MEGA: noise drawn once, a substitute fitted to the answers, a generator that raises its confidence.",
    ),
)
