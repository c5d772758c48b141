"""What the leaderboard's intervals and comparisons are worth: ``python benchmarks/statistics/simulate.py``.

Coverage of a mean's 95 % interval, wrong claims where all methods are equally good, and the power to tell one that is better,
at five replicates and at ten. It calls the functions that the pages call, and prints Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchbox.report.statistics import Contest, contest, group_intervals

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]


def beta(mean: float, spread: float) -> Draw:
    """Return a draw of shares of this mean and standard deviation."""
    size = mean * (1 - mean) / spread**2 - 1
    return lambda rng, shape: rng.beta(mean * size, (1 - mean) * size, shape)


def collapsing(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Return shares of 0.9, of which one in ten has collapsed to 0.5."""
    return np.where(rng.random(shape) < 0.1, 0.5, 0.9) + 0.01 * rng.standard_normal(shape)


def counted(mean: float, images: int) -> Draw:
    """Return a draw of shares of so many images, each right with this chance."""
    return lambda rng, shape: rng.binomial(images, mean, shape) / images


SHARES: dict[str, tuple[float, Draw]] = {
    "80 %, spread 2, normal": (0.8, lambda rng, shape: 0.8 + 0.02 * rng.standard_normal(shape)),
    "97 %, spread 1.5": (0.97, beta(0.97, 0.015)),
    "99 %, spread 0.5": (0.99, beta(0.99, 0.005)),
    "99 %, spread 1": (0.99, beta(0.99, 0.01)),
    "99.5 %, spread 0.2": (0.995, beta(0.995, 0.002)),
    "2 %, spread 1": (0.02, beta(0.02, 0.01)),
    "90 %, one run in ten at 50 %": (0.86, collapsing),
}
COUNTED: dict[str, tuple[float, int]] = {
    "95 % of 50 images": (0.95, 50),
    "99.5 % of 50 images": (0.995, 50),
    "99.8 % of 300 images": (0.998, 300),
    "99.95 % of 1,000 images": (0.9995, 1000),
}
"""Shares of few images, with how many: all runs may come to 100 %."""

SPREADS: dict[str, Callable[[int], Floats]] = {
    "all alike": np.ones,
    "one three times as wide": lambda k: np.r_[3, np.ones(k - 1)],
    "one six times as wide": lambda k: np.r_[6, np.ones(k - 1)],
    "half of them ten times as wide": lambda k: np.repeat([0.3, 3], [k // 2, k - k // 2]),
    "from half to twice": lambda k: np.linspace(0.5, 2, k),
}


def coverage(rng: np.random.Generator, replicates: int, runs: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield by kind of share how often the interval covers the mean, its mean width, and how often t alone covers it."""
    which = np.repeat(np.arange(runs), replicates)
    few = {name: (mean, counted(mean, images), images) for name, (mean, images) in COUNTED.items()}
    for name, (mean, draw, images) in ({name: (*of, np.nan) for name, of in SHARES.items()} | few).items():
        values = draw(rng, (runs * replicates,))
        found, alone = (
            group_intervals(values, which, runs, np.full(runs, images), np.full(runs, share)) for share in (True, False)
        )
        covered, by_t = (float(((at.low <= mean) & (mean <= at.high)).mean()) for at in (found, alone))
        yield name, covered, float((found.high - found.low).mean()), by_t


def contests(
    rng: np.random.Generator, spread: Floats, ahead: Floats, shared: float, replicates: int, runs: int
) -> Iterator[tuple[Contest, Floats]]:
    """Yield contests of methods with these spreads and advantages; ``shared``: the correlation within a replicate."""
    for _ in range(runs):
        own = rng.standard_normal((len(spread), replicates)) * np.sqrt(1 - shared)
        values = (own + np.sqrt(shared) * rng.standard_normal(replicates)) * spread[:, None] + ahead[:, None]
        found = contest({f"{i:02}": dict(enumerate(row)) for i, row in enumerate(values)})
        assert found is not None
        yield found, values


def wrong(found: Contest, ahead: Floats) -> bool:
    """Whether some method is said to be behind the first though it is as good."""
    first = found.names[0]
    behind = set(found.names[1:]) - set(found.open)
    return any(ahead[int(name)] >= ahead[int(first)] for name in behind)


def dunnett(values: Floats) -> bool:
    """Whether Dunnett's quantile for the best as the control, one variance pooled, would tell any method from it."""
    residual = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    methods, replicates = values.shape
    freedom = (methods - 1) * (replicates - 1)
    error = np.sqrt(2 * (residual**2).sum() / freedom / replicates)
    return bool(np.ptp(values.mean(1)) > dunnett_quantile(methods - 1, freedom) * error)


@cache
def dunnett_quantile(others: int, freedom: int) -> float:
    """Return the 95 % quantile of the largest of ``others`` differences from one control, by 200,000 draws."""
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((200_000, others + 1))
    scale = np.sqrt(2 * rng.chisquare(freedom, len(draws)) / freedom)
    return float(np.quantile(np.abs(draws[:, 1:] - draws[:, :1]).max(1) / scale, 0.95))


def row(rng: np.random.Generator, spread: Floats, shared: float, replicates: int, runs: int) -> str:
    """Return a kind of contest's figures: wrong claims, by Dunnett, pooled; how often the better one is told from each."""
    count = len(spread)
    equal, better = np.zeros(count), np.r_[np.zeros(count - 1), 3.0]
    held = list(contests(rng, spread, equal, shared, replicates, runs))
    error = np.mean([wrong(found, equal) for found, _ in held])
    named = np.mean([dunnett(values) for _, values in held])
    pooled = np.mean([found.pooled for found, _ in held])
    told = [
        (count - 1 - len(found.open)) / (count - 1) if int(found.names[0]) == count - 1 else 0.0
        for found, _ in contests(rng, spread, better, shared, replicates, runs // 4)
    ]
    return f"{100 * error:.1f} % | {100 * named:.1f} % | {100 * pooled:.0f} % | {100 * np.mean(told):.0f} %"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000, help="contests of each kind; ten times as many intervals")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    for replicates in (5, 10):
        print(f"\n## {replicates} replicates\n\n| share | covered | mean width | by t alone |\n|---|---|---|---|")
        for name, covered, width, by_t in coverage(rng, replicates, 10 * asked.runs):
            print(f"| {name} | {100 * covered:.1f} % | {100 * width:.2f} | {100 * by_t:.1f} % |")
        print("\n| methods | spreads | correlation | any wrong claim | by Dunnett | pooled | told at 3 spreads |")
        print("|---|---|---|---|---|---|---|")
        for count, shared in ((3, 0.0), (3, 0.5), (10, 0.0), (10, 0.5)):
            for name, spreads in SPREADS.items():
                print(f"| {count} | {name} | {shared} | {row(rng, spreads(count), shared, replicates, asked.runs)} |")


if __name__ == "__main__":
    main()
