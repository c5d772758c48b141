"""Scoring: accuracy, fidelity, attack success, confusion matrices. The only room that sees held-out images."""
