"""Observers for benchbox. They are imported where results are kept, so no plugin lives in this distribution."""
