"""The one standard recipe for substitutes, and the recipes of targets. Imports torch only when it trains."""

from benchbox.training.network import build_network
from benchbox.training.recipe import Recipe
from benchbox.training.substitute import substitute_epochs, train_substitute
from benchbox.training.target import train_target

__all__ = ["Recipe", "build_network", "substitute_epochs", "train_substitute", "train_target"]
