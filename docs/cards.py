"""Writes docs/cards: a card and Croissant metadata for each data set that benchbox brings, and one for the targets."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchbox.registry import Catalogue, Row, load
from benchbox.report.croissant import CONFORMS, CONTEXT
from benchbox.suites import load_suite, suite_names
from benchbox.target.zoo import TargetRecord
from benchbox.target.zoo.folder import TargetFolder

_ANYBODYS = ("folder", "npz", "held-out", "imagenet-sample")
"""Data sets that stand for whatever is given, or for a part of another."""
_UNSTATED = "not stated by its authors"


class _Source(NamedTuple):
    """What no plugin says of a data set: where it comes from, and what may be done with it."""

    url: str
    licence: str
    authors: tuple[str, ...]
    year: int
    files: str = ""


_SOURCES = {
    "digits": _Source(
        "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits",
        "https://creativecommons.org/licenses/by/4.0/",
        ("Ethem Alpaydin", "Cenk Kaynak"),
        1998,
    ),
    "mnist": _Source(
        "http://yann.lecun.com/exdb/mnist/",
        _UNSTATED,
        ("Yann LeCun", "Corinna Cortes", "Christopher J. C. Burges"),
        1998,
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    "fashion-mnist": _Source(
        "https://github.com/zalandoresearch/fashion-mnist",
        "https://spdx.org/licenses/MIT",
        ("Han Xiao", "Kashif Rasul", "Roland Vollgraf"),
        2017,
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    "usps": _Source(
        "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps",
        _UNSTATED,
        ("Jonathan J. Hull",),
        1994,
    ),
    "cifar10": _Source(
        "https://www.cs.toronto.edu/~kriz/cifar.html",
        _UNSTATED,
        ("Alex Krizhevsky", "Vinod Nair", "Geoffrey Hinton"),
        2009,
    ),
    "imagenet": _Source(
        "https://www.image-net.org/challenges/LSVRC/2012/",
        "research and education that is not commercial, by ImageNet's terms of access",
        ("Olga Russakovsky", "Jia Deng", "Hao Su", "and others"),
        2015,
    ),
}


_TARGETS = """# Targets

The models that the suites attack. Each is trained by a recipe from its data set's training images, and pinned by the sha256 of
its weights; `benchbox targets --train NAME` makes one anew.

**Meant for** being attacked in these suites. They are small, trained to usual accuracy, and nothing was done to make them hard
to copy or to fool: what holds of them need not hold of a service. **Not meant for** reading digits or telling garments apart in
earnest.

**Chosen on** no figure: the recipe was chosen on a slice of the training images, the five seeds are the first five, and the
last epoch's weights are taken. The *hold-out* is how many training images a target never saw, since they are the attacker's.
"""


def cards(head: str) -> dict[str, str]:
    """Return the cards by their paths in docs.

    Raises:
        ValueError: of a data set that benchbox brings, nobody wrote down where it comes from.
    """
    catalogue = Catalogue.discover()
    rows = [row for row in catalogue.entries("dataset") if row.builtin and row.name not in _ANYBODYS]
    unknown = {row.name for row in rows} ^ set(_SOURCES)
    if unknown:
        raise ValueError(f"docs/cards.py should say where {sorted(unknown)} come from, and nothing else")
    folders = [TargetFolder(path, pinned=True) for path in catalogue.target_folders]
    records = [record for folder in folders for record in folder.records()]
    suites = [load_suite(name, catalogue) for name in suite_names(catalogue)]
    played = {row.name: [suite.name for suite in suites if row.name in suite.datasets] for row in rows}
    found = {f"cards/{row.name}.md": head + _data_card(row, records, played[row.name]) for row in rows}
    found |= {f"cards/{row.name}.jsonld": _croissant(row) for row in rows}
    recipes = {name: recipe for folder in folders for name, recipe in folder.recipes.items()}
    beside = ", ".join(f"[{row.name}]({row.name}.md)" for row in rows)
    card = "".join(_target_card(records, recipes))
    return found | {"cards/targets.md": f"{head}{card}\nThe data sets have cards of their own: {beside}.\n"}


def _data_card(row: Row, records: list[TargetRecord], suites: list[str]) -> str:
    source, mine = _SOURCES[row.name], [record for record in records if record.dataset == row.name]
    hashes = sorted({record.dataset_hash for record in mine})
    shapes = sorted({" x ".join(map(str, record.shape)) for record in mine})
    facts = [
        ("authors", ", ".join(source.authors)),
        ("published", str(source.year)),
        ("where", f"<{source.url}>"),
        ("licence", source.licence),
        ("images", f"{', '.join(shapes)} (channels, height, width)" if shapes else ""),
        ("classes", ", ".join(sorted({str(record.classes) for record in mine}))),
        ("content, as pinned targets saw it", ", ".join(f"sha256 `{digest}`" for digest in hashes)),
        ("suites that are meant for it", ", ".join(suites)),
        ("targets that come with benchbox", f"{len(mine)}, see [targets.md](targets.md)" if mine else ""),
        ("metadata", f"[{row.name}.jsonld]({row.name}.jsonld), Croissant 1.0"),
    ]
    table = "".join(f"| {name} | {text} |\n" for name, text in facts if text)
    return (
        f"# {row.name}\n\n{inspect.getdoc(load(row))}\n\n| | |\n|---|---|\n{table}\n"
        "Training images are what targets learn from and what the attacker's pool is drawn from; test images are seen by the "
        "core's scoring alone. benchbox ships none of these images, and fetches nothing unasked.\n"
    )


def _croissant(row: Row) -> str:
    source, plugin = _SOURCES[row.name], load(row)
    md5: dict[str, str] = getattr(plugin, "md5", {})
    files = [
        {
            "@type": "cr:FileObject",
            "@id": f"{name}.gz",
            "name": f"{name}.gz",
            "contentUrl": f"{source.files}{name}.gz",
            "encodingFormat": "application/gzip",
            "md5": digest,
        }
        for name, digest in md5.items()
    ]
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": row.name,
        "description": " ".join((inspect.getdoc(plugin) or "").split()),
        "url": source.url,
        "license": source.licence,
        "creator": [{"@type": "Person", "name": name} for name in source.authors],
        "datePublished": str(source.year),
        "keywords": ["image classification"],
        **({"distribution": files} if files else {}),
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _target_card(records: list[TargetRecord], recipes: dict[str, Any]) -> Iterator[str]:
    yield _TARGETS
    for name, recipe in recipes.items():
        said = ", ".join(f"{key} {value}" for key, value in recipe.model_dump().items())
        yield f"\n## Recipe `{name}`\n\n{said}.\n"
    yield "\n## Each target\n\n"
    yield "| target | model | seed | hold-out | accuracy on test images | sha256 |\n|---|---|---|---|---|---|\n"
    for record in sorted(records, key=lambda each: (each.dataset, each.model, each.holdout, each.seed)):
        accuracy = f"{100 * record.accuracy:.2f} % of {record.n_test:,}"
        model = f"{record.model}, version {record.model_version}"
        yield f"| `{record.name}` | {model} | {record.seed} | {record.holdout:,} | {accuracy} | `{record.sha256[:16]}…` |\n"
