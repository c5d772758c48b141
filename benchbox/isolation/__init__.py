"""Processes that are kept apart: clean ones to fork from, what passes between them, and walls around them."""
