"""What is said around a scenario's tables, its rules first, held against the store."""

from __future__ import annotations

import json
import math
import re
from typing import Any

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
    elif text.startswith("Left out, since"):
        check.text("seeds that are left out", where, text, _left_out(game))
    elif text.startswith("All seeds attacked one target"):
        check.that(
            "one target of all seeds", where, game.one_target, "each seed had its own, or the suite asks for one"
        )
    elif digits(text) and not text.startswith("!["):
        raise ValueError(f"nobody recomputes {text!r}")


def _left_out(game: Game) -> str:
    """Return which seeds with a result count nowhere, of the first three methods."""
    found = {label: game.left_out(label) for label in game.methods if game.left_out(label)}
    each = [f"seed{'s' * (len(seeds) > 1)} {_few(seeds)} of `{label}`" for label, seeds in found.items()]
    more = [f"{len(each) - 3} more"] * (len(each) > 3)
    them = "them" if sum(map(len, found.values())) > 1 else "it"
    return f"Left out, since not every method has {them}: {'; '.join(each[:3] + more)}."


def _few(seeds: list[int]) -> str:
    *first, last = (*map(str, seeds[:3]), *([f"{len(seeds) - 3} more"] if len(seeds) > 3 else []))
    return f"{', '.join(first)} and {last}" if first else last


def _rule(check: Check, game: Game, term: str, text: str) -> None:
    """Check a rule of the game against what the store holds; those in words alone by the numbers in them."""
    where = (*game.key, term)
    if term == "Budgets":
        budgets = game.setting("budgets")
        check.said(term, where, text, f"{', '.join('#' for _ in budgets)} {game.unit}", *budgets)
    elif term == "Seeds":
        check.said(term, where, text, ", ".join("#" for _ in game.wanted), *game.wanted)
    elif term == "Seeds asked for":
        seeds = range(suite_file(game.key[0])["seeds"])
        check.said(term, where, text, f"{', '.join('#' for _ in seeds)}; this store holds fewer", *seeds)
    elif term == "Target":
        _target(check, where, text, game)
    elif term == "Substitute":
        check.text(term, where, text, f"`{game.example.substitute}`")
    elif term == "An answer holds":
        check.text(term, where, text, game.access)
    elif term == "Attack":
        plans = [_attack(plan) for plan in game.setting("attacks")]
        check.that(term, where, bare(text) in plans, f"{text!r} is none of {plans}")
    elif term == "Search":
        check.text("search", where, text, _search(game.setting("search")))
    elif found := re.fullmatch(r"(.*), version (\d+)(?:, of .*)?", text):
        known = game.versions(f"trainer {found[1]}")
        check.that("trainer's version", where, int(found[2]) in known, f"{text!r}, the store has {known}")
    else:
        settings(check, term, where, text, game)


def _target(check: Check, where: Key, text: str, game: Game) -> None:
    """Check which target was attacked, or how many were."""
    runs = [run for label in game.methods for run in game.done(label)] or game.runs
    name, _, rest = text.removeprefix("`").partition("`")
    names = {re.sub(r"\+seed=\d+", "", run.target) if rest.startswith(",") else run.target for run in runs}
    check.that("target of a game", where, names == {name}, f"{name}, the store has {names}")
    if found := re.fullmatch(r" \(sha256 (.*)\)", rest):
        check.that("target's hash", where, all(run.sha256.startswith(found[1]) for run in runs), rest)
    else:
        check.said("number of targets", where, rest, ", one for each seed: #", len({run.sha256 for run in runs}))


def _attack(plan: dict[str, Any]) -> str:
    """Return an attack as a page tells it: its options, whom it is aimed at, what counts, on how many images and when."""
    threat = f", {_threat(plan['threat'])}" if plan.get("threat") else ""
    at = "every budget" if plan["at"] == "every" else "the last budget"
    success = f"{', '.join(plan['success'])} on {_images(plan)} test images"
    return f"{_spec(plan['attack'])} {plan['goal']}{threat}: {success}, at {at}"


def _search(plan: dict[str, Any]) -> str:
    """Return what a query attack may do: how far it may go, from how many images, with which networks of others."""
    left_out = "those that the target gets wrong left out"
    text = f"{plan['goal']}, {_threat(plan['threat'])}, of {_images(plan)} test images, {left_out}"
    if others := plan.get("surrogates"):
        names = ", ".join(_spec(each["model"]) for each in others)
        return f"{text}; networks that others trained for the same task are granted: {names} (privileged)"
    if prior := plan["prior"]:
        names = " + ".join(_spec(prior[part]) for part in ("method", "trainer") if prior[part])
        return f"{text}; a substitute of {prior['budget']:,} queries by {names} is granted"
    return text


def _spec(plugin: dict[str, Any]) -> str:
    """Return a plugin with its options, as suites write it."""
    options = sorted((name, value) for name, value in plugin["options"].items() if value is not None)
    told = ",".join(f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in options)
    return f"{plugin['name']}{f'[{told}]' if told else ''}"


def _threat(plan: dict[str, Any]) -> str:
    return f"within {'L-inf' if plan['norm'] == 'inf' else 'L' + plan['norm']} {plan['radius']:g}"


def _images(plan: dict[str, Any]) -> str:
    return "all" if plan["images"] is None else f"{plan['images']:,}"


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
    """Check that the versions that a sentence names were played; which are installed is not in the store.

    The installed one stands in it where a scenario has results of it beside those of others.
    """
    for name, played, installed in re.findall(r"(?:: |, )([^:()]+?) (\d+(?: and \d+)*) \(installed: (\d+)", text):
        known = set[int]().union(*(game.versions(name) for game in games)) - {int(installed)}
        mine = set(map(int, played.split(" and "))) - {int(installed)}
        check.that("version that was played", (*games[0].key[:2], name), mine == known, f"{played}, not {known}")


def _meaning(check: Check, game: Game, title: str, text: str) -> None:
    """Check what a column means, where that says a number: an attack's settings, or the definition of a collapse."""
    where = (*game.key, title)
    if title == "collapsed":
        form = "over # % of the answers were of one class for three rounds in a row, or the last copy gives one to over # %"
        form += " of the images."
        check.said(title, where, text, form, 100 * COLLAPSED, 100 * COLLAPSED)
    elif found := re.match(r"`(\w+) of (.*?)(?:; its (.*))?`\.$", text):
        budgets = {at[1:]: len(curve) for at, curve in game.curves.items() if at[2] and is_share(at[1])}
        aim = title.removeprefix("ASR ") == "untargeted"
        mine = [many for (_, attack), many in budgets.items() if attack.endswith(" untargeted") == aim]
        told = budgets.get((found[1], found[2]))
        check.that("attack of the main table", where, told == max(mine), f"{found[2]} has no curve, or a shorter one")
        if found[3]:
            short = re.match(
                r"(\S+) steps of (\S+) come to (\S+) at most from where they start, of the (\S+) that", found[3]
            )
            steps, step, most, eps = map(float, short.groups() if short else [math.nan] * 4)
            check.that("reach of an attack", where, math.isclose(steps * step, most) and most < eps, text)
            options = [plan["attack"]["options"] for plan in game.setting("attacks")]
            known = {tuple(map(of.get, ("steps", "step", "eps"))) for of in options}
            check.that("settings of an attack", where, (steps, step, eps) in known, text)
    elif title == "s per example":
        timed = any(metric == "seconds_per_example" and attack == bare(text[:-1]) for _, metric, attack in game.curves)
        check.that("attack that took seconds", where, timed, f"{text} has no seconds")
    elif found := re.fullmatch(r"queries (?:in all|an example) at (.*)", title):
        check.said("largest budget", where, found[1], "#", game.budgets[-1])
    elif digits(f"{title} {text}") and title != "in all to 90 %":
        raise ValueError(f"nobody recomputes {title}: {text!r}")


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
