"""What is said around a scenario's tables, its rules first, held against the store."""

from __future__ import annotations

import math
import re

from figures import Check, Key, is_share, near
from pages import Part, bare, digits
from scenario import curve_of
from stored import COLLAPSED, Game, suite_file


def sentence(check: Check, game: Game, part: Part) -> None:
    """Check a sentence of a scenario, or an item of its lists."""
    text, where = part.text, (*game.key, part.below)
    if found := re.match(r"- ([A-Z][\w' ]*): (.*)\.$", text):
        _rule(check, game, found[1], found[2])
    elif found := re.match(r"- \*(.*?)\*: (.*)$", text):
        _meaning(check, game, found[1], found[2])
    elif found := re.match(
        r"\[The CSV\]\(.*?\) .*?(?:, and all (.*?) budgets, of which the tables show some)?\.$", text
    ):
        if found[1]:
            check.said("number of budgets", where, found[1], "#", len(game.budgets))
    elif "n = " in text:
        _sample(check, game, part)
    elif text.startswith("Figures of other versions"):
        versions(check, [game], text)
    elif digits(text) and not text.startswith(("![", "All seeds attacked one target", "Played ")):
        raise ValueError(f"nobody recomputes {text!r}")


def _rule(check: Check, game: Game, term: str, text: str) -> None:
    """Check a rule of the game: budgets, seeds and targets exactly, other settings by the numbers that they hold."""
    where = (*game.key, term)
    if term == "Budgets":
        budgets = game.setting("budgets")
        check.said(term, where, text, f"{', '.join('#' for _ in budgets)} {game.unit}", *budgets)
    elif term == "Seeds":
        check.said(term, where, text, ", ".join("#" for _ in game.wanted), *game.wanted)
    elif term == "Seeds asked for":
        seeds = range(suite_file(game.key[0])["seeds"])
        check.said(term, where, text, f"{', '.join('#' for _ in seeds)}; this store holds fewer", *seeds)
    elif term == "Target" and (found := re.search(r"one for each seed: (.*)", text)):
        done = {run.target for label in game.methods for run in game.done(label)}
        check.said("number of targets", where, found[1], "#", len(done))
    else:
        settings(check, term, where, text, game)


def settings(check: Check, what: str, where: Key, text: str, game: Game) -> None:
    """Check that each number and hash in a text is one of the settings that the store holds."""
    hashes = re.findall(r"\b(?=[0-9a-f]*\d)[0-9a-f]{16,}\b", text)
    rest = re.sub("sha256|" + "|".join(hashes or ["sha256"]), "", text).replace(",", "")
    numbers = re.findall(r"\d+(?:\.\d+)?", rest)
    unknown = [one for one in hashes if one not in game.known] + [
        one for one in numbers if float(one) not in game.numbers
    ]
    check.that(what, where, not unknown, f"no setting in the store has {', '.join(unknown)}, of {text!r}")


def versions(check: Check, games: list[Game], text: str) -> None:
    """Check that the versions that a sentence names were played; which are installed is not in the store."""
    known = set[float]().union(*(game.numbers for game in games))
    for number in re.findall(r" (\d+) \(installed", text):
        check.that("version that was played", games[0].key[:2], float(number) in known, f"nobody played {number}")


def _meaning(check: Check, game: Game, title: str, text: str) -> None:
    """Check what a column means, where that says a number: an attack's settings, or the definition of a collapse."""
    where = (*game.key, title)
    if title == "collapsed":
        check.said(
            title, where, text, "over # % of the answers were of one class for three rounds in a row.", 100 * COLLAPSED
        )
    elif found := re.match(r"`(\w+) of (.*?)(?:; its (.*))?`\.$", text):
        budgets = {at[1:]: len(curve) for at, curve in game.curves.items() if at[2] and is_share(at[1])}
        aim = title.removeprefix("ASR ") == "untargeted"
        mine = [many for (_, attack), many in budgets.items() if attack.endswith(" untargeted") == aim]
        told = budgets.get((found[1], found[2]))
        check.that("attack of the main table", where, told == max(mine), f"{found[2]} has no curve, or a shorter one")
        if found[3]:
            short = re.match(r"(\S+) steps of (\S+) come to (\S+) at most, of the (\S+) that", found[3])
            steps, step, most, eps = map(float, short.groups() if short else [math.nan] * 4)
            check.that("reach of an attack", where, math.isclose(steps * step, most) and most < eps, text)
            settings(check, "settings of an attack", where, f"{steps:g} {step:g} {eps:g}", game)
    elif title == "s per example":
        known = any(metric == "seconds_per_example" and attack == bare(text[:-1]) for _, metric, attack in game.curves)
        check.that("attack that took seconds", where, known, f"{text} has no seconds")
    elif found := re.fullmatch(r"queries (?:in all|an example) at (.*)", title):
        check.said("largest budget", where, found[1], "#", game.budgets[-1])
    elif digits(text):
        raise ValueError(f"nobody recomputes {text!r}")


def _sample(check: Check, game: Game, part: Part) -> None:
    """Check how large the sample behind a table by queries is, and how far its finiteness may put a run off."""
    found = re.match(r"(?:`(\w+)` of `(.*?)`, )?n = (.*) a run; test sample ± (.*?)[.:]$", part.text)
    if found is None:
        raise ValueError(f"nobody recomputes {part.text!r}")
    wanted = [found[1] or curve_of(part)[0], found[2] or ""]
    points = [values for (_, *of), curve in game.curves.items() if of == wanted for values in curve.values()]
    where = (*game.key, part.below, wanted[1])
    _ends(check, "sample above a table", where, found[3], [values.size for values in points])
    off = [100 * values.sampling for values in points]
    _ends(check, "test sample above a table", where, found[4].replace("± ", ""), off)


def _ends(check: Check, what: str, where: Key, text: str, values: list[float]) -> None:
    """Check the least and the largest of some values; one number where these two are written alike."""
    ends = [min(values), max(values)] if " to " in text else [min(values)]
    check.said(what, where, text, " to ".join("#" for _ in ends), *ends)
    check.that(f"range of a {what}", where, near(text.split()[-1], max(values)), f"up to {max(values)}, printed {text}")
