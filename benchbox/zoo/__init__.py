"""Targets: trained once, pinned by the sha256 of their weights, verified at every load."""

from benchbox.zoo.folder import TargetFolder
from benchbox.zoo.record import TargetRecord
from benchbox.zoo.spec import TargetSpec
from benchbox.zoo.zoo import Zoo

__all__ = ["TargetFolder", "TargetRecord", "TargetSpec", "Zoo"]
