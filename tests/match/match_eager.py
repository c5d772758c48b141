"""Imported into a zygote: its referees keep a state to resume from after every round, rather than every quarter minute."""

from benchbox.match import resume

resume.Due.now = property(lambda due: True)  # type: ignore[assignment, method-assign]
