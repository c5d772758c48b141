"""Fixtures of forked children that are shut in."""

from shutting import inside, limited

__all__ = ["inside", "limited"]
