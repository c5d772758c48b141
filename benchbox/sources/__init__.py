"""Where planning gets data sets and targets from: the plugins that make the game, run in a process of their own."""

from benchbox.sources.local import LocalSources
from benchbox.sources.process import RulesProcess

__all__ = ["LocalSources", "RulesProcess"]
