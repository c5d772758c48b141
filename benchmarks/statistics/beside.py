"""What papers print, held against ``benchmarks/reported/*.toml``, and how measurements stand beside it, against the store.

Which measurement a figure stands beside is the program's choice (docs/leaderboard.md), and is not made anew here.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from figures import Check, Key, Row, Values, interval, is_share, near, place, student
from pages import Part
from scenario import Line, line_of
from stored import SUITES, Game, Store

MARGIN = {"%": 2.0, "nats": 0.1}
SCALE = {"%": 100.0}
BOUNDS = ("above", "below")
Entry = dict[str, Any]


@dataclass(frozen=True)
class Beside:
    """A row of ``reported.csv``, with the game that it stands in and what the papers' files say of it."""

    row: Row
    game: Game
    entry: Entry

    @property
    def where(self) -> Key:
        return (*self.game.key, *(self.row[name] for name in ("method", "metric", "attack", "budget", "reported")))

    @property
    def printed(self) -> float:
        return float(self.entry["value"])

    @property
    def values(self) -> Values:
        """The measurements beside it."""
        if self.row["metric"] == "queries_to_best":
            return self.game.best(self.row["method"])[1]
        return self.game.curve(self.row["method"], self.row["metric"], self.row["attack"])[int(self.row["budget"])]

    @cached_property
    def measured(self) -> tuple[float, float, float]:
        """Their mean and interval, in the unit of the paper."""
        share, scale = is_share(self.row["metric"]), SCALE.get(self.row["unit"], 1.0)
        mean, low, high, _ = interval(self.values.list, self.values.size, share=share)
        return scale * mean, scale * low, scale * high

    @property
    def difference(self) -> float | None:
        """How far the measured mean is from the printed figure; None where that is a bound."""
        return None if self.row["qualifier"] in BOUNDS else self.measured[0] - self.printed

    @property
    def margin(self) -> float:
        return MARGIN.get(self.row["unit"], math.inf)

    @property
    def far(self) -> bool:
        return self.difference is not None and abs(self.difference) > self.margin

    @property
    def apart(self) -> list[str]:
        """What of the conditions is known to differ, beside what the papers' files say in words."""
        row, game, entry, found = self.row, self.game, self.entry, list[str]()
        budget, pool = entry.get("budget"), (game.setting("pool") or {}).get("size")
        if entry["access"] != game.access:
            found.append(f"answers {entry['access']} there, {game.access} here")
        if row["metric"] == "queries_to_best":
            found.append(f"the best of {len(game.curve(row['method']))} budget points here")
        elif budget is None:
            found.append(f"queries not stated there, {int(row['budget']):,} here")
        elif budget != int(row["budget"]):
            found.append(f"{budget:,} queries there, {int(row['budget']):,} here")
        if entry.get("pool") != pool:
            there, here = ("all" if size is None else f"{size:,}" for size in (entry.get("pool"), pool))
            found.append(f"pool of {there} images there, {here} here")
        own, other = entry.get("pool_dataset"), (game.example.pool_dataset or "").partition("[")[0] or None
        if own != other:
            found.append(f"a pool of {own or entry['dataset']} there, of {other or entry['dataset']} here")
        if defence := game.setting("defence"):
            options = ",".join(f"{key}={json.dumps(value)}" for key, value in sorted(defence["options"].items()))
            found.append(f"no defence there, {defence['name']}{f'[{options}]' if options else ''} here")
        off = 100 * self.values.sampling if is_share(row["metric"]) else 0
        if len(self.values.by_seed) == 1 and off > self.margin:
            found.append(f"one run on {self.values.size:,.0f} images, known to ± {off:.1f}: too few to judge")
        if self.collapsed:
            found.append(f"{self.collapsed} of {len(self.values.by_seed)} runs here collapsed")
        return found

    @property
    def collapsed(self) -> int:
        """How many of its runs collapsed."""
        return sum(run.collapsed for run in self.game.done(self.row["method"]))

    @property
    def conditions(self) -> set[str]:
        """Each condition in a sentence; another number of queries is one, whatever the number."""
        said = re.split(r"(?<=\.) +(?=[A-Z0-9'])", self.entry["differs"]) + self.apart
        other = "another number of queries there than here"
        short = (one.rstrip(".") for one in said if one)
        return {other if " queries there, " in one else one[:1].lower() + one[1:] for one in short}

    @property
    def verdict(self) -> str:
        """What the measured mean says of the printed figure."""
        (mean, low, high), printed, seeds = self.measured, self.printed, len(self.values.by_seed)
        if self.row["differences"]:
            return "not comparable"
        if seeds < 2:
            return "undecided"
        if self.row["qualifier"] in BOUNDS:
            ends = (
                (low - printed, high - printed) if self.row["qualifier"] == "above" else (printed - high, printed - low)
            )
            return "agrees" if ends[0] > 0 else "differs" if ends[1] < 0 else "undecided"
        if low - printed > self.margin or printed - high > self.margin:
            return "differs"
        narrower = student(0.95, seeds - 1) / student(0.975, seeds - 1)
        reaches = [abs(mean + narrower * (end - mean) - printed) for end in (low, high)]
        return "agrees" if max(reaches) <= self.margin else "undecided"


@cache
def entries() -> list[Entry]:
    """Return the figures of the papers' files, each with what its table and its paper say."""
    papers = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((SUITES / "reported").glob("*.toml"))]
    found = [
        paper | table | own for paper in papers for table in paper.pop("table") for own in table.pop("figures") or [{}]
    ]
    return [entry | {"differs": f"{entry['differs']} {entry.get('also', '')}".strip()} for entry in found]


def beside(store: Store, row: Row) -> Beside:
    """Return a row of ``reported.csv`` with its game, and with the printed figure of the papers' files that it names."""
    wanted = {"paper": row["paper"], "name": row["name"], "metric": row["metric"], "value": float(row["reported"])}
    suite, dataset, _ = place(row)
    for entry in entries():
        same = {name: entry[name] for name in wanted} == wanted and row["qualifier"] == entry.get("qualifier", "")
        ours = suite.partition("[")[0] in entry["suites"] and dataset == entry["dataset"]
        if same and ours and entry["source"] in row["source"].split("; ") and entry.get("budget") in _budgets(row):
            return Beside(row, store.games[place(row)], entry)
    raise ValueError(f"no paper's file prints {row['reported']} as {row['name']!r} in {row['source']}")


def _budgets(row: Row) -> list[int | None]:
    """Return the budgets that the printed figure can be of: what a row says, or its own."""
    there = re.search(r"(?:^|; )([\d,]+) queries there, ", row["differences"])
    return [int(there[1].replace(",", ""))] if there else [int(row["budget"]), None]


def reported(check: Check, rows: list[Beside]) -> None:
    """Check every row of ``reported.csv``: the measurement, the difference, the verdict, and what is said of the conditions."""
    for one in rows:
        row, where = one.row, one.where
        for name, mine in zip(("measured", "measured_low", "measured_high"), one.measured, strict=True):
            check.number("measured beside a paper", where, row[name], mine)
        check.number("difference to a paper", where, row["difference"], one.difference)
        check.number("seeds beside a paper", where, row["seeds"], len(one.values.by_seed))
        check.text("verdict", where, row["verdict"], one.verdict)
        check.text("protocol of a paper", where, row["protocol"], one.entry["protocol"])
        said = row["differences"].replace(one.entry["differs"], "", 1).split("; ")
        check.text("conditions of a paper", where, "; ".join(sorted(filter(None, said))), "; ".join(sorted(one.apart)))


def table(check: Check, rows: list[Beside], part: Part, notes: dict[str, str]) -> None:
    """Check a page's table of what papers print beside what was measured; ``notes`` by number, below it."""
    if len(rows) != len(part.rows):
        raise ValueError(f"{len(rows)} figures stand in reported.csv, {len(part.rows)} here")
    for one, cells in zip(rows, part.rows, strict=True):
        line = line_of(check, one.game, part.below, {}, dict(zip(part.head, cells, strict=True)))
        check.text("method beside a paper", line.where, line.label, one.row["method"])
        check.alone(line.where, _row, line, one, notes)


def _row(line: Line, one: Beside, notes: dict[str, str]) -> None:
    row = one.row
    attack = f", {row['attack']}" if row["attack"] else ""
    line.said("what", f"`{row['metric']} at #{attack}`", int(row["budget"]))
    line.said("reported", f"{row['qualifier']} #".strip(), one.printed)
    line.check.that(
        "reported", one.where, float(line.row["reported"].split()[-1].replace(",", "")) == one.printed, "rounded"
    )
    line.figure("measured", one.values, row["metric"])
    line.said("printed in", f"{row['paper']}, {row['source']}, as '{row['name']}'")
    verdict, _, note = line.row["verdict"].partition(", note ")
    line.check.text("note of a verdict", one.where, notes.get(note, ""), row["differences"].replace(".; ", "; "))
    _, low, high = one.measured
    undecided = one.verdict == "undecided"
    form = one.verdict + (" (one run)" if len(one.values.by_seed) == 1 else " (±#)") * undecided
    line.check.said("verdict in Markdown", one.where, verdict, form, (high - low) / 2)
    difference, _, note = line.row["difference"].partition(", note ")
    why = f"Why the two are far apart: {one.entry.get('reason') or 'no reason is known yet.'}" if one.far else ""
    line.check.text("note of a difference", one.where, notes.get(note, ""), " ".join(why.split()))
    known = one.difference is not None
    line.check.said("difference in Markdown", one.where, difference, "#" if known else "–", one.difference or 0.0)


def protocol(check: Check, where: Key, text: str) -> None:
    """Check a text about a paper, or about one of its tables, against the papers' files."""
    told = {" ".join(f"{e['paper']}: {e['citation']}. {e.get('note', '')}".split()) for e in entries()}
    told |= {" ".join(f"{e['paper']}, {e['source']}: {e['protocol']} {e['differs']}".split()) for e in entries()}
    check.that("protocol", where, re.sub(r"^\d+\. ", "", text) in told, f"no paper's file says {text!r}")


def counted(check: Check, where: Key, rows: list[Beside], text: str) -> None:
    """Check how many figures of a paper stand beside a measurement, how many are near, and what keeps them apart."""
    alive = (one for one in rows if not one.collapsed)
    held = [one for one in alive if one.difference is not None and math.isfinite(one.margin)]
    units = sorted({one.row["unit"] for one in held})
    margin = " or ".join(f"{MARGIN[unit]:g} {'points' if unit == '%' else unit}" for unit in units)
    far, verdicts = sum(one.far for one in held), sorted(Counter(one.verdict for one in rows).items())
    mine = [f"{where[-1]}: # figure{'s stand' if len(rows) != 1 else ' stands'} beside a measurement"]
    values = [len(rows)]
    if held:
        mine.append(f"within {margin} of it: #, further away: # (a count, no test)")
        values += [len(held) - far, far]
    if len(rows) > len(held):
        mine.append("not counted, since they are bounds, numbers of queries, or figures of collapsed runs: #")
        values.append(len(rows) - len(held))
    form = f"{'; '.join(mine)}. Verdicts: {', '.join(f'# {verdict}' for verdict, _ in verdicts)}."
    text, _, why = text.partition(" What keeps figures from being compared: ")
    check.said("count of a paper's figures", where, text.strip(), form, *values, *(count for _, count in verdicts))
    _conditions(check, where, [one for one in rows if one.verdict == "not comparable"], why)


def _conditions(check: Check, where: Key, rows: list[Beside], why: str) -> None:
    """Check of how many figures the commonest conditions are, and how many more there are."""
    many = Counter(condition for one in rows for condition in one.conditions)
    told = re.findall(r"(?:^|; )(.*?) \((\d+) of (\d+)\)(?=; |\.)", why)
    for condition, count, of in told:
        check.said("figures with a condition", (*where, condition), count, "#", many[condition])
        check.said("figures that are not comparable", (*where, condition), of, "#", len(rows))
    commonest = sorted(many.values(), reverse=True)[: len(told)]
    check.that("commonest conditions", where, sorted((int(c) for _, c, _ in told), reverse=True) == commonest, why)
    more = re.search(r"; (\d+) more condition", why)
    check.that(
        "more conditions", where, near(more[1] if more else "0", len(many) - len(told)), f"there are {len(many)}: {why}"
    )
