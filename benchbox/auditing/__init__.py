"""``benchbox audit``: a fixed line-up against a model of one's own, told on one page for whoever answers for the model."""

from benchbox.auditing.playing import Audit, audit

__all__ = ["Audit", "audit"]
