"""Phases of the ledger that are the core's own; methods name theirs otherwise."""

from __future__ import annotations

from benchbox.records import SCORING

CHOSEN = "chosen"
"""What a selector chose and had not asked."""
GRANTED = "granted substitute"
"""What the substitute cost that a query attack was given."""
BLOCKED = "blocked"
"""Paid for and not answered."""
CORE_PHASES = (SCORING, CHOSEN, GRANTED, BLOCKED)
