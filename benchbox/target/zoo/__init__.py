"""Targets: trained once, pinned by the sha256 of their weights, verified at every load."""

from benchbox.target.zoo.folder import TargetFolder
from benchbox.target.zoo.record import TargetRecord
from benchbox.target.zoo.spec import TargetSpec
from benchbox.target.zoo.zoo import Zoo

__all__ = ["TargetFolder", "TargetRecord", "TargetSpec", "Zoo"]
