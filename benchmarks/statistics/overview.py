"""What the index and suites' pages claim, held against the store: who is first, who leads, what is found, how papers fare."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from beside import Beside, counted
from defended import BARE, Matrix, matrix
from figures import LESS, Check, Contest, Key, margin
from pages import bare, whole
from stored import Game, suite_file

SEALS = {
    "sandbox": "in a sandbox, without files, network or test images",
    "process": "in a process of their own, without target and test images, but not cut off from files and network",
    "no": "in the process that held target and test images, and could have read both",
    "not recorded": "before benchbox recorded how far methods are shut in",
}
TAKEN = re.compile(r"(.* take.*)\. (A method leads at .* budgets)\.")
MARKS = r" \((?:own labels|unlabelled|substitute|verified|privileged|unsealed|, )+\)"


def listed(check: Check, what: str, where: Key, text: str, names: Sequence[str]) -> None:
    """Check that a text names all of these, or says how many more there are."""
    rest, found = re.sub(MARKS, "", text), 0
    for name in sorted(names, key=len, reverse=True):
        found += name in rest
        rest = rest.replace(name, "", 1)
    more = re.search(r"(\d+) more", rest)
    left = re.sub(r"\d+ more|\band\b|[,;: ]", "", rest)
    same = found + (int(more[1]) if more else 0) == len(names) and not left
    check.that(what, where, same, f"printed {text!r}, recomputed {', '.join(names)}")


def told(check: Check, what: str, where: Key, text: str, held: Contest) -> None:
    """Check whether a first leads, with whom it shares its place, or from whom else it is not told."""
    if held.open:
        start, _, names = text.partition("not told from ")
        equal = [
            name for name, mean in zip(held.names[1:], held.means[1:], strict=True) if held.means[0] - mean < 1e-12
        ]
        listed(check, what, where, start.removeprefix("first with "), equal)
        check.that(what, where, bool(equal) == start.startswith("first with "), text)
        listed(check, what, where, names, [name for name in held.open if name not in equal])
    else:
        check.text(what, where, text, "leads")


def named(game: Game, text: str) -> str:
    """Return the method that a text names, with its marks behind it."""
    return next(label for label in game.methods if label == re.sub(MARKS + "$", "", bare(text)))


def curves(check: Check, games: list[Game], text: str) -> None:
    """Check that each curve of the overview's picture stems from a scenario that holds its method."""
    for clause in text.removeprefix("The curves are of ").removesuffix(".").split("; "):
        where, _, labels = clause.rpartition(": ")
        names = re.sub(r", to \d{1,3}(?:,\d{3})*", "", labels).split(", ")
        held = [game for game in games if where.startswith(f"{game.key[0]}, {game.key[2]}")]
        known = any(set(names) <= set(game.methods) for game in held)
        check.that("curves of the overview", (clause,), known, "no scenario of that name holds them")


def on_index(check: Check, game: Game, budget: str, cell: str) -> None:
    """Check who is first at a budget, by how much, and whether that is told from all others."""
    where, held = (*game.key, budget), game.contests.get(whole(budget))
    if held is None or not cell:
        check.that("first on the index", where, held is None and not cell, f"printed {cell!r}")
        return
    found = re.fullmatch(r"(`.*?`) (\**)(.*?)\**, (?:(first|leads) by (.*?)(?:, )?)?((?:first with|not told).*)?", cell)
    if found is None:
        raise ValueError(f"{cell!r} says nobody is first")
    name, bold, mean, verb, lead, others = found.groups()
    if verb is None:
        verb, lead = "first", LESS
    check.text("first on the index", where, named(game, name), held.names[0])
    check.said("first's mean on the index", where, mean, "#", 100 * held.means[0])
    ahead = 100 * (held.means[0] - held.means[1])
    check.said("first's lead on the index", where, lead, margin(ahead), ahead)
    check.text("leads on the index", where, f"{bold}{verb}", "first" if held.open else "**leads")
    told(check, "told on the index", where, others or "leads", held)


def on_suite_page(check: Check, game: Game, row: list[str], rows: list[Beside]) -> None:
    """Check who is first at a budget, at what, who is told from it, how far the plainest is, and what a paper prints."""
    where, held = (*game.key, row[1]), game.contests.get(whole(row[1]))
    if held is None:
        raise ValueError("nobody is ranked there")
    first = held.names[0]
    check.text("first on a suite's page", where, named(game, row[2]), first)
    values = game.curve(first)[whole(row[1])]
    check.figure("first's figure on a suite's page", where, row[3], values, game.main, len(values.by_seed))
    told(check, "leads on a suite's page", where, row[4], held)
    plain = game.plain if game.plain in held.names else None
    if plain is None or plain == first:
        check.text("over the plainest on a suite's page", where, row[5], "itself" if plain else "–")
    else:
        check.said("over the plainest on a suite's page", where, row[5], *held.over(first, plain))
    _in_paper(check, where, game, row, [one for one in rows if one.row["method"] == first])


def _in_paper(check: Check, where: Key, game: Game, row: list[str], rows: list[Beside]) -> None:
    """Check what a paper prints for the first."""
    same = [one for one in rows if one.row["budget"] == str(whole(row[1])) and one.row["metric"] == game.main]
    if not same:
        check.text("a paper's figure on a suite's page", where, row[6], "–")
        return
    one = same[0]
    start = f"{one.row['paper']} {one.row['qualifier']} #".replace("  ", " ")
    here = "" if one.difference is None else ", # here"
    values = one.printed, one.difference or 0.0
    check.said("a paper's figure on a suite's page", where, row[6], f"{start}{here}: {one.verdict}", *values)


def unranked(check: Check, game: Game, row: list[str]) -> None:
    """Check why nobody is ranked in a scenario, and who has the best mean."""
    where = game.key
    check.that("nobody is ranked", where, not game.contests, "somebody is")
    check.text("why nobody is ranked", where, row[1], game.alone)
    best_by_mean(check, game, row[2])


def best_by_mean(check: Check, game: Game, text: str) -> None:
    """Check the method of the highest mean at the largest budget, of those that may be ranked."""
    means = {label: last.mean for label in game.allowed if (last := game.last(label)).by_seed}
    if not means:
        check.text("best by mean", game.key, text, "–")
        return
    label, most = text.split("`")[1], max(means.values())
    check.that("best by mean", game.key, means[label] == most, f"{label} has not the highest")
    check.said("best mean", game.key, text, f"`{label}` # % {game.word} at # {game.unit}", 100 * most, game.budgets[-1])


class Win(NamedTuple):
    """A method that leads a scenario: at how many budgets of how many, and how far before the second at most, in points."""

    led: int
    of: int
    gain: float


def finding(check: Check, games: list[Game], text: str) -> None:
    """Check what a suite finds."""
    ranked = [game for game in games if game.contests]
    wins = {(", ".join(game.key[1:]), name): win for game in ranked for name, win in _wins(game)}
    if not ranked:
        _nobody_ranked(check, games, text)
    elif taken := TAKEN.fullmatch(text):
        places, led = sum(len(game.contests) for game in ranked), sum(win.led for win in wins.values())
        check.said(
            "led beside what is taken", games[0].key[:1], taken[2], "A method leads at # of # budgets", led, places
        )
        for clause in taken[1].split("; "):
            check.alone((games[0].key[0], clause), _by_mean, check, games, clause)
    elif wins:
        _who_leads(check, games[0].key[0], wins, sum(len(game.contests) for game in ranked), text)
    else:
        _nobody_leads(check, ranked, text)


def _wins(game: Game) -> Iterator[tuple[str, Win]]:
    """Yield who leads a scenario."""
    leads = [one for one in game.contests.values() if not one.open]
    for name, count in Counter(one.names[0] for one in leads).items():
        most = max(one.means[0] - one.means[1] for one in leads if one.names[0] == name)
        yield name, Win(count, len(game.contests), 100 * most)


def _nobody_ranked(check: Check, games: list[Game], text: str) -> None:
    """Check why nobody is ranked, and what is said by means alone."""
    suite, reasons = games[0].key[0], Counter(game.alone for game in games)
    why, _, best = text.removeprefix("Not ranked: ").partition(" By mean: ")
    each = [
        f"{reason} in {count} scenario{'s' * (count != 1)}" if len(reasons) > 1 else reason
        for reason, count in reasons.items()
    ]
    listed(check, "why a suite ranks nobody", (suite,), why.removesuffix("."), each)
    for clause in filter(None, best.removesuffix(".").split("; ")):
        check.alone((suite, clause), _by_mean, check, games, clause)


def _nobody_leads(check: Check, ranked: list[Game], text: str) -> None:
    """Check where it is that nobody leads."""
    places, suite = sum(len(game.contests) for game in ranked), ranked[0].key[0]
    names, _, said = text.partition(": ")
    listed(check, "where nobody leads", (suite,), names, sorted({game.key[1] for game in ranked}))
    many = f"at none of # budgets in # scenario{'s' * (len(ranked) != 1)} does a method lead."
    form = many if places > 1 else "no method leads."
    check.said("nobody leads", (suite,), said, form, places, len(ranked))


def _who_leads(check: Check, suite: str, wins: dict[tuple[str, str], Win], places: int, text: str) -> None:
    """Check who leads where, how many more do, and at how many budgets nobody does."""
    said, _, rest = text.partition(" At the other ")
    clauses = said.removesuffix(".").split("; ")
    more = clauses.pop() if " more lead" in clauses[-1] else ""
    for clause in clauses:
        check.alone((suite, clause), _leads, check, suite, wins, clause)
    others, none = len(wins) - len(clauses), places - sum(win.led for win in wins.values())
    form = f"# more lead{'s' * (others == 1)} elsewhere" if others else ""
    check.said("more who lead", (suite,), more, form, others)
    form = "# of # budgets no method leads." if none else ""
    check.said("budgets at which nobody leads", (suite,), rest, form, none, places)


def _leads(check: Check, suite: str, wins: dict[tuple[str, str], Win], clause: str) -> None:
    found = re.fullmatch(r"(.*): `(.*?)` (leads at .*?)(, by .* points)", clause)
    if found is None:
        raise ValueError(f"{clause!r} says nobody leads")
    win, where = wins[found[1], found[2]], (suite, found[1], found[2])
    check.said("leads in a finding", where, found[3], f"leads at # of # budget{'s' * (win.of != 1)}", win.led, win.of)
    most = margin(win.gain)
    check.said("gain in a finding", where, found[4], f", by {'up to ' * (most != LESS)}{most} points", win.gain)


def _by_mean(check: Check, games: list[Game], clause: str) -> None:
    """Check a clause on what defences or poorer answers take, or on who has the best mean."""
    place, _, said = clause.partition(": ")
    dataset, _, name = place.partition(", ")
    here = {game.key[2]: game for game in games if game.key[1] == dataset}
    if not re.search(" takes? |nothing is taken", said):
        return best_by_mean(check, here[name], said)
    return _takes(check, (*games[0].key[:2], name), matrix(here, name), said)


def _takes(check: Check, where: Key, held: Matrix, said: str) -> None:
    """Check what is taken most, of the defences that as many attackers and replicates as any were held against."""
    found = held.taken_in_the_mean()
    size = max(loss.size for loss in found.values())
    alike = {name: loss for name, loss in found.items() if loss.size == size}
    most = max(loss.mean for loss in alike.values())
    if f"{max(most, 0):.1f}" == "0.0":
        form = f"none of # {_what(held)} takes anything" if len(alike) > 1 else "nothing is taken"
        return check.said("taken in a finding", where, said, form, len(alike))
    first = [name for name, loss in alike.items() if f"{loss.mean:.1f}" == f"{most:.1f}"]
    each = [f"`{name}`{' takes' * (not i)} #{' (# to #)' * bool(alike[name].ends)}" for i, name in enumerate(first)]
    word = "fidelity" if held.metric == "fidelity" else "success"
    whose = "over # attackers" if size[0] > 1 else f"from {alike[first[0]].attackers[0]}"
    form = f"{' and '.join(each)} points of {word} {whose}"
    if len(alike) > 1:
        form += f", most of # {_what(held)}"
    if not any(loss.told for loss in alike.values()):
        form += ", none of them told from nothing" if len(alike) > 1 else ", not told from nothing"
    figures = [value for name in first for value in (alike[name].mean, *alike[name].ends)]
    numbers = [*figures, *([size[0]] if size[0] > 1 else []), *([len(alike)] if len(alike) > 1 else [])]
    return check.said("taken in a finding", where, said, form, *numbers)


def _what(held: Matrix) -> str:
    return "defences" if held.first == BARE else "poorer answers"


def sealing(check: Check, games: list[Game], text: str) -> None:
    """Check how far players were sealed, and where."""
    suite = games[0].key[0]
    if found := re.fullmatch(r"All methods were played (.*)\.", text):
        every = {game.sealed(label) for game in games for label in game.methods} - {""}
        check.text("how far all players were sealed", (suite,), found[1], " and ".join(SEALS[seal] for seal in every))
        return
    for said in re.findall(r"Played (.*?)\.(?= Played |$)", text):
        seal = next(seal for seal, words in SEALS.items() if said.startswith(words))
        names = [name for game in games if (name := _sealed_so(game, seal, several=len(games) > 1))]
        listed(check, "how far players were sealed", (suite, seal), said.removeprefix(f"{SEALS[seal]}: "), names)


def _sealed_so(game: Game, seal: str, *, several: bool) -> str:
    """Return which methods of a game were sealed so far: where several games are told of its name, and they where not all."""
    mine = [label for label in game.methods if game.sealed(label) == seal]
    all_of_it = len(mine) == sum(bool(game.sealed(label)) for label in game.methods)
    *first, last = (*mine[:3], f"{len(mine) - 3} more") if len(mine) > 3 else mine or [""]
    methods = f"{', '.join(first)} and {last}" if first else last
    return ": ".join([", ".join(game.key[1:])] * several * bool(mine) + [methods] * (not (all_of_it and several)))


def description(check: Check, suite: str, text: str) -> None:
    """Check a suite's own words against its file."""
    other = suite.partition("[")[2]
    mine = f"{suite_file(suite)['description']}{f' Played with {other[:-1]}.' if other else ''}"
    check.text("description", (suite,), text, " ".join(mine.split()))


def papers(check: Check, where: Key, rows: list[Beside], text: str) -> None:
    """Check the sentences on how a paper's figures fare."""
    paper = text.partition(":")[0]
    counted(check, (*where, paper), [one for one in rows if one.row["paper"] == paper], text)
