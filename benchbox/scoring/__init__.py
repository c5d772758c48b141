"""Scoring: accuracy, fidelity, attack success, confusion matrices."""
