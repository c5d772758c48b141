"""The rules of a scenario's game, and what was attacked, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchbox.contracts.threat import Threat
from benchbox.registry.spec import render
from benchbox.report.page import PageView
from benchbox.report.tables.sentences import named, trainers
from benchbox.report.tables.words import Cell, Name, Table, amount
from benchbox.report.views.scenario import ScenarioView
from benchbox.suites.plans import threat_text

if TYPE_CHECKING:
    from benchbox.store.detail import ScenarioRules


def rules(page: PageView, view: ScenarioView) -> list[tuple[str, Cell]]:
    """Return the rules of a scenario's game, as terms and what they are here."""
    played, kinds = page.rules[view.name], page.machines[view.name]
    identity, search = played.identity, played.identity.get("search")
    seeds = sorted({seed for standing in view.standings.values() for seed in standing.wanted})
    budgets = ", ".join(f"{budget:,}" for budget in identity["budgets"])
    several = f", one for each seed: {len(view.targets)}" if len(view.targets) > 1 else ""
    found: list[tuple[str, Cell]] = [
        ("Target", (Name(view.target), several or f" (sha256 {view.targets[0][:16]})")),
        ("Substitute", Name(view.substitute)),
        *(("Trainer of the substitutes", text) for text in trainers(view)),
        ("An answer holds", view.access),
        ("The attacker's own images", _pool(played)),
        ("Budgets", f"{budgets} queries{' an example' if search else ''}"),
        ("Seeds", ", ".join(map(str, seeds))),
        ("Data set", (Name(page.dataset), ", content hash ", Name(identity["dataset_hash"][:16]))),
    ]
    if page.seeds is not None and not set(page.seeds) <= set(seeds):
        found.append(("Seeds asked for", f"{', '.join(map(str, page.seeds))}; this store holds fewer"))
    if kinds:
        apart = len({frozenset(labels) for labels in kinds.values()}) > 1
        each = [f"{kind} ({named(labels)})" if apart else kind for kind, labels in kinds.items()]
        mixed = (
            "; machines of several kinds: 'How to read these pages' says how far that moves numbers" if each[1:] else ""
        )
        found.append(("Played on", ", and ".join(each) + mixed))
    found += [("Attack", Name(_attack(plan))) for plan in identity["attacks"]]
    return [*found, ("Search", _search(search))] if search else found


def _pool(played: ScenarioRules) -> str:
    """Return in words which images the attacker owns."""
    if played.pool is None:
        return "none" if played.identity.get("public") is None else "none, but a public data set of another domain"
    size, other = played.pool.get("size"), played.pool.get("dataset")
    text = f"{_count(size)} training images{f' of {other}' if other else ''}"
    return f"{text}, none of which the target was trained on" if played.pool.get("disjoint") else text


def _search(plan: dict[str, Any]) -> str:
    images = f"{_count(plan['images'])} test images"
    text = f"{plan['goal']}, {threat_text(Threat(**plan['threat']))}, of {images}, those that the target gets wrong left out"
    prior = plan["prior"]
    if plan.get("surrogates"):
        names = ", ".join(render(each["model"]["name"], each["model"]["options"]) for each in plan["surrogates"])
        return f"{text}; networks that others trained for the same task are granted: {names} (privileged)"
    if prior is None:
        return text
    made = (prior["method"], *filter(None, [prior["trainer"]]))
    names = " + ".join(render(each["name"], each["options"]) for each in made)
    return f"{text}; a substitute of {prior['budget']:,} queries by {names} is granted"


def _attack(plan: dict[str, Any]) -> str:
    name = render(plan["attack"]["name"], plan["attack"]["options"])
    images = f"{_count(plan['images'])} test images"
    at = "every budget" if plan["at"] == "every" else "the last budget"
    threat = f", {threat_text(Threat(**plan['threat']))}" if plan.get("threat") else ""
    return f"{name} {plan['goal']}{threat}: {', '.join(plan['success'])} on {images}, at {at}"


def _count(images: int | None) -> str:
    return "all" if images is None else f"{images:,}"


def targets(page: PageView) -> Table:
    """Return the targets that the page's scenarios attack."""
    rows: list[list[Cell]] = [
        [
            Name(target["name"]),
            Name(target["model"]),
            f"{amount(target['accuracy'])} on {target['n_test']:,}",
            Name(sha256),
        ]
        for sha256, target in page.targets.items()
    ]
    return Table(["target", "model", "accuracy, test images", "sha256 of the weights"], rows, range(4))
