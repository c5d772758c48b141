"""The figures of results that the documentation tells in its sentences, held against the store.

A comment behind the paragraphs that tell them names them, so that results which are played again leave no old figure behind::

    <!-- results: few-queries | mnist | 20,000 unlabelled images | accuracy
    random: 20 = 46.9; 50 = 66.3
    random + poisson: 20 = 86.4 [76.5, 92.6]
    -->

The first line is the suite, the data set, the scenario, the metric, and the attack with its goal where there is one, as in
``leaderboard/data``. A line below is a method, and by budget what the text says: a mean, with its interval or without.
``mega less in real data, mad: 2,000 = 1.4`` is how much less its mean is there, in another scenario; ``= 1.4 (± 1.2)``
has the interval of the difference that is paired by seed. Comments one behind another share the text before them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from figures import Check, Values, interval, is_share
from stored import Store

_COMMENT = re.compile(r"^ *<!-- results: (.+)\n((?:.+\n)+?) *-->$", re.MULTILINE)
_FIGURE = re.compile(r"([\d,]+) = (.+)")


class Claim(NamedTuple):
    """A figure that a text tells.

    Attributes:
        where: the file, and what the comment says of the figure.
        game: suite, data set and scenario.
        metric, attack: as the exports call them.
        method: whose figure it is.
        less: the scenario in which its mean is less by the figure, or empty.
        budget: queries.
        figure: as the text has it.
        text: the text before the comment, from the last such comment or heading on.
    """

    where: tuple[str, ...]
    game: tuple[str, ...]
    metric: str
    attack: str
    method: str
    less: str
    budget: int
    figure: str
    text: str


def claims(file: Path) -> Iterator[Claim]:
    """Yield the figures that the comments of a Markdown file name.

    Raises:
        ValueError: a comment, or a line of one, is not of that form.
    """
    whole, begin, text = file.read_text(encoding="utf-8"), 0, ""
    found = list(_COMMENT.finditer(whole))
    read = {comment.start(1) for comment in found}
    for other in re.finditer(r"<!--\s*results:\s*", whole):
        if other.end() not in read:
            raise ValueError(
                f"{file.name}, line {whole.count(chr(10), 0, other.end()) + 1}: not a comment as documented.py reads them"
            )
    for comment in found:
        text = re.split(r"^#+ ", whole[begin : comment.start()], flags=re.MULTILINE)[-1].strip() or text
        begin = comment.end()
        *game, metric, attack = [*map(str.strip, comment[1].split("|")), ""][:5]
        for line in comment[2].splitlines():
            who, _, told = line.strip().rpartition(": ")
            method, _, less = who.partition(" less in ")
            for each in told.split("; "):
                figure = _FIGURE.fullmatch(each)
                if not who or not figure:
                    raise ValueError(f"{file.name}: '{each}' in '{line.strip()}' is not METHOD: BUDGET = FIGURE")
                budget = int(figure[1].replace(",", ""))
                where = (file.name, *game, metric, attack, who, figure[1])
                yield Claim(where, tuple(game), metric, attack, method, less, budget, figure[2], text)


def documented(check: Check, files: list[Path], store: Store) -> None:
    """Check every figure that a comment of these files names: that the text has it, and that the store gives it."""
    for file in files:
        found: list[Claim] = []
        check.alone((file.name,), lambda file=file, found=found: found.extend(claims(file)))
        for claim in found:
            check.alone(claim.where, _held, check, claim, store)


def _held(check: Check, claim: Claim, store: Store) -> None:
    told = re.search(rf"(?<![\d.]){re.escape(claim.figure)}(?![\d.]*\d)", " ".join(claim.text.replace("*", "").split()))
    check.that("figure in a text", claim.where, told is not None, f"{claim.figure} is not in the text before it")
    what = "figure of the documentation"

    def values(scenario: str) -> Values:
        return store.games[(*claim.game[:2], scenario)].curve(claim.method, claim.metric, claim.attack)[claim.budget]

    here = values(claim.game[2])
    if not claim.less and re.search(r"[±\[]", claim.figure):
        check.figure(what, claim.where, claim.figure, here, claim.metric, len(here.by_seed))
        return
    scale = 100 if is_share(claim.metric) else 1
    found = list((_lost(here, values(claim.less)) if claim.less else here.by_seed).values())
    mean, _, high, _ = interval(found, math.nan, share=False)
    form = "# (± #)" if "±" in claim.figure else "#"
    check.said(what, claim.where, claim.figure, form, scale * mean, scale * (high - mean))


def _lost(here: Values, there: Values) -> dict[int, float]:
    """Return how much less each seed's value is there."""
    if here.by_seed.keys() != there.by_seed.keys():
        raise ValueError("the two were not played with the same seeds")
    return {seed: value - there.by_seed[seed] for seed, value in here.by_seed.items()}
