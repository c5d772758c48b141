"""Metadata of the exported tables in the Croissant format 1.0 (JSON-LD): what each suite's files are, column by column."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from benchbox.report.paths import MARK, slug, suite_path
from benchbox.report.suite import SuiteView

if TYPE_CHECKING:
    from benchbox.report.export import Column

NAME = "croissant.jsonld"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "key": "cr:key",
    "md5": "cr:md5",
    "recordSet": "cr:recordSet",
    "source": "cr:source",
}
"""What the keys mean, as far as we use them."""
CONFORMS = "http://mlcommons.org/croissant/1.0"


def croissant(suite: SuiteView, csv: Mapping[str, str], columns: Iterable[Column], date: str) -> str:
    """Return the metadata of a suite's exported curves.

    Args:
        suite: the suite.
        csv: the exported CSV by data set.
        columns: of all of them.
        date: of the newest result in the store, ISO 8601; empty where there is none.
    """
    about = " ".join((suite.title or suite.suite, suite.description)).strip()
    data: dict[str, Any] = {
        "description": f"Tables {MARK}: the points of every curve of the suite {suite.suite}. {about}",
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": f"benchbox-{slug(suite.suite)}",
        "url": f"../../{suite_path(suite.suite)}",
        "license": "https://spdx.org/licenses/MIT",
        "creator": {"@type": "Organization", "name": "The benchbox founders"},
        "keywords": ["adversarial examples", "model extraction", "black-box attacks", "query budget", "benchmark"],
        **({"datePublished": date} if date else {}),
        "distribution": [_file(dataset, text) for dataset, text in csv.items()],
        "recordSet": [_records(dataset, columns) for dataset in csv],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _file(dataset: str, text: str) -> dict[str, Any]:
    name, content = f"{slug(dataset)}.csv", text.encode()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{len(content)} B",
        "encodingFormat": "text/csv",
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _records(dataset: str, columns: Iterable[Column]) -> dict[str, Any]:
    name = slug(dataset)
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column.name}",
            "name": column.name,
            "description": column.meaning + (f" ({column.unit})" if column.unit else ""),
            "dataType": "sc:Float" if column.unit else "sc:Text",
            "source": {"fileObject": {"@id": f"{name}.csv"}, "extract": {"column": column.name}},
        }
        for column in columns
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": "A row is a method, metric, attack and budget: the points of every curve.",
        "field": fields,
    }
