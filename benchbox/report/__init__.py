"""Leaderboards: statistics and views over the store, and their forms. Imports no torch."""

from benchbox.report.leaderboard import differing, write_leaderboard
from benchbox.report.page import PageView, read_pages

__all__ = ["PageView", "differing", "read_pages", "write_leaderboard"]
