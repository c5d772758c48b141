"""Whether the ledger tells what the target was asked: ``python benchmarks/counting/own.py``.

Every built-in query attack plays against a target on ``digits`` behind which a counter of its own stands: whole, and once
killed in the middle of its search and resumed. The ledger, the sum over examples and the counter must agree, and the two plays
together must ask what one asks. It exits with 1 where they do not.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import benchbox
from benchbox.distribution import DISTRIBUTION
from benchbox.match.run import run_cell
from benchbox.records import CellResult
from benchbox.registry import Catalogue
from benchbox.target.answer import Answerer
from benchbox.target.phases import CORE_PHASES
from benchbox.testing.keeper import Keeper

IMAGES = 20
SCENARIO = """
[[scenario]]
name = "{access}, {given}"
plays = "query-attack"
target = {{ model = "lenet5" }}
substitute = "lenet5"
access = "{access}"
pool = {{ size = 400, labels = true }}
threat = {{ norm = "2", radius = 3.0 }}
images = {images}
budgets = [200]
{grant}
methods = {methods}
"""
GRANTS = {
    "prior": 'prior = { method = "drmi[profile=best]", budget = 60 }',
    "surrogates": 'surrogates = [{ model = "conv4", seed = 0 }, { model = "conv4", seed = 1 }]',
}
LABELS = ("hopskipjump", "geoda", "signopt", "nes[labels=true]")


@dataclass
class Noting(Keeper):
    """Notes when the search began: whoever is killed before it has a substitute to train anew."""

    began: int = 0

    def save(self, state: dict[str, Any]) -> None:
        """Keep a state."""
        self.began = self.began or self.offers
        super().save(state)

    @property
    def middle(self) -> int:
        """After how many requests half of the search is done."""
        return (self.began + self.offers) // 2


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count the images of each request that reaches a target."""
    asked: list[int] = []
    original = Answerer.__call__

    def answer(self: Answerer, images: Any, access: Any) -> Any:
        asked.append(len(images))
        return original(self, images, access)

    Answerer.__call__ = answer  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        Answerer.__call__ = original  # type: ignore[method-assign]


def suite() -> str:
    """Return a suite file in which every built-in query attack plays where it is granted what it needs."""
    rows = Catalogue.discover().entries("query-attack")
    others = [row.name for row in rows if row.package == DISTRIBUTION and row.name not in (*LABELS, "bases")]
    parts = [
        ("label", "prior", LABELS),
        ("probabilities", "prior", others),
        ("probabilities", "surrogates", ("bases",)),
    ]
    scenarios = [
        SCENARIO.format(images=IMAGES, access=access, given=given, grant=GRANTS[given], methods=list(methods))
        for access, given, methods in parts
    ]
    return "\n".join(['title = "Counting"', 'datasets = ["digits"]', "seeds = 1", *scenarios])


def play(cell: Any, place: Any, keeper: Keeper) -> tuple[CellResult, int]:
    """Play a cell, and return what came of it and how many images the target was asked."""
    with counted() as asked:
        result = run_cell(cell.setting, place, keeper)
    return result, sum(asked)


def row(cell: Any, place: Any) -> tuple[str, bool]:
    """Return a method's row, and whether all its counts agree."""
    keeper = Noting()
    whole, asked = play(cell, place, keeper)
    if whole.error or whole.searches is None:
        raise SystemExit(f"{cell.label}: {whole.error}")
    ledger = sum(line.queries for line in whole.ledger)
    made = sum(line.queries for line in whole.ledger if line.phase in CORE_PHASES)
    killed = Keeper(kill_after=keeper.middle)
    _, before = play(cell, place, killed)
    resumed, after = play(cell, place, Keeper(kept=killed.kept))
    counts = (ledger, sum(whole.searches.asked) + made, asked - IMAGES, before + after - 2 * IMAGES)
    same = len(set(counts)) == 1 and resumed.ledger == whole.ledger and resumed.searches == whole.searches
    return f"| {cell.label} | {' | '.join(f'{n:,}' for n in counts)} |", same


def main() -> int:
    """Print the table."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counting.toml"
        path.write_text(suite(), encoding="utf-8")
        plan = benchbox.plan(path, db=Path(folder) / "counting.db")
        print("| method | ledger | by example | counted | counted, killed and resumed |\n|---|---|---|---|---|")
        every = True
        for cell in plan.cells:
            text, same = row(cell, plan.place)
            print(text if same else f"{text} differs", flush=True)
            every &= same
    return 0 if every else 1


if __name__ == "__main__":
    sys.exit(main())
