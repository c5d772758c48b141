"""Breaks attacks, a selector and a generator on purpose, one at a time: each must turn the gate red.

    python benchmarks/regression/mutations.py [--seeds 8] [--work DIR]

Plays the suite ``gate`` twice unchanged, and for each mutation the scenario that it is in, in this process, seeds 0 to
SEEDS - 1, and prints a line each. The other scenarios' results are those of unchanged code, which the second unchanged run
shows to be the same to the last digit. Exits with 1 where a mutation goes unseen, or unchanged code is not that.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import gate
import torch
from benchbox_plugins.attacks.bim import Bim
from benchbox_plugins.attacks.fgsm import Fgsm
from benchbox_plugins.attacks.pgd import Pgd
from benchbox_plugins.generators.prada import Prada
from benchbox_plugins.selectors.drmi import Drmi

from benchbox.regression import Comparison, Verdict


@contextmanager
def patched(owner: type, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Put ``make(original)`` in the place of a method for a while."""
    original = getattr(owner, name)
    setattr(owner, name, make(original))
    try:
        yield
    finally:
        setattr(owner, name, original)


def with_options(owner: type, name: str, change: Callable[[Any], dict[str, Any]]) -> AbstractContextManager[None]:
    """Let a method run with other options than it was given, as a bug in it would."""

    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            other = owner(self.options.model_copy(update=change(self.options)))
            return original(other, *args, **kwargs)

        return method

    return patched(owner, name, make)


def wrong_sign(owner: type) -> AbstractContextManager[None]:
    """Follow the gradient down where it should go up."""

    def make(original: Any) -> Any:
        def perturb(self: Any, *args: Any, targeted: bool, **kwargs: Any) -> Any:
            return original(self, *args, targeted=not targeted, **kwargs)

        return perturb

    return patched(owner, "perturb", make)


def shuffled(owner: type) -> AbstractContextManager[None]:
    """Choose the same rows, in an order that says nothing."""

    def make(original: Any) -> Any:
        def select(self: Any, game: Any, k: int) -> torch.Tensor:
            rows = original(self, game, k)
            return rows[torch.randperm(len(rows), generator=game.rng)]

        return select

    return patched(owner, "select", make)


def skipped() -> AbstractContextManager[None]:
    """Ask the images again that should have been moved."""
    return patched(Prada, "moved", lambda original: lambda self, game, images, answers: images)


MUTATIONS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "fgsm: wrong gradient sign": lambda: wrong_sign(Fgsm),
    "bim: wrong gradient sign": lambda: wrong_sign(Bim),
    "bim: half the step": lambda: with_options(Bim, "perturb", lambda o: {"step": o.step / 2}),
    "bim: one iteration fewer": lambda: with_options(Bim, "perturb", lambda o: {"steps": o.steps - 1}),
    "pgd: random start dropped": lambda: with_options(Pgd, "perturb", lambda o: {"random_start": False}),
    "drmi: choice shuffled": lambda: shuffled(Drmi),
    "drmi: alpha ignored": lambda: with_options(Drmi, "select", lambda o: {"alpha": 1}),
    "prada: step skipped": skipped,
}

SCENARIOS = {"fgsm": "attacks", "bim": "attacks", "pgd": "attacks", "drmi": "choices", "prada": "queries"}


def told(found: Comparison) -> str:
    """Return the metric that fell furthest beyond its band, and how many fell."""
    worse = [row for row in found.rows if row.verdict is Verdict.WORSE]
    if not worse:
        return "nothing"
    row = min(worse, key=lambda row: row.difference / row.band)
    what = f"{row.label} {row.metric} {row.attack}".strip()
    change = f"{row.before.mean * 100:.1f} -> {row.before.mean * 100 + row.difference * 100:.1f}"
    return f"{len(worse)} worse; furthest {what} at {row.budget}: {change}, band {row.band * 100:.1f}"


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--only", default="", help="only mutations that start with this")
    parser.add_argument("--work", type=Path, help="keep the stores here, and go on where they stand")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        raise SystemExit(run(args.work or Path(scratch), range(args.seeds), args.only))


def run(folder: Path, seeds: range, only: str) -> int:
    """Return how many mutations went unseen, the unchanged code that was not green among them."""
    frozen = gate.baseline(folder / "baseline.db", seeds)
    gate.play(folder / "unchanged.db", seeds)
    found = gate.judge(frozen, folder / "unchanged.db")
    zero = all(row.difference == 0.0 for row in found.rows)
    print(
        f"{'unchanged':<28} {'red' if found.failed else 'green':<6} {'all differences 0' if zero else 'not the same'}"
    )
    unseen = int(found.failed or not zero)
    for name, mutate in MUTATIONS.items():
        if not name.startswith(only):
            continue
        db = folder / f"{name.replace(':', '').replace(' ', '-')}.db"
        gate.take_over(folder / "baseline.db", db, seeds, but=SCENARIOS[name.partition(":")[0]])
        with mutate():
            seconds = gate.play(db, seeds)
        found = gate.judge(frozen, db)
        unseen += not found.failed
        print(f"{name:<28} {'red' if found.failed else 'GREEN':<6} {told(found)} ({seconds:.0f} s)", flush=True)
    return unseen


if __name__ == "__main__":
    main()
