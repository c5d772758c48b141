"""What changed between the rules of then and of now, and whether numbers can still be compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from benchbox.store.trained import trained

FIXED = {
    "target": "target",
    "dataset_hash": "data set",
    "budgets": "list of budgets",
    "access": "access",
    "pool": "pool",
    "public": "public data set",
    "insider": "insider's view",
    "threat": "threat",
    "goal": "goal",
    "prior": "substitute to start from",
    "surrogates": "given networks",
    "scoring_version": "scoring version",
}
"""Where one of these differs, another plugin trains or defends, or another ball holds an attack's examples, the numbers
answer another question. What else changed is noted, and the numbers compared: to find out what it did to them is what a
comparison is for."""


def trainer_of(method: Mapping[str, Any], trainer: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return who made a method's substitutes, name and version at least; empty where it made its own.

    Args:
        method: its identity.
        trainer: the trainer's; None also where identities named none yet.
    """
    if trainer is not None:
        return trainer
    name, version, _ = trained({"method": method})
    return {"name": name, "version": version} if name else {}


def another_trainer(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return, as ``fixed_differences``, that substitutes are made by another plugin, or no longer by the method itself."""
    old, new = (of.get("name", "the method itself") for of in (before, now))
    return [] if old == new else [f"trainer ({new}, was {old})"]


def trainer_changes(where: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value of a trainer that differs, of those that both sides know."""
    both = before.keys() & now.keys()
    old, new = ({"trainer": {key: of[key] for key in both}} for of in (before, now))
    return changes(where, old, new)


def fixed_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what makes two scenarios' numbers incomparable, in words; empty where nothing does."""
    old, new = ({**rules, **_play(rules)} for rules in (before, now))
    wrong = [words for key, words in FIXED.items() if old.get(key) != new.get(key)]
    return [*wrong, *_another_defence(before, now), *(f"threat of {attack}" for attack in _another_ball(before, now))]


def _play(rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a query attack is to reach, and what it starts from, whatever the versions."""
    search = rules.get("search") or {}
    prior, given = search.get("prior") or {}, search.get("surrogates") or []
    makers = [(prior.get(kind) or {}).get("name") for kind in ("method", "trainer")]
    helped = {"prior": [*makers, prior.get("budget")], "surrogates": [each["model"]["name"] for each in given]}
    return {"threat": search.get("threat"), "goal": search.get("goal"), **helped}


def _another_defence(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return that another plugin defends, or the same with another value of an option that both sides know, or of blocks."""
    old, new = (rules.get("defence") or {"name": "none", "options": {}} for rules in (before, now))
    if old["name"] != new["name"]:
        return [f"defence ({new['name']}, was {old['name']})"]
    was, is_ = ({**of["options"], "blocked": rules.get("blocked")} for of, rules in ((old, before), (new, now)))
    changed = sorted(key for key in was.keys() & is_.keys() if was[key] != is_[key])
    return [f"{old['name']} ({key} is {json.dumps(is_[key])}, was {json.dumps(was[key])})" for key in changed]


def _another_ball(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the attacks on substitutes that both sides play, and whose examples another ball must hold now."""
    old, new = _balls(before), _balls(now)
    return sorted(
        {name for name, goal, turn in old.keys() & new.keys() if old[name, goal, turn] != new[name, goal, turn]}
    )


def _balls(rules: Mapping[str, Any]) -> dict[tuple[str, str, int], Any]:
    """Return the threat that a scenario states for each attack, None where it leaves that to the attack."""
    turns: Counter[tuple[str, str]] = Counter()
    found = {}
    for plan in rules.get("attacks") or []:
        key = plan["attack"]["name"], plan["goal"]
        found[*key, turns[key]] = plan.get("threat")
        turns[key] += 1
    return found


def changes(where: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each value that differs, key by key."""
    old, new = dict(_leaves(before)), dict(_leaves(now))
    return [
        f"{where}: {key} was {_said(old, key)}, is {_said(new, key)}"
        for key in sorted(old.keys() | new.keys())
        if _said(old, key) != _said(new, key)
    ]


def _said(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key]) if key in values else "absent"


def _leaves(data: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(data, Mapping | list):
        yield prefix, data
        return
    for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
        yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))
