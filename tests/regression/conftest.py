"""Fixtures of stores and baselines whose numbers a test chooses."""

from regression_samples import make, old

__all__ = ["make", "old"]
