"""What the site writes from the code where no library does: a part is what ``{{ NAME }}`` in a page stands for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from benchbox.cli.examples import EXAMPLES
from benchbox.kinds import BY_NAME, KINDS, READERS, Role
from benchbox.registry import About, Catalogue, Row
from benchbox.suites import ScenarioTable, Suite, SuiteAttack, load_suite, suite_names
from benchbox.suites.tables import MethodEntry, PoolTable, PriorTable, TargetTable, ThreatTable
from benchbox.target.zoo import TargetRecord
from benchbox.target.zoo.folder import TargetFolder
from benchbox.testing import rules_for

CARDS = Path(__file__).parent / "cards"
"""Where data sets come from and what may be done with them: Croissant metadata, written by hand."""
_TABLES: dict[str, type[BaseModel]] = {
    "suite": Suite,
    "scenario": ScenarioTable,
    "target": TargetTable,
    "pool": PoolTable,
    "method": MethodEntry,
    "attack": SuiteAttack,
    "threat": ThreatTable,
    "prior": PriorTable,
}


@cache
def _catalogue() -> Catalogue:
    os.environ.setdefault("BENCHBOX_IMPORT_SECONDS", "300")  # a busy machine is no reason for a page without plugins
    return Catalogue.discover()


def _about(rows: list[Row]) -> Iterator[tuple[Row, About]]:
    """Yield what plugins say of themselves.

    Raises:
        ValueError: one cannot be loaded.
    """
    for row, about in zip(rows, _catalogue().about(rows), strict=True):
        if about is None:
            raise ValueError(f"{row.who} cannot be loaded, so no page can tell about it")
        yield row, about


def examples() -> Iterator[str]:
    """Yield the examples of every command's help."""
    yield "```sh"
    for lines in EXAMPLES.values():
        yield from lines
    yield "```"


def keys(table: str) -> Iterator[str]:
    """Yield the keys of a table of suite files."""
    fields = [(name, field) for name, field in _TABLES[table].model_fields.items() if field.description]
    rows = [
        (f"`{name}`", "required" if field.is_required() else _toml(field.default), field.description)
        for name, field in fields
    ]
    return _table(("key", "default", "meaning"), rows)


def methods() -> Iterator[str]:
    """Yield every built-in plugin: what it does, where it comes from, which reading was chosen, options and profiles."""
    told = list(_about([row for row in _catalogue().entries() if row.builtin]))
    for kind in sorted(BY_NAME.values(), key=lambda kind: kind.role is Role.RULES):
        yield f"## {kind.heading}"
        for row, about in told:
            if row.kind == kind.name:
                yield from _plugin(row, about)


def rules() -> Iterator[str]:
    """Yield what the conformance kit holds against plugins."""
    found = {rule.name: rule for kind in KINDS for rule in rules_for(kind)}
    rows = [
        (f"`{name}`", "all" if rule.kinds == KINDS else ", ".join(rule.kinds), rule.expects)
        for name, rule in found.items()
    ]
    return _table(("rule", "kinds", "expected"), rows)


def datasets() -> Iterator[str]:
    """Yield a card for each data set that benchbox brings."""
    catalogue = _catalogue()
    rows = [catalogue.get("dataset", path.stem) for path in sorted(CARDS.glob("*.jsonld"))]
    suites = [load_suite(name, catalogue) for name in suite_names(catalogue)]
    for row, about in _about(rows):
        mine = [record for record in _records() if record.dataset == row.name]
        played = [suite.name for suite in suites if row.name in suite.datasets]
        yield from (f"### {row.name}", "", about.doc, "", *_table(("", ""), _facts(row.name, mine, played)))


def targets() -> Iterator[str]:
    """Yield the recipes by which targets are trained, and each target that comes with benchbox."""
    for name, recipe in ((name, it) for folder in _folders() for name, it in folder.recipes.items()):
        said = ", ".join(f"{key} {value}" for key, value in recipe.model_dump().items())
        yield from (f"### Recipe `{name}`", "", f"{said}.", "")
    yield from ("### Each target", "")
    order = sorted(_records(), key=lambda each: (each.dataset, each.model, each.holdout, each.seed))
    rows = [
        (
            f"`{record.name}`",
            f"{record.model}, version {record.model_version}",
            f"{record.seed}",
            f"{record.holdout:,}",
            f"{100 * record.accuracy:.2f} % of {record.n_test:,}",
            f"`{record.sha256[:16]}…`",
        )
        for record in order
    ]
    yield from _table(("target", "model", "seed", "hold-out", "accuracy on test images", "sha256"), rows)


PARTS: dict[str, Callable[..., Iterator[str]]] = {
    "examples": examples,
    "keys": keys,
    "methods": methods,
    "rules": rules,
    "datasets": datasets,
    "targets": targets,
}


def _plugin(row: Row, about: About) -> Iterator[str]:
    marks = [f"version {row.version}"]
    if row.kind in READERS:
        marks += [f"needs {row.needs.value}", *_uses(row, row.name, "uses")]
        for profile in about.profiles:
            marks += _uses(row, f"{row.name}[profile={profile}]", f"`profile={profile}` uses")
    if row.privileged:
        marks.append("some options are privileged")
    yield from ("", f"### {row.name}", "", f"*{', '.join(marks)}*", "", about.doc, "")
    if about.options:
        yield from _table(
            ("option", "default", "meaning"),
            [(f"`{it.name}`", f"`{it.default}`", it.description) for it in about.options],
        )
    if about.profiles:
        yield from _table(
            ("profile", "stands for"), [(f"`{name}`", f"`{spec}`") for name, spec in about.profiles.items()]
        )


def _uses(row: Row, text: str, says: str) -> list[str]:
    """Return what a plugin uses with these options beyond answers and images, in words; nothing where that is nothing."""
    wanted = _catalogue().resolve(row.kind, text).wants
    return [f"{says} {' and '.join(grant.word for grant in wanted)}"] if wanted else []


def _facts(name: str, records: list[TargetRecord], suites: list[str]) -> list[tuple[str, str]]:
    card = json.loads((CARDS / f"{name}.jsonld").read_text(encoding="utf-8"))
    facts = [
        ("authors", ", ".join(each["name"] for each in card["creator"])),
        ("published", card["datePublished"]),
        ("where", f"<{card['url']}>"),
        ("licence", card["license"]),
        ("images", _each(" x ".join(map(str, record.shape)) + " (channels, height, width)" for record in records)),
        ("classes", _each(str(record.classes) for record in records)),
        ("content, as pinned targets saw it", _each(f"sha256 `{record.dataset_hash}`" for record in records)),
        ("suites that are meant for it", ", ".join(suites)),
        ("targets that come with benchbox", f"{len(records)}" if records else ""),
        ("metadata", f"[{name}.jsonld](cards/{name}.jsonld), Croissant 1.0"),
    ]
    return [fact for fact in facts if fact[1]]


def _each(texts: Iterable[str]) -> str:
    return ", ".join(sorted(set(texts)))


@cache
def _folders() -> list[TargetFolder]:
    return [TargetFolder(path, pinned=True) for path in _catalogue().target_folders]


@cache
def _records() -> list[TargetRecord]:
    return [record for folder in _folders() for record in folder.records()]


def _toml(value: Any) -> str:
    return f"`{json.dumps(value)}`" if value not in (None, "", ()) else "none"


def _table(head: Iterable[str], rows: Iterable[Iterable[str | None]]) -> Iterator[str]:
    head = list(head)
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        cells = ((text or "").replace("|", "\\|").replace("\n", " ") for text in row)
        yield f"| {' | '.join(cells)} |"
    yield ""
