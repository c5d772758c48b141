"""Metadata of the exported tables in the Croissant format 1.0 (JSON-LD): what each suite's files are, column by column.

``templates/croissant.json`` has what all suites share.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from benchbox.report.paths import MARK, slug, suite_path
from benchbox.report.prose import TEMPLATES
from benchbox.report.suite import SuiteView

if TYPE_CHECKING:
    from benchbox.report.export import Column

NAME = "croissant.jsonld"


def croissant(suite: SuiteView, csv: Mapping[str, str], columns: Iterable[Column], date: str) -> str:
    """Return the metadata of a suite's exported curves.

    ``csv`` is the exported CSV by data set, ``columns`` are of all of them, ``date`` is the newest result's, or empty.
    """
    about = " ".join((suite.title or suite.suite, suite.description)).strip()
    data = {
        "description": f"Tables {MARK}: the points of every curve of the suite {suite.suite}. {about}",
        **json.loads((TEMPLATES / "croissant.json").read_text(encoding="utf-8")),
        "name": f"benchbox-{slug(suite.suite)}",
        "url": f"../../{suite_path(suite.suite)}",
        **({"datePublished": date} if date else {}),
        "distribution": [_file(f"{slug(dataset)}.csv", text.encode()) for dataset, text in csv.items()],
        "recordSet": [_records(slug(dataset), columns) for dataset in csv],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _file(name: str, content: bytes) -> dict[str, Any]:
    of = {
        "contentSize": f"{len(content)} B",
        "encodingFormat": "text/csv",
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return {"@type": "cr:FileObject", "@id": name, "name": name, "contentUrl": name, **of}


def _records(name: str, columns: Iterable[Column]) -> dict[str, Any]:
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
    said = "A row is a method, metric, attack and budget: the points of every curve."
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "description": said, "field": fields}
